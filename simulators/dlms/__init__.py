"""Simulated customer ports that push DLMS lists, on the meter and the lines of ``p1``."""
