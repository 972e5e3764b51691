"""What was changed between two packs' documents."""
