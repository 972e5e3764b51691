"""Policy packs: from YAML and CEL to a decision diagram, and the walks over it. Knows nothing of models or files."""
