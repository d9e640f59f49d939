"""A page of history."""

from dataclasses import dataclass
from typing import Any

from ...hourly import LeftOut
from .ledger import Rows


@dataclass(frozen=True, slots=True)
class Stretch:
    """A page of history, as ``statistics`` takes it."""

    rows: Rows
    cursor: dict[str, Any]
    progress: float
    left_out: tuple[LeftOut, ...] = ()
