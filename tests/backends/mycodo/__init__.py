"""Tests of the Mycodo backend, against the simulated Mycodo on loopback."""
