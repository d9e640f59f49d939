"""Read the address of a port as people type it."""

import re
from typing import Final

from .errors import WrongSchemeError

# Readers with a raw port use that of telnet, unless they say otherwise.
DEFAULT_PORT: Final = 23

_SCHEMES: Final = frozenset(
    {"socket", "rfc2217", "esphome", "esphome-hass", "device", "posix", "linux", "loop"}
)
# Other names for a raw connection, and for a device.
_RAW: Final = frozenset({"tcp", "telnet", "raw", "ser2net", "socket"})
_DEVICE: Final = frozenset({"serial", "tty", "com"})

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//.*)")
_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.%]+\]"
_PLACE: Final = re.compile(rf"({_HOST})(?:[: ,;]+(\d+))?/?")
_BARE_DEVICE: Final = re.compile(r"(?:tty|cu\.|serial/by-)[\w./:-]*")
_WINDOWS: Final = re.compile(r"COM\d+", re.IGNORECASE)


def read_address(typed: str) -> str:
    """Return the path or URL that someone means.

    ``192.168.1.5:23``, ``reader.local`` (on port 23), ``tcp://…``, ``telnet://…``, a bare
    ``ttyUSB0``, quotes and blanks are understood. Raises WrongSchemeError for the URL of
    something else (``http://…``).
    """
    text = typed.strip().strip("\"'<>").strip()
    if text.startswith(("/", "\\\\")) or _WINDOWS.fullmatch(text):
        return text
    if (found := _SCHEME.fullmatch(text)) is not None:
        return _url(found[1].lower(), found[2][2:].strip())
    if _BARE_DEVICE.fullmatch(text):
        return f"/dev/{text}"
    compact = re.sub(r"\s*([:,;])\s*", r"\1", text)
    if (place := _PLACE.fullmatch(compact)) is not None:
        return f"socket://{place[1]}:{place[2] or DEFAULT_PORT}"
    return text


def _url(scheme: str, rest: str) -> str:
    if scheme in _RAW:
        compact = re.sub(r"\s+", "", rest).rstrip("/")
        if (place := _PLACE.fullmatch(compact)) is not None:
            return f"socket://{place[1]}:{place[2] or DEFAULT_PORT}"
        return f"socket://{compact}"
    if scheme in _DEVICE:
        return rest if rest.startswith("/") else f"/dev/{rest}"
    if scheme in _SCHEMES:
        return f"{scheme}://{rest}"
    raise WrongSchemeError(scheme=f"{scheme}://")
