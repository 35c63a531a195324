"""How near a candidate is to the clean picture."""
