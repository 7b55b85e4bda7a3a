"""Everything that knows Yahoo: its frames, and how its streamer is followed."""

YAHOO = "wss://streamer.finance.yahoo.com/?version=2"
"""Yahoo's streamer, in version 2 of its protocol."""
