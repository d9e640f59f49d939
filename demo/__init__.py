"""A real Home Assistant with Junction and simulated systems, to look at and to check."""
