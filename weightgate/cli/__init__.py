"""The command line: one module per command group, which parse, call the API, render, and map to an exit code."""
