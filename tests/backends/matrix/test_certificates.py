"""A certificate other than the pinned one causes a repair issue with a choice."""

import logging

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.const import DOMAIN

from ...common import repair
from .house import House
from .houses import HOUSES
from .test_faults import issues, registered, said

pytestmark = pytest.mark.parametrize(
    "house",
    [house for house in HOUSES if house.tls],
    ids=lambda house: house.name,
    indirect=True,
)


@pytest.mark.parametrize("at_start", [False, True])
@pytest.mark.parametrize("choice", ["trust", "verify"])
async def test_another_certificate(
    house: House,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    at_start: bool,
    choice: str,
) -> None:
    hass, entry = house.hass, house.entry
    assert await async_setup_component(hass, "repairs", {})
    before = registered(house)
    caplog.set_level(logging.INFO)
    caplog.clear()
    new = house.new_certificate()
    if at_start:
        assert await hass.config_entries.async_unload(entry.entry_id)
    requests = house.server.log.count()
    await house.server.change_certificate(new)
    expected = house.alter()
    if at_start:
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
    else:
        await house.refresh()
        await house.refresh()
        assert house.shown() == "unavailable"
        assert [level for level, _ in said(caplog)] == ["ERROR"]
    assert house.server.log.count() == requests, "nothing is told to a stranger"
    issue_id = f"{entry.entry_id}_certificate_changed"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None and issue.translation_placeholders is not None
    told = issue.translation_placeholders["new"]
    assert told.replace(":", "").lower() == new.sha256
    await repair(hass, hass_client, issue_id, choice)
    if choice == "verify":
        # It is not signed by a known authority.
        assert entry.data["pin"] is None
        assert entry.state is ConfigEntryState.SETUP_RETRY
        return
    await house.settled()
    assert entry.data["pin"] == new.sha256
    await house.until(lambda: house.shown() == expected)
    assert registered(house) == before
    assert issues(hass) == []


async def test_the_old_one_is_back(house: House) -> None:
    hass, entry = house.hass, house.entry
    old = house.server.certificate
    await hass.config_entries.async_unload(entry.entry_id)
    await house.server.change_certificate(house.new_certificate())
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert issues(hass)
    await house.server.change_certificate(old)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await house.settled()
    assert issues(hass) == []
