"""What the simulated systems keep from one start of the demo to the next."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Final

from simulators.certificates import DeviceCertificate

from .api import Json
from .hass import free_port, port_is_free, usual_port

_INDENT: Final = 2


class PortTakenError(OSError):
    """Another program listens on a port that the demo used before."""


class Kept:
    """Ports, certificates and tokens of one system, in a file.

    Home Assistant remembers where the systems are and which certificates and tokens
    they had, so they must return with the same.
    """

    def __init__(self, file: Path) -> None:
        """Read the file, if there is one."""
        self._file = file
        self._values: dict[str, Json] = (
            json.loads(file.read_text()) if file.exists() else {}
        )

    def port(self, usual: int, name: str = "port") -> int:
        """Return the port of before, or at first the usual one (or any, if it is taken).

        Raises PortTakenError when the port of before is in use.
        """
        port = self._values.get(name)
        if port is None:
            self._set(name, usual_port(usual) or free_port())
            port = self._values[name]
        if not port_is_free(port):
            raise PortTakenError(
                f"port {port} is in use, which the demo used before: stop the other"
                " program, or start with --fresh"
            )
        return int(port)

    def certificate(self, make: Callable[[], DeviceCertificate]) -> DeviceCertificate:
        """Return the certificate of before, or a new one."""
        if (pair := self._values.get("certificate")) is None:
            made = make()
            pair = [made.certificate.decode(), made.key.decode()]
            self._set("certificate", pair)
        return DeviceCertificate(*(text.encode() for text in pair))

    def get(self, name: str) -> Json:
        """Return what was stored by ``set``, or None."""
        return self._values.get(name)

    def set(self, name: str, value: Json) -> None:
        """Store a value that JSON can hold."""
        if self._values.get(name) != value:
            self._set(name, value)

    def _set(self, name: str, value: Json) -> None:
        self._values[name] = value
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._values, indent=_INDENT))
        new.replace(self._file)
