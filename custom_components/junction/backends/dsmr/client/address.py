"""Parse the address of a port as typed by a user, and show it again."""

from contextlib import suppress
import re
from typing import Final
import unicodedata

from ....errors import BackendError
from .errors import UnclearAddressError, WrongSchemeError

# Readers with a raw port use the telnet port by default.
DEFAULT_PORT: Final = 23

_SCHEMES: Final = frozenset(
    {"socket", "rfc2217", "esphome", "esphome-hass", "device", "posix", "linux", "loop"}
)
# Common names for a raw connection.
_RAW: Final = frozenset({"tcp", "telnet", "raw", "ser2net", "socket"})
# Those that can be stored.
_RAW_SCHEMES: Final = frozenset({"socket", "tcp"})
_DEVICE: Final = frozenset({"serial", "tty", "com"})
# Schemes of other protocols, recognized even without the slashes.
_OTHERS: Final = frozenset(
    {"http", "https", "ws", "wss", "mqtt", "mqtts", "ftp", "udp", "ssh", "file"}
)

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(?::/{0,2}|//)(.*)")
_HOST: Final = (
    r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+(?:%\w+)?\]"
)
_PLACE: Final = re.compile(rf"({_HOST})(?:[:\s,;]+(\d*))?/?")
_BARE_IPV6: Final = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?")
_HOST_AND_PORT: Final = re.compile(rf"(?:{_HOST}):\d+(?:[/?]|$)")
_WINDOWS: Final = re.compile(r"(?:\\\\[.?]\\)?COM\d+:?", re.IGNORECASE)
_BARE_DEVICE: Final = re.compile(r"(?:dev/|tty|cu\.|serial/by-)[\w./:-]*")
_BY: Final = re.compile(r"by-(?:id|path)/[\w./:-]+")


def read_address(typed: str) -> str:
    """Return the path or URL for the input.

    Accepts ``192.168.1.5:23``, ``reader.local`` (port 23), ``tcp://…``, ``telnet://…``,
    a bare ``ttyUSB0``, quotes, and whitespace. Raises WrongSchemeError for the URL of
    another protocol (``http://…``), and UnclearAddressError for what is neither a
    device nor an address (the page of a website, ``COM3``).
    """
    text = typed.strip().strip("\"'<>`").strip()
    if text.startswith("/"):
        return text
    if _BARE_DEVICE.fullmatch(text):
        return f"/dev/{text.removeprefix('dev/')}"
    if _BY.fullmatch(text):
        return f"/dev/serial/{text}"
    # Full-width colons and digits of other keyboards.
    text = unicodedata.normalize("NFKC", text)
    if _BARE_IPV6.fullmatch(text):
        return f"socket://[{text}]:{DEFAULT_PORT}"
    found = _SCHEME.fullmatch(text)
    if found is not None and (_is_scheme(found[1].lower()) or "://" in text):
        return _url(found[1].lower(), found[2].strip(), typed)
    if _WINDOWS.fullmatch(text):
        raise UnclearAddressError(port=typed)
    return _on_network(text, typed)


def show_address(address: str) -> str:
    """Return an address as people type it: a raw connection as ``192.168.1.5:23``.

    Other schemes say how to connect, and stay. ``read_address`` gives the same address
    again, with ``socket`` for ``tcp``.
    """
    scheme, _, place = address.partition("://")
    if scheme in _RAW_SCHEMES:
        # Without its scheme, some names of hosts ("com", "tty") are something else.
        with suppress(BackendError):
            if read_address(place) == f"socket://{place}":
                return place
    return address


def _on_network(text: str, typed: str) -> str:
    compact = re.sub(r"\s*([:,;])\s*", r"\1", text)
    if (place := _PLACE.fullmatch(compact)) is None:
        raise UnclearAddressError(port=typed)
    return f"socket://{place[1]}:{place[2] or DEFAULT_PORT}"


def _is_scheme(word: str) -> bool:
    """Return whether a word is a scheme without its slashes, not the name of a host."""
    return word in _SCHEMES | _RAW | _DEVICE | _OTHERS


def _url(scheme: str, rest: str, typed: str) -> str:
    if scheme in _RAW:
        compact = re.sub(r"\s+(?=\D)|(?<=\D)\s+", "", rest)
        if _BARE_IPV6.fullmatch(compact):
            # The port cannot be distinguished from the last part of the address.
            raise UnclearAddressError(port=typed)
        return _on_network(compact, typed)
    if scheme in _DEVICE:
        return rest if rest.startswith("/") else f"/dev/{rest.removeprefix('dev/')}"
    if scheme in _SCHEMES and rest:
        if scheme == "rfc2217" and not _HOST_AND_PORT.match(rest):
            raise UnclearAddressError(port=typed)
        return f"{scheme}://{rest}"
    if scheme in _SCHEMES:
        raise UnclearAddressError(port=typed)
    raise WrongSchemeError(scheme=f"{scheme}://")
