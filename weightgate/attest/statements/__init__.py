"""What is signed about a model: a decision, its summaries, and the checks that need nothing but the statement and a clock."""
