"""``python -m degrain`` is the command line."""

from degrain.cli.main import main

main()
