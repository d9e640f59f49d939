"""Hostile servers: they affect their own entry only, never Home Assistant."""
