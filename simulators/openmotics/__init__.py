"""A simulated OpenMotics: the local gateway, the cloud, and the first cloud.

Based on docs/protocols/openmotics.md and on captures of the real gateway software.
"""
