"""Commands for each kind of device, and how its state is read, for ``bench.commands``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulators.http_server import FaultyServer

type Put = Callable[[Any], object]
type Case = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One device: its point, how to set, command, and read it.

    ``cases`` maps a situation to the requested value and the value that the device then takes
    (None: leave it to the simulator). The key "" applies to all other situations; None marks a
    situation that the device does not support.
    """

    name: str
    platform: str
    point: str
    start: Any
    put: Put
    ask: Callable[[Any], tuple[str, dict[str, Any]]]
    shows: Callable[[Mapping[str, Any]], str]
    cases: Mapping[str, Case | None]


@dataclass(frozen=True, kw_only=True)
class System:
    """A running system, and the data of its config entry.

    Commands are requests with ``method`` to ``paths``. ``accepted`` is the body of a successful
    response; ``refused`` is the status and body of a refusal.
    """

    name: str
    unique_id: str
    data: Mapping[str, Any]
    server: FaultyServer
    paths: tuple[str, ...]
    method: str
    accepted: object
    refused: tuple[int, object]
    kinds: tuple[Kind, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


ABSENT: Final[Mapping[str, None]] = {
    "clamped": None,
    "rounded": None,
    "moved elsewhere": None,
}
"""Situations that are impossible for a device with a fixed set of values."""


def light(**about: Any) -> Kind:
    """Return a light, commanded by brightness."""
    return Kind(
        name="light",
        platform="light",
        ask=lambda level: ("light.turn_on", {"brightness": level}),
        shows=lambda a: str(a.get("brightness")),
        **about,
    )


def number(**about: Any) -> Kind:
    """Return a number, commanded by value."""
    return Kind(
        name="number",
        platform="number",
        ask=lambda value: ("number.set_value", {"value": value}),
        shows=lambda a: str(a["state"]),
        **about,
    )


def climate(**about: Any) -> Kind:
    """Return a climate entity, commanded by temperature."""
    return Kind(
        name="climate",
        platform="climate",
        ask=lambda to: ("climate.set_temperature", {"temperature": to}),
        shows=lambda a: f"{a.get('temperature')} °C",
        **about,
    )


def fan(**about: Any) -> Kind:
    """Return a fan, commanded by percentage."""
    return Kind(
        name="fan",
        platform="fan",
        ask=lambda to: ("fan.set_percentage", {"percentage": to}),
        shows=lambda a: f"{a.get('percentage')} %",
        **about,
    )


def moving(kind: str, **about: Any) -> Kind:
    """Return a cover or valve with at least ten steps, commanded by position."""
    return Kind(
        name=kind,
        platform=kind,
        ask=lambda to: (f"{kind}.set_{kind}_position", {"position": to}),
        shows=lambda a: f"{a.get('current_position')} %",
        cases={
            "": (80, None),
            "clamped": (90, 70),
            "rounded": (77, 80),
            "already so": (50, None),
            "moved elsewhere": (80, 20),
        },
        start=50,
        **about,
    )


def switched(kind: str, **about: Any) -> Kind:
    """Return a device that is on or off, commanded to turn on."""
    return Kind(
        name=kind,
        platform=kind,
        ask=lambda on: (f"{kind}.turn_{'on' if on else 'off'}", {}),
        shows=lambda a: str(a["state"]),
        start=False,
        cases={**ABSENT, "": (True, None), "already so": (False, None)},
        **about,
    )


def select(start: str, other: str, **about: Any) -> Kind:
    """Return a select, commanded to choose another option."""
    return Kind(
        name="select",
        platform="select",
        ask=lambda option: ("select.select_option", {"option": option}),
        shows=lambda a: str(a["state"]),
        start=start,
        cases={**ABSENT, "": (other, None), "already so": (start, None)},
        **about,
    )
