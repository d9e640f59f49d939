"""Errors that the form shows when listening to a port failed."""

from typing import Any, Final

from ....errors import BackendError
from ..client.errors import HttpError, PortBusyError
from ..client.transport import has_speed, port_of, show_port

_ON_NETWORK: Final = {
    "no_data": "no_data_network",
    "no_telegram": "no_telegram_network",
}
# Serial lines need another text than servers for the same error.
_OF_A_LINE: Final = {"connection_lost": "line_lost"}
# A web server sends nothing without a request, or closes the connection.
_WEB_PORTS: Final = frozenset({80, 443, 8080, 8123})
_SILENT: Final = frozenset({"no_data_network", "connection_lost"})


def complaint(error: BackendError, port: str, holder: str | None) -> dict[str, Any]:
    """Return the error of a form and its placeholders, for cable or network.

    ``port`` is the user's input, ``holder`` the program that uses it, if known.
    """
    key = error.key
    if not has_speed(port):
        # The cause is at the other end of the network.
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
    # The user's own input needs no escaping, unlike the words of a server.
    words["port"] = show_port(port)
    return {"errors": {"base": key}, "description_placeholders": words}
