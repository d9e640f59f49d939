"""How a point of a device is described and read, and what points ask of the backend."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ....model import Point
from ..client import Device


class DeviceControl(Protocol):
    """What points ask of the backend. All raise BackendError."""

    async def switch(self, device: str, *, on: bool) -> None:
        """Switch a device or a group."""

    async def set_fields(self, device: str, fields: Mapping[str, Any]) -> None:
        """Set some fields of the state of a device or a group."""

    async def identify(self, device: str) -> None:
        """Make a device show itself."""

    def reported(self, device: str) -> Mapping[str, Any]:
        """Return the state of a device or a group as the hub last told it."""

    def fade(
        self,
        point: Point[Any],
        expected: object,
        seconds: float,
        again: Callable[[], Awaitable[None]],
    ) -> None:
        """Show the end of a transition while it lasts; send ``again`` if nothing comes."""

    def end_fade(self, point: Point[Any]) -> None:
        """Forget a transition: another command replaces it."""


@dataclass(frozen=True, slots=True)
class DescribedPoint:
    """A point of a device; ``read`` gives its state, None for one that has none."""

    point: Point[Any]
    read: Callable[[Device], object] | None
