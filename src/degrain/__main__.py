"""``python -m degrain`` is the command line."""

from degrain.cli.main import main

if __name__ == "__main__":
    main()
