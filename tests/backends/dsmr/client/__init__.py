"""Tests of the client for P1 meters, without Home Assistant."""
