"""Helpers for the tests of the entities."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.const import DOMAIN
from custom_components.junction.errors import BackendError

from .fake_backend import House

type Poll = Callable[..., Awaitable[None]]


def shown(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity."""
    return state_of(hass, entity_id).state


def suggested(result: Any) -> dict[str, Any]:
    """Return the suggested values of a form, without empty fields."""
    return {
        str(marker): marker.description["suggested_value"]
        for marker in result["data_schema"].schema
        if marker.description
    }


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that must have one."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state


def writes(hass: HomeAssistant) -> dict[str, datetime]:
    """Return when each entity was written last, be it with the state it had."""
    return {state.entity_id: state.last_reported for state in hass.states.async_all()}


def written_since(hass: HomeAssistant, before: dict[str, datetime]) -> set[str]:
    """Return the entities that were written after `before` was taken."""
    return {entity for entity, at in writes(hass).items() if at != before.get(entity)}


async def act(
    hass: HomeAssistant, action: str, entity_id: str | list[str], **data: Any
) -> None:
    """Perform an action on entities and wait for its end."""
    domain, name = action.split(".")
    await hass.services.async_call(
        domain, name, data, blocking=True, target={"entity_id": entity_id}
    )


def reason(error: BaseException) -> str:
    """Return the translation key of a backend's error, from any of Home Assistant's exceptions."""
    assert isinstance(error.__cause__, BackendError)
    return error.__cause__.key


async def repair(
    hass: HomeAssistant, client: ClientSessionGenerator, issue: str, choice: str
) -> None:
    """Open the fix flow of an issue as the dialog does, choose, and wait for the end."""
    http, at = await client(), "/api/repairs/issues/fix"
    opened = await http.post(at, json={"handler": DOMAIN, "issue_id": issue})
    step = await opened.json()
    assert step["step_id"] == "choose"
    closed = await http.post(f"{at}/{step['flow_id']}", json={"choice": choice})
    assert (await closed.json())["type"] == "create_entry"
    await hass.async_block_till_done()


@asynccontextmanager
async def under_way(
    hass: HomeAssistant, house: House, action: str, entity_id: str, **data: Any
) -> AsyncGenerator[asyncio.Task[None]]:
    """Delay a command on its way to the house; it arrives at the end."""
    gate = house.gates["command"] = asyncio.Event()
    asked = house.calls["command"]
    task = hass.async_create_task(act(hass, action, entity_id, **data))
    while house.calls["command"] == asked:
        await asyncio.sleep(0)
    yield task
    gate.set()
    if not task.cancelled():
        await task


def log_lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return the integration's log messages for the user."""
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith("custom_components.junction")
        and record.levelname != "DEBUG"
    ]


def attributes(hass: HomeAssistant, entity_id: str, *names: str) -> tuple[Any, ...]:
    """Return some attributes of an entity."""
    state = state_of(hass, entity_id)
    return tuple(state.attributes.get(name) for name in names)


async def let_pass(hass: HomeAssistant, seconds: float) -> None:
    """Let time pass, and wait for what comes of it.

    That ends every time limit, of requests on their way too: those come to their end first.
    """
    await hass.async_block_till_done(wait_background_tasks=True)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)
