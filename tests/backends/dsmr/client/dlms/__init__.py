"""Tests of DLMS push."""
