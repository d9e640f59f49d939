"""Schedules of a simulated gateway, which are stored and listed but never run.

Protocol: docs/protocols/openmotics.md#facts-found-by-running-the-gateway.
"""

from .state import Row, State
from .switching import Refusal

_TYPES = frozenset({"GROUP_ACTION", "BASIC_ACTION", "LOCAL_API"})


class Schedules:
    """Actions for schedules."""

    def __init__(self, state: State) -> None:
        """Store them in a state."""
        self.state = state

    def listed(self) -> Row:
        """List all of them."""
        return {"schedules": list(self.state.schedules)}

    def add(
        self,
        *,
        name: str,
        start: float,
        schedule_type: str,
        arguments: object = None,
        repeat: str | None = None,
        duration: int | None = None,
        end: float | None = None,
    ) -> Row:
        """Add one; the response does not include its id."""
        if schedule_type not in _TYPES or duration is not None:
            raise Refusal("Invalid schedule")
        self.state.schedules.append(
            {
                "id": len(self.state.schedules) + 1,
                "name": name,
                "start": float(start),
                "repeat": repeat,
                "duration": None,
                "end": end,
                "schedule_type": schedule_type,
                "arguments": arguments,
                "status": "ACTIVE",
                "last_executed": None,
                "next_execution": None,
            }
        )
        return {}

    def pause(self, *, schedule_id: int) -> Row:
        """Deactivate one."""
        return self._mark(schedule_id, "PAUSED")

    def resume(self, *, schedule_id: int) -> Row:
        """Activate one."""
        return self._mark(schedule_id, "ACTIVE")

    def remove(self, *, schedule_id: int) -> Row:
        """Remove one; an unknown one is a success, too."""
        self.state.schedules[:] = [
            row for row in self.state.schedules if row["id"] != schedule_id
        ]
        return {}

    def _mark(self, number: int, status: str) -> Row:
        for row in self.state.schedules:
            if row["id"] == number and row["status"] != "COMPLETED":
                row["status"] = status
        return {}
