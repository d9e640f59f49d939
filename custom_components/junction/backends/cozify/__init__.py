"""Cozify hubs."""
