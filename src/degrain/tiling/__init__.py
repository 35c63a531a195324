"""Geometry: cutting a picture into tiles and joining them again."""
