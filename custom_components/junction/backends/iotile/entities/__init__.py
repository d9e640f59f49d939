"""What Home Assistant sees of an IOTile Cloud."""
