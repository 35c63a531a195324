"""Noise: what spoils a picture, drawn the same on NumPy and torch."""
