"""What was changed between two packs' documents, by name, whether or not it makes a difference."""
