"""Every fault in every house: its visible effects, and full recovery."""

import asyncio
from collections import Counter
import logging

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest

from custom_components.junction.const import DOMAIN

from .faults import FAULTS, RETRY_AFTER, Blow, Fault
from .house import House, Outcome

QUIET = (Outcome.KEPT, Outcome.LATER)


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return the log messages for the user, after a check for forbidden ones."""
    for record in caplog.records:
        if record.name == "aiohttp.server":
            # The simulators' own.
            continue
        assert record.exc_info is None, (record.getMessage(), record.exc_info)
        ours = record.name.startswith("custom_components.junction")
        assert ours or record.levelno < logging.ERROR, record.getMessage()
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith("custom_components.junction")
        and record.levelno >= logging.INFO
    ]


def registered(house: House) -> tuple[set[str], set[str]]:
    """Return the devices and entities that Home Assistant has of a house."""
    hass, entry = house.hass, house.entry.entry_id
    return (
        {d.id for d in dr.async_entries_for_config_entry(dr.async_get(hass), entry)},
        {e.id for e in er.async_entries_for_config_entry(er.async_get(hass), entry)},
    )


def reauths(hass: HomeAssistant) -> int:
    """Return the number of reauthentication flows."""
    flows = hass.config_entries.flow.async_progress()
    return sum(flow["context"]["source"] == SOURCE_REAUTH for flow in flows)


def issues(hass: HomeAssistant) -> list[str]:
    """Return the visible repair issues."""
    return [
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.active
    ]


async def command(house: House, *, on: bool) -> None:
    """Run an action: it succeeds or raises an error."""
    try:
        async with asyncio.timeout(10):
            await house.control(on=on)
    except HomeAssistantError:
        return
    assert house.is_controlled_on() is on


async def unloaded(house: House, before: Counter[str]) -> None:
    """Unload, without a restart, and leave nothing behind."""
    hass, entry = house.hass, house.entry
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    await hass.async_block_till_done()
    assert not entry._background_tasks
    assert not entry._tasks
    left = Counter(task.get_name() for task in tasks(entry.title)) - before
    assert not left
    assert not [
        handle
        for handle in get_scheduled_timer_handles(hass.loop)
        if not handle.cancelled() and "junction" in repr(handle)
    ]


def tasks(title: str) -> list[asyncio.Task[object]]:
    """Return the tasks that are an entry's."""
    return [task for task in asyncio.all_tasks() if title in task.get_name()]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_fault(
    house: House, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    hass = house.hass
    differs = house.differs.get(fault.name)
    outcome = fault.outcome if differs is None else differs.outcome
    if outcome is Outcome.ABSENT:
        return
    before, usual = registered(house), house.shown()
    caplog.set_level(logging.INFO)
    caplog.clear()

    blow = await fault.strike(house)
    if house.steers:
        await command(house, on=True)
        if fault.once:
            await blow.mend()
            blow = await fault.strike(house)
    expected = house.alter()
    assert expected != usual
    await endure(house, blow, fault)
    if outcome in QUIET:
        assert house.shown() == (expected if outcome is Outcome.KEPT else usual)
        assert said(caplog) == []
    else:
        assert house.shown() == "unavailable"
        assert [level for level, _ in said(caplog)] == ["ERROR"], said(caplog)
    assert reauths(hass) == (outcome is Outcome.LOGIN)

    await mended(house, blow, outcome)
    await house.until(lambda: house.shown() == expected)
    again = house.alter()
    await house.refresh()
    await house.until(lambda: house.shown() == again)
    if house.steers:
        await house.control(on=not house.is_controlled_on())
    lines = [level for level, _ in said(caplog)]
    if outcome in QUIET:
        assert lines == []
    elif blow.anew or outcome is Outcome.LOGIN:
        assert lines == ["ERROR"], said(caplog)
    else:
        assert lines == ["ERROR", "INFO"], said(caplog)
    assert registered(house) == before
    assert issues(hass) == []
    assert house.entry.state is ConfigEntryState.LOADED
    await unloaded(house, Counter())
    said(caplog)


async def endure(house: House, blow: Blow, fault: Fault) -> None:
    """Let the fault last for some refreshes, and strike in the first at the latest."""
    await house.refresh(house.survey if fault.name == "partial_listing" else None)
    if blow.injections:
        assert blow.hits
    limited = fault.name == "429_retry_after"
    if limited:
        await everybody_told(blow)
    hits = blow.hits
    for _ in range(house.refreshes - 1):
        await house.refresh()
    if limited:
        await everybody_told(blow)
        # The pause that the server requested is respected.
        assert blow.hits == hits


async def everybody_told(blow: Blow) -> None:
    """Wait until no request is pending; listeners beside the polling notice it themselves."""
    hits = -1
    while hits != blow.hits:
        hits = blow.hits
        await asyncio.sleep(0.2)


async def mended(house: House, blow: Blow, outcome: Outcome) -> None:
    """Remove the fault, and do what the user has to do."""
    await blow.mend()
    if outcome is Outcome.LOGIN:
        for flow in house.hass.config_entries.flow.async_progress():
            house.hass.config_entries.flow.async_abort(flow["flow_id"])
        await house.hass.config_entries.async_reload(house.entry.entry_id)
        await house.settled()
        return
    await house.refresh(RETRY_AFTER + house.interval)
