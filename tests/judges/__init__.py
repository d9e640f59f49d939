"""Clients that others wrote, run against our simulators as if those were the real systems.

A simulator and a client that follow one description agree with each other also where both
are wrong. A judge knows nothing of that description. Each runs as a script of ``clients/``
in the environment of ``scripts/setup judges``, and reports every call that it made.
"""
