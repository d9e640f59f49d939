"""A simulated OpenMotics: the local gateway, and the two clouds before it.

Faithful to ``reference`` §6 and to what was captured from the real gateway software.
"""
