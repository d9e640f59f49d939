"""Tests of the client library of Mycodo."""
