"""Client of DSMR-reader servers that telegrams are delivered to.

Free of Home Assistant. ``ReaderApi`` makes the requests, ``DiskQueue`` keeps what waits,
``Forwarder`` sends it. See ``docs/protocols/dsmr_reader.md#forwarding``.
"""
