"""From the name of a destination to the countries it may stand for. Nothing unknown is ever guessed."""
