"""Anything that denoises, behind one protocol."""
