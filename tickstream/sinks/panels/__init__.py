"""Panels: what takes the place of a table's rows for a while, and is left by a key."""
