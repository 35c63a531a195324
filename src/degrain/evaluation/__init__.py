"""Denoisers x pictures x noises, measured on one frozen draw."""
