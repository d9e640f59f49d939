"""Settings that the simulated systems keep between starts of the demo."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Final

from simulators.certificates import DeviceCertificate

from .api import Json
from .hass import free_port, port_is_free, usual_port

_INDENT: Final = 2


class PortTakenError(OSError):
    """Another program uses a port from the previous start."""


class Kept:
    """Ports, certificates, and tokens of one system, in a file.

    Home Assistant remembers the addresses, certificates, and tokens of the systems, so they must
    stay the same.
    """

    def __init__(self, file: Path) -> None:
        """Read the file if it exists."""
        self._file = file
        self._values: dict[str, Json] = (
            json.loads(file.read_text()) if file.exists() else {}
        )

    def port(self, usual: int, name: str = "port") -> int:
        """Return the previous port, or at first the usual one (or any, if it is in use).

        Raises PortTakenError when the previous port is in use.
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
        """Return the previous certificate, or a new one."""
        if (pair := self._values.get("certificate")) is None:
            made = make()
            pair = [made.certificate.decode(), made.key.decode()]
            self._set("certificate", pair)
        return DeviceCertificate(*(text.encode() for text in pair))

    def get(self, name: str) -> Json:
        """Return a value stored by ``set``, or None."""
        return self._values.get(name)

    def set(self, name: str, value: Json) -> None:
        """Store a value that is valid JSON."""
        if self._values.get(name) != value:
            self._set(name, value)

    def _set(self, name: str, value: Json) -> None:
        self._values[name] = value
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._values, indent=_INDENT))
        new.replace(self._file)
