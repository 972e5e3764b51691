"""Reading and writing documents: the one YAML loader, the one JSON reader, and output that is never partial."""
