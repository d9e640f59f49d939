"""Cozify hubs: the cloud that logs in, the hub that does the work."""
