"""Devices and points of a Cozify hub in Home Assistant."""
