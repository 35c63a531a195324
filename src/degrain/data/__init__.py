"""From a source to batches on the device."""
