"""Recipes: what to train, on what, how. Data, no code."""
