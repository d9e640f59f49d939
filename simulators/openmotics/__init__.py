"""A simulated OpenMotics: the local gateway, and the two clouds before it.

Faithful to docs/protocols/openmotics.md and to what was captured from the real gateway software.
"""
