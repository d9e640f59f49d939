"""Identity and capabilities of an installation."""

from dataclasses import dataclass, field

from .keys import Topic
from .states import Preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answers. ``id`` stays the same for good (a MAC, an installation's number).

    ``online`` is whether a cloud reaches the gateway, ``update`` whether there is newer
    software for it; None = not told. ``url`` is where its own pages are.
    """

    id: str
    title: str
    model: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    serial: str | None = None
    mac: str | None = None
    url: str | None = None
    features: frozenset[str] = frozenset()
    online: bool | None = None
    update: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a transport can do, once it is open.

    ``push``: it tells of changes itself; ``presses``: of inputs, too. ``timers`` are the
    durations in s that an output may be on for: () = any, None = none. ``presets`` are
    those that can be chosen. ``unit_off``: thermostats can be switched off one by one;
    ``group_on``: all of a group at once. ``tolerance`` is how far, in percent, a dimmer
    may be from what it was told. ``blind`` are topics that push does not cover whole.
    """

    push: bool = False
    presses: bool = False
    identify: bool = False
    ventilation: bool = True
    timers: tuple[int, ...] | None = None
    presets: tuple[Preset, ...] = tuple(Preset)
    unit_off: bool = True
    group_on: bool = True
    tolerance: float = 2.0
    survey: float = 60.0
    """Seconds between two looks at what there is: nothing tells of renames."""
    patience: float = 60.0
    """Seconds between two attempts to listen again, at most."""
    lights_off: bool = False
    feeds: bool = False
    """Virtual sensors, inputs, and pulse counters can be fed; services be restarted."""
    blind: frozenset[Topic] = field(default_factory=frozenset)
