"""Tests of what would make a decision another."""
