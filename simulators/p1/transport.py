"""What the lines to a meter have in common.

All keep to this machine. What a client sends is kept: nothing should ever be written to a meter.
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
        """``baud`` is the meter's speed: a port set to another shows garbage."""
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
        """Path or URL by which a client finds the meter."""

    @property
    @abstractmethod
    def receivers(self) -> int:
        """How many clients are connected now."""

    @abstractmethod
    async def start(self) -> None:
        """Open the line. Raises OSError when that cannot be."""

    @abstractmethod
    async def send(self, data: bytes) -> None:
        """Put bytes on the line for all who are connected; without anybody they are lost."""

    @abstractmethod
    async def break_off(self, action: Action) -> None:
        """End all connections in a certain way; ``restore`` makes new ones possible."""

    @abstractmethod
    async def restore(self) -> None:
        """Let clients connect again. Does nothing when they can."""

    @abstractmethod
    async def stop(self) -> None:
        """Close everything."""

    def at_speed(self, data: bytes, speed: int) -> bytes:
        """Return what a reader at another speed makes of the bytes."""
        if speed == self.baud:
            return data
        length = max(min(len(data) * speed // self.baud, 4 * len(data)), 1)
        return self._rng.randbytes(length)
