"""A real Home Assistant with Junction and simulated systems, for a demo and for checks."""
