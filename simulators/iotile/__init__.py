"""A simulated IOTile Cloud: its API with its bugs, and the uploads of devices."""
