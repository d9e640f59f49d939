"""Restart Home Assistant during the check of a system."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from .backends.base import SimulatedSystem
from .client import Client, Entity
from .hass import HomeAssistant
from .table import StepFailed

# Number of entities listed by name in a complaint.
_MANY: Final = 8

type Entities = Callable[[], Awaitable[list[Entity]]]


class Restarts:
    """Restart Home Assistant with one system, and check the entities afterwards."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: Client,
        system: SimulatedSystem,
        entry_id: str,
        enabled: Entities,
        wait_for_states: Entities,
    ) -> None:
        """Use the functions of a system's check: current entities, or all once they have states."""
        self._hass = hass
        self._client = client
        self._system = system
        self._entry_id = entry_id
        self._enabled = enabled
        self._wait_for_states = wait_for_states

    async def with_all_enabled(self) -> str:
        """Enable every entity, restart, and check that all expected ones exist."""
        disabled = [
            entity
            for entity in await self._client.entities(self._entry_id)
            if entity.disabled_by
        ]
        for entity in disabled:
            await self._client.enable(entity.entity_id)
        # Home Assistant itself would reload the entry half a minute later.
        await self._hass.stop()
        await self._hass.start()
        await self._client.wait_until_running()
        entities = await self._wait_for_states()
        there = {(entity.point, entity.platform) for entity in entities}
        if missing := set(self._system.expected_points().items()) - there:
            raise StepFailed(f"missing: {sorted(missing)}")
        silent = [
            f"\n{entity.entity_id} is unknown: {self._system.may_be_silent()[entity.point]}"
            for entity in entities
            if entity.missing
        ]
        return f"{len(disabled)} enabled, {len(entities)} in all{''.join(silent)}"

    async def in_silence(self, kept: Collection[str]) -> str:
        """Restart while the system sends nothing, then let it resume."""
        before = {e.point: e for e in await self._enabled() if e.point in kept}
        if missing := set(kept) - before.keys():
            raise StepFailed(f"missing: {sorted(missing)}")
        await self._hass.stop()
        await self._hass.start()
        await self._client.wait_until_running()
        silent = [e for e in await self._enabled() if e.missing]
        if lost := [e for e in silent if e.point in kept]:
            raise StepFailed(f"lost over the restart: {named(lost)}")
        if not silent:
            raise StepFailed("it was not silent")
        await self._wait_for_states()
        return f"{len(before)} counters stayed, {len(silent)} entities waited for it"


def named(entities: Sequence[Entity]) -> str:
    """Return a text with the first entities and their states."""
    shown = [
        f"{entity.entity_id} ({entity.state.state if entity.state else 'no state'})"
        for entity in entities[:_MANY]
    ]
    if len(entities) > _MANY:
        shown.append(f"and {len(entities) - _MANY} more")
    return ", ".join(shown)
