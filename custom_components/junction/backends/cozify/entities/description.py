"""Description and state reader of a point, and the interface of its commands."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ....model import Point
from ..client import Device


class DeviceControl(Protocol):
    """The part of the backend that points use. All methods raise BackendError."""

    async def switch(self, device: str, *, on: bool) -> None:
        """Switch a device or a group."""

    async def set_fields(self, device: str, fields: Mapping[str, Any]) -> None:
        """Set some fields of the state of a device or a group."""

    async def identify(self, device: str) -> None:
        """Let a device identify itself."""

    def reported(self, device: str) -> Mapping[str, Any]:
        """Return the last reported state of a device or a group."""

    def fade(
        self,
        point: Point[Any],
        expected: object,
        seconds: float,
        again: Callable[[], Awaitable[None]],
    ) -> None:
        """Show the target of a transition while it lasts; send ``again`` if it does not start."""

    def end_fade(self, point: Point[Any]) -> None:
        """Forget a transition that another command replaces."""


@dataclass(frozen=True, slots=True)
class DescribedPoint:
    """A point of a device; ``read`` returns its state, None for points without one."""

    point: Point[Any]
    read: Callable[[Device], object] | None
