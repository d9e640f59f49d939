"""Tests of the simulators: what they send is what the real systems send."""
