"""Answers of the controller as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """Everything. ``temperature`` in °C; ``relays`` by id: name, and whether it is on."""

    serial: str
    name: str
    temperature: float | None
    relays: Mapping[str, tuple[str, bool | None]]
