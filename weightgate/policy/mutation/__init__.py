"""Mutation: a pack with one thing changed, which its cases should notice."""
