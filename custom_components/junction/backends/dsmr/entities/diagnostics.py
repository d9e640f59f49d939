"""Diagnostics of a line and its meter, without ids."""

from datetime import timedelta
from typing import Any

from ..client.counters import CounterGuard
from ..client.listener import P1Listener
from ..client.masking import masked
from ..client.models import Telegram


def line_diagnostics(listener: P1Listener, telegram: Telegram | None) -> dict[str, Any]:
    """Return the state of the line, its counters, and the last telegram masked."""
    stream, link = listener.stream, listener.link
    statistics = listener.statistics.as_dict()
    if (error := listener.statistics.last_error) is not None:
        # The text after the key may contain an address.
        statistics["last_error"] = error.partition(":")[0]
    offset = stream.standard_offset
    return {
        "link": link.status,
        "error": link.error.key if link.error else None,
        "baudrate": listener.baudrate,
        "carrier": stream.carrier,
        "list": stream.list_kind,
        "unknown_lists": stream.unknown_lists,
        "dialect": stream.dialect,
        "check_sum": stream.check_sum,
        "standard_offset_hours": (
            offset / timedelta(hours=1) if offset is not None else None
        ),
        "statistics": statistics,
        "telegram": masked(telegram) if telegram else None,
    }


def counter_diagnostics(guard: CounterGuard) -> dict[str, Any]:
    """Return how many readings were withheld, and which are withheld now."""
    return {
        "held_readings": guard.held,
        "holding": [
            key if isinstance(key, str) else f"channel {key[0]}"
            for key in guard.holding
        ],
    }
