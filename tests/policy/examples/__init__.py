"""Tests of facts that lead to a place in a decision diagram."""
