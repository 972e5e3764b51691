"""Tests of ``policy prove``: what is claimed, the walks that look for what breaks it, and the readings looked at."""
