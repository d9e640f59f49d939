"""IOTile Cloud: data streams of battery-powered sensors that upload their measurements."""
