"""The whole simulated house, added as a person adds it: what Home Assistant then shows."""
