"""Licences: which names grant what, which texts are recognised, and what both say together."""
