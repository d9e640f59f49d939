"""Tests of the OpenMotics backend."""
