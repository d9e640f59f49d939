"""A simulated Mycodo: its API v1, the useful routes of its web interface, its daemon.

``plan.greenhouse`` creates the devices; ``server.MycodoServer`` runs it on loopback with the kind
of certificate that Mycodo's installer creates. Checked against captured exchanges.
"""
