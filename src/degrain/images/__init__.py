"""Pictures: files in, files out, exact scaling between."""
