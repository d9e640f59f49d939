"""Tests of the Cozify backend."""
