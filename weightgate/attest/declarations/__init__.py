"""What a developer declares of a model, signed: read, made, and graded as evidence."""
