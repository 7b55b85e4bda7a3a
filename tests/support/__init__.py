"""Small real fakes that several tests share."""
