"""``policy prove``: what holds of a pack for all facts, shown by walks over its decision diagrams."""
