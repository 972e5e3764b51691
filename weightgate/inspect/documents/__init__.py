"""The small documents of a model: its card, its configurations, and what the trainer left."""
