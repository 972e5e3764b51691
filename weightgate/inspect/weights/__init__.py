"""Weights in every format that is understood: what their headers say, and nothing executed or unpickled."""
