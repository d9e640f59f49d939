"""Delivery of telegrams to DSMR-reader servers, as a part of a P1 meter's entry.

``client`` holds what is free of Home Assistant: the API of a server, which the
DSMR-reader backend reads with too, the queue on disk, and the worker that sends.
"""
