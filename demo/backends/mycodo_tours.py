"""The options of the demo's Mycodo, and the mistakes that are made in them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from simulators.mycodo.plan import DIMMER, RELAYS
from simulators.mycodo.state import uid

from ..api import Json
from ..client import Entity
from .base import Slip, Tour, Visit, nothing


def tours_of(
    sensor: Entity, other: Entity, give_past: Callable[[Visit], Awaitable[None]]
) -> Sequence[Tour]:
    """Return a tour of each option.

    ``sensor`` gets a past by ``give_past``; ``other`` is too young to import any.
    """
    channel = f"{uid(RELAYS)}:1"
    twice = {"light": [channel], "outlet": [channel]}
    upside_down = {"low": 10, "high": 5, "step": 1}
    nobody = {"daemon": True, "daemon_host": "127.0.0.1", "daemon_port": 9}
    return (
        _tour(
            "outputs",
            slips=(Slip("mycodo_outputs", twice, "mycodo_chosen_twice"),),
            until="mycodo_outputs_error",
        ),
        _tour(
            "limits",
            {"mycodo_limits": {"channel": f"{uid(DIMMER)}:1"}},
            slips=(Slip("mycodo_limit", upside_down, "mycodo_no_range"),),
            until="mycodo_limit_error",
        ),
        _tour("push", until="mycodo_push"),
        _tour(
            "history",
            {"mycodo_history": {"sensors": [sensor.entity_id], "days": 2}},
            slips=(
                Slip("mycodo_history", {"sensors": [other.entity_id]}, "no_statistics"),
            ),
            before=give_past,
        ),
        _tour(
            "daemon",
            slips=(Slip("mycodo_daemon", nobody, "mycodo_channel_down"),),
            until="mycodo_daemon_error",
        ),
    )


def _tour(
    option: str,
    answers: Mapping[str, Mapping[str, Json]] | None = None,
    slips: Sequence[Slip] = (),
    until: str = "",
    before: Callable[[Visit], Awaitable[None]] = nothing,
) -> Tour:
    return Tour(
        name="options",
        kind="options",
        answers={"mycodo": {"next_step_id": f"mycodo_{option}"}, **(answers or {})},
        slips=slips,
        until=until,
        before=before,
    )
