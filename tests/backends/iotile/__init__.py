"""IOTile Cloud."""
