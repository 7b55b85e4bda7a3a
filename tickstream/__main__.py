"""`python -m tickstream` is `tickstream`."""

from tickstream.cli.app import main

if __name__ == "__main__":
    main()
