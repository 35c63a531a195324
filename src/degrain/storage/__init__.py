"""Where files live: finding inputs, writing whole or not at all."""
