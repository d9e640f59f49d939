"""Figures against the peers, side by side in one run: ``scripts/bench``."""
