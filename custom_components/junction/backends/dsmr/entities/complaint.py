"""What the dialog says when listening to a port failed."""

from typing import Any, Final

from ....errors import BackendError
from ..client.errors import HttpError, PortBusyError
from ..client.transport import has_speed, port_of, redact

_ON_NETWORK: Final = {
    "no_data": "no_data_network",
    "no_telegram": "no_telegram_network",
}
# What servers call the same needs other words here.
_OF_A_LINE: Final = {"connection_lost": "line_lost"}
# A web server says nothing before it is asked, or hangs up.
_WEB_PORTS: Final = frozenset({80, 443, 8080, 8123})
_SILENT: Final = frozenset({"no_data_network", "connection_lost"})


def complaint(error: BackendError, port: str, holder: str | None) -> dict[str, Any]:
    """Return the error of a form and its placeholders, for cable and network.

    ``port`` is as it was typed, ``holder`` the program that holds it, if known.
    """
    key = error.key
    if not has_speed(port):
        # What helps is at the other end of the network
        key = _ON_NETWORK.get(key, key)
        if key in _SILENT and port_of(port) in _WEB_PORTS:
            key = HttpError.key
    key = _OF_A_LINE.get(key, key)
    if not port.strip():
        key = "port_missing"
    words = dict(error.placeholders)
    if holder and isinstance(error, PortBusyError):
        key = "port_held"
        words["holder"] = holder
    # As it was typed: what servers say is made plain, this need not be
    words["port"] = redact(port)
    return {"errors": {"base": key}, "description_placeholders": words}
