"""Where pictures meet denoisers."""
