"""`python -m tickstream` is `tickstream`."""

from tickstream.cli.entry import main

if __name__ == "__main__":
    main()
