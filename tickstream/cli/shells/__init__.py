"""The completion scripts of the shells, a module each."""
