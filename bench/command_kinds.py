"""What devices are told and how they are read, for ``bench.commands``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulators.http_server import FaultyServer

type Put = Callable[[Any], object]
type Case = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One device: its point, how it is put somewhere, told something, and read.

    ``cases`` has, by situation, what it is asked for and where it goes then (None: as the
    simulator has it); "" is for all others, and None for what it cannot do.
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
    """A running system, and the entry that it is set up with.

    Commands are requests with ``method`` to ``paths``; ``accepted`` is the body that
    answers one that went well, ``refused`` status and body of one that did not.
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
"""What cannot happen where there is only this or that."""


def light(**about: Any) -> Kind:
    """Return a lamp, told a brightness."""
    return Kind(
        name="light",
        platform="light",
        ask=lambda level: ("light.turn_on", {"brightness": level}),
        shows=lambda a: str(a.get("brightness")),
        **about,
    )


def number(**about: Any) -> Kind:
    """Return a number."""
    return Kind(
        name="number",
        platform="number",
        ask=lambda value: ("number.set_value", {"value": value}),
        shows=lambda a: str(a["state"]),
        **about,
    )


def climate(**about: Any) -> Kind:
    """Return a thermostat, told a temperature."""
    return Kind(
        name="climate",
        platform="climate",
        ask=lambda to: ("climate.set_temperature", {"temperature": to}),
        shows=lambda a: f"{a.get('temperature')} °C",
        **about,
    )


def fan(**about: Any) -> Kind:
    """Return a fan, told a percentage."""
    return Kind(
        name="fan",
        platform="fan",
        ask=lambda to: ("fan.set_percentage", {"percentage": to}),
        shows=lambda a: f"{a.get('percentage')} %",
        **about,
    )


def moving(kind: str, **about: Any) -> Kind:
    """Return a cover or a valve of ten steps and more, told a position."""
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
    """Return what is on or off, told to turn on."""
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
    """Return a list, told another option."""
    return Kind(
        name="select",
        platform="select",
        ask=lambda option: ("select.select_option", {"option": option}),
        shows=lambda a: str(a["state"]),
        start=start,
        cases={**ABSENT, "": (other, None), "already so": (start, None)},
        **about,
    )
