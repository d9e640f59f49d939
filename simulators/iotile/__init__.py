"""A simulated IOTile Cloud: the server's answers, its quirks, and what devices upload."""
