"""Tests of ``policy lint``: one pack for each thing that it finds."""
