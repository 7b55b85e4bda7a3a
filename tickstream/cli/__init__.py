"""Options in, objects out: one module a command; the error boundary is in `app`."""
