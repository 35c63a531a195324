"""The command line: a cover over the library, nothing computed here."""
