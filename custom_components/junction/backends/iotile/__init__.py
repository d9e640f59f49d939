"""IOTile Cloud: streams of battery-powered sensors that upload what they measured."""
