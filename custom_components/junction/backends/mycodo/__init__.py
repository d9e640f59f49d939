"""Mycodo: environmental monitoring and control on a Raspberry Pi, by its API v1."""
