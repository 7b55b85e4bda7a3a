"""Several instances as one, by Redis. All that knows Redis is here, and is imported where it is asked for."""
