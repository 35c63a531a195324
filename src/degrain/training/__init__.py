"""Compose, build, fit, export."""
