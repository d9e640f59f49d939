"""Client that forwards telegrams to DSMR-reader servers.

Free of Home Assistant. ``ReaderApi`` makes the requests, ``DiskQueue`` stores waiting
telegrams, ``Forwarder`` sends them. See ``docs/protocols/dsmr_reader.md#forwarding``.
"""
