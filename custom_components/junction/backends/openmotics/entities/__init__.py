"""Devices and points of an OpenMotics installation, one module per subject."""
