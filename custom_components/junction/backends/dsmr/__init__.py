"""DSMR: smart meters read over their P1 port."""
