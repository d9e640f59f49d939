"""How points and devices of an installation are described."""

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
    """One installation: what there is, what it shows, and the way to it."""

    gateway: Gateway
    identity: Identity
    settings: Settings
    service: bool = False
    """It is reached through a cloud."""
    presses: bool = False
    """InputEvents of inputs are told."""
    configuration: Configuration = field(default_factory=Configuration)
    states: dict[Key, object] = field(default_factory=dict)
    live: bool = False
    """Changes are told at this moment."""
    lost: bool = False
    """The last fetch failed."""
    stirred: Callable[[], None] = lambda: None
    """To be called after a command whose effect nobody may tell of."""

    reread: Callable[[], None] = lambda: None
    """To be called when the configuration should be read again soon."""

    async def read_configuration(self) -> None:
        """Read again what there is."""
        self.reread()

    async def stir(self, command: Awaitable[None]) -> None:
        """Carry out a command that has no state of its own to be confirmed by."""
        await command
        self.stirred()


@dataclass(frozen=True, slots=True)
class Described:
    """A point, the states that it shows something of, and how."""

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
        """Add a point. What has no sources is always there."""
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

        Without a name of its own it is called by its ``kind`` and ``number``.
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
    """Return a function that shows one state, or that there is none."""

    def function(states: States) -> object:
        state = states.get(key)
        return show(state) if isinstance(state, kind) else UNAVAILABLE

    return function


def disabled[DescriptionT: EntityDescription](
    description: DescriptionT,
) -> DescriptionT:
    """Return a description of an entity that nobody sees before asking for it."""
    return replace(description, entity_registry_enabled_default=False)


def enabled_if[DescriptionT: EntityDescription](
    wanted: bool, description: DescriptionT
) -> DescriptionT:
    """Return the description, enabled from the start only if that is wanted."""
    return description if wanted else disabled(description)
