"""Data out: lines for programs, a table for people. A sink reads; it cannot publish."""
