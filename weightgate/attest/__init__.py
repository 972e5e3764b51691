"""Signed attestations of decisions, and what a stranger can check of them."""
