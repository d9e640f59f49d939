"""Benchmarks of Junction against other integrations, side by side in one run."""

import tests.plugin_bends  # noqa: F401 - before the parts import the test plugin
