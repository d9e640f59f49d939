"""Devices and points of a Mycodo.

See docs/protocols/mycodo.md#outputs,
docs/protocols/mycodo.md#controllers-inputs-and-the-daemon, and
docs/protocols/mycodo.md#units-and-measurement-types.
"""
