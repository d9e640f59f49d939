"""The blueprints, each in a real Home Assistant."""
