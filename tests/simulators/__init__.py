"""Tests of the simulators, compared with real systems."""
