"""Delivery of telegrams to DSMR-reader servers, and the API that reading shares with it.

A package of its own, next to ``http``: a P1 meter forwards with it, and the DSMR-reader
backend reads with its ``ReaderApi``. ``queue`` keeps what waits on disk, ``worker`` sends
it. Only ``adapter``, ``entities`` and ``flow`` know Home Assistant.
"""
