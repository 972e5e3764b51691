"""Models on the Hub: one bounded client, a commit as a source of files, and its manifest."""
