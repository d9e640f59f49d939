"""Entities of an IOTile Cloud."""
