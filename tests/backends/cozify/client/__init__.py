"""Tests of the Cozify client."""
