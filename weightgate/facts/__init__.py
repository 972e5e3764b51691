"""The vocabulary: what a decision may depend on, values with evidence, and how evidence is merged."""
