"""A simulated Mycodo: its API v1, the useful routes of its web interface, its daemon.

``plan.greenhouse`` furnishes one, ``server.MycodoServer`` puts it on loopback with the
kind of certificate that Mycodo's installer makes. Checked against captured exchanges.
"""
