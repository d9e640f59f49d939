"""Simulated Cozify: a cloud and any number of hubs (docs/protocols/cozify.md).

``server.CozifyWorld`` runs all of it on loopback.
"""
