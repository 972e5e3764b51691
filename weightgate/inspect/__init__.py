"""From a model reference to facts: where the model lies, what its files say, and who else can have it."""
