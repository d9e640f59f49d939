"""DLMS push, used by customer ports that are not P1 (``docs/protocols/dlms.md``)."""
