"""What all entities are built from, and what is built."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from homeassistant.helpers.entity import EntityDescription

from ....model import UNAVAILABLE, DeviceSpec, Point
from ..gateway import Gateway
from ..models import Configuration, Identity, Key, States

MANUFACTURER: Final = "OpenMotics"
HUB: Final = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person chose."""

    valves: bool = False
    """Valves are valves, not switches."""
    lights: bool = False
    """Dimmers are lights, whatever hangs on them."""
    buttons: bool = False
    """Group actions are buttons, not scenes."""
    pulses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By id of a pulse counter: ``medium`` and ``per_unit``."""


@dataclass(slots=True, kw_only=True)
class Site:
    """One installation: what there is, what it shows, and the way to it."""

    gateway: Gateway
    identity: Identity
    options: Options
    service: bool = False
    """It is reached through a cloud."""
    presses: bool = False
    """Presses of inputs are told."""
    configuration: Configuration = field(default_factory=Configuration)
    states: dict[Key, object] = field(default_factory=dict)
    live: bool = False
    """Changes are told at this moment."""
    stirred: Callable[[], None] = lambda: None
    """To be called after a command whose effect nobody may tell of."""

    async def stir(self, command: Awaitable[None]) -> None:
        """Carry out a command that has no state of its own to be confirmed by."""
        await command
        self.stirred()


@dataclass(frozen=True, slots=True)
class Built:
    """A point, the states that it shows something of, and how."""

    point: Point[Any]
    sources: tuple[Key, ...]
    show: Callable[[States], object]


@dataclass(slots=True)
class Plan:
    """Devices and points while they are being built."""

    devices: dict[str, DeviceSpec] = field(default_factory=dict)
    built: list[Built] = field(default_factory=list)

    def add(
        self,
        point: Point[Any],
        show: Callable[[States], object] = lambda _states: None,
        *sources: Key,
    ) -> None:
        """Add a point. What has no sources is always there."""
        self.built.append(Built(point, sources, show))

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
