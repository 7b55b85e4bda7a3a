"""Everything that knows Yahoo: its frames, and how its streamer is followed."""
