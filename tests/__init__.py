"""Tests for Junction."""
