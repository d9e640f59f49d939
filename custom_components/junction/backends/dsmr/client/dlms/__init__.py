"""DLMS push: what customer ports send that are not P1 (``docs/protocols/dlms.md``)."""
