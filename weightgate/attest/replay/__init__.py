"""Deciding again what a decision says, from what it embeds or from the model itself."""
