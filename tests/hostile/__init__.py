"""Servers that mean no good: what they do costs their own entry, never Home Assistant."""
