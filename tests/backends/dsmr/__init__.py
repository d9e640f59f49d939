"""Tests of the DSMR backend."""
