"""Simulated Cozify: a cloud, and any number of hubs (reference/cozify.md §6).

``server.CozifyWorld`` is all of it on loopback.
"""
