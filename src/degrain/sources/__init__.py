"""Data sets: list and load."""
