"""Simulated customer ports that push DLMS lists, with the meter and the lines of ``p1``."""
