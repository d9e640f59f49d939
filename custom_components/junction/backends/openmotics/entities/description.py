"""Descriptions of points and devices."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from homeassistant.helpers.entity import EntityDescription

from ....model import UNAVAILABLE, DeviceSpec, Point
from ..client.gateway import Gateway
from ..client.models import Configuration, Identity, Key, States
from ..settings import Settings

MANUFACTURER: Final = "OpenMotics"
HUB: Final = "hub"


@dataclass(slots=True, kw_only=True)
class Installation:
    """One installation: configuration, states, and gateway."""

    gateway: Gateway
    identity: Identity
    settings: Settings
    service: bool = False
    """Whether it is reached through a cloud."""
    presses: bool = False
    """Whether presses of inputs are pushed."""
    configuration: Configuration = field(default_factory=Configuration)
    states: dict[Key, object] = field(default_factory=dict)
    live: bool = False
    """Whether changes are pushed at present."""
    lost: bool = False
    """Whether the last fetch failed."""
    refresh_after_command: Callable[[], None] = lambda: None
    """Called after a command whose effect may not be pushed."""

    reread: Callable[[], None] = lambda: None
    """Called when the configuration should be read again soon."""

    async def read_configuration(self) -> None:
        """Read the configuration again."""
        self.reread()

    async def send_stateless(self, command: Awaitable[None]) -> None:
        """Send a command that has no state to confirm it."""
        await command
        self.refresh_after_command()


@dataclass(frozen=True, slots=True)
class Described:
    """A point, the keys of its states, and a function that shows them."""

    point: Point[Any]
    sources: tuple[Key, ...]
    show: Callable[[States], object]


@dataclass(slots=True)
class Plan:
    """Devices and points while they are being built."""

    devices: dict[str, DeviceSpec] = field(default_factory=dict)
    built: list[Described] = field(default_factory=list)

    def add(
        self,
        point: Point[Any],
        show: Callable[[States], object] = lambda _states: None,
        *sources: Key,
    ) -> None:
        """Add a point. Without ``sources`` it is always available."""
        self.built.append(Described(point, sources, show))

    def device(
        self,
        identity: str,
        name: str,
        *,
        kind: str,
        number: object,
        room: str | None = None,
        **details: Any,
    ) -> str:
        """Add a device behind the gateway and return its id.

        Without a name it is called by its ``kind`` and ``number``.
        """
        spec = DeviceSpec(
            id=identity,
            name=name or None,
            translation_key=None if name else f"openmotics_{kind}",
            placeholders={} if name else {"number": str(number)},
            suggested_area=room,
            via=HUB,
            **{"manufacturer": MANUFACTURER, **details},
        )
        self.devices[identity] = spec
        return identity


def shown[StateT, ResultT](
    kind: type[StateT], key: Key, show: Callable[[StateT], ResultT]
) -> Callable[[States], object]:
    """Return a function that shows one state, or UNAVAILABLE without one."""

    def function(states: States) -> object:
        state = states.get(key)
        return show(state) if isinstance(state, kind) else UNAVAILABLE

    return function


def disabled[DescriptionT: EntityDescription](
    description: DescriptionT,
) -> DescriptionT:
    """Return the description of an entity that is disabled by default."""
    return replace(description, entity_registry_enabled_default=False)


def enabled_if[DescriptionT: EntityDescription](
    wanted: bool, description: DescriptionT
) -> DescriptionT:
    """Return the description, enabled by default only if ``wanted``."""
    return description if wanted else disabled(description)
