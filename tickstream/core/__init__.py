"""Values and decisions, without input or output: no socket, no file, no clock, no event loop."""
