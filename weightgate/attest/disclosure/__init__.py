"""Attestations that disclose no more than the verdict needs, and the openings that show one value later."""
