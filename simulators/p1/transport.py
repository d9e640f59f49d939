"""Base class of the lines of a meter.

All are local to this machine. Bytes from clients are kept, because nothing should ever be written
to a meter.
"""

from abc import ABC, abstractmethod
from random import Random

from .sent import Action

HOST = "127.0.0.1"
PATIENCE = 1.0
"""Seconds after which a client that does not read loses data."""


class Transport(ABC):
    """A line between the meter and its readers."""

    def __init__(self, baud: int = 115200, *, seed: int = 1) -> None:
        """``baud`` is the meter's speed: a port with another speed yields garbage."""
        self.baud = baud
        self.received = bytearray()
        """What clients wrote."""
        self.connections = 0
        """How many clients there have been."""
        self.dropped = 0
        """Bytes that no client took in time."""
        self._rng = Random(f"{seed}/line")

    @property
    @abstractmethod
    def address(self) -> str:
        """Path or URL of the meter for clients."""

    @property
    @abstractmethod
    def receivers(self) -> int:
        """Number of connected clients."""

    @abstractmethod
    async def start(self) -> None:
        """Open the line. Raises OSError when that fails."""

    @abstractmethod
    async def send(self, data: bytes) -> None:
        """Send bytes to all connected clients; without any they are lost."""

    @abstractmethod
    async def break_off(self, action: Action) -> None:
        """End all connections in a given way; ``restore`` allows new ones."""

    @abstractmethod
    async def restore(self) -> None:
        """Accept connections again. Does nothing if they are accepted already."""

    @abstractmethod
    async def stop(self) -> None:
        """Close everything."""

    def at_speed(self, data: bytes, speed: int) -> bytes:
        """Return the bytes as a reader at another speed receives them."""
        if speed == self.baud:
            return data
        length = max(min(len(data) * speed // self.baud, 4 * len(data)), 1)
        return self._rng.randbytes(length)
