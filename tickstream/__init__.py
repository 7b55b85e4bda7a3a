"""A live ticker for the command line, a library, and a relay."""

__version__ = "0.1.0"
