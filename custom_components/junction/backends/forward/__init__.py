"""Forwarding of telegrams to DSMR-reader servers, as a part of a P1 meter's entry.

``client`` is free of Home Assistant: the API of a server, which the DSMR-reader backend
uses too, the queue on disk, and the worker that sends.
"""
