"""Identity and capabilities of an installation."""

from dataclasses import dataclass, field

from .keys import Topic
from .states import Preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Identity of an installation. ``id`` never changes (a MAC, an installation's number).

    ``online`` is whether the cloud reaches the gateway, ``update`` whether newer
    software is available; None = unknown. ``url`` is the address of its web interface.
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
    """Capabilities of a connection, known after it was opened.

    ``push``: it reports changes; ``presses``: also those of inputs. ``timers`` are the
    possible durations of an output in seconds: () = any, None = none. ``presets`` are
    those that can be selected. ``unit_off``: thermostats can be turned off one by one;
    ``group_on``: a whole group at once. ``tolerance`` is the difference in percent that
    a dimmer may have from its command. ``blind`` are topics that push does not fully
    cover.
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
    """Seconds between two reads of the configuration, because renames are not reported.
    """
    patience: float = 60.0
    """Maximum seconds between two attempts to reconnect the stream."""
    lights_off: bool = False
    feeds: bool = False
    """Virtual sensors, inputs, and pulse counters can be set, and services restarted.
    """
    blind: frozenset[Topic] = field(default_factory=frozenset)
