"""One simulated house behind the protocols of six products, as real servers on loopback.

Nothing here imports the integration: a simulator that shares code with the client could not reveal
its mistakes.
"""
