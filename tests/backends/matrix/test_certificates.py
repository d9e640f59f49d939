"""Another certificate under a loaded entry: an issue, a choice, and all is as before."""

import logging

from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.const import DOMAIN

from .house import House
from .houses import HOUSES
from .test_faults import issues, registered, said


@pytest.mark.parametrize(
    "house",
    [house for house in HOUSES if house.tls],
    ids=lambda house: house.name,
    indirect=True,
)
async def test_another_certificate(
    house: House,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass, entry = house.hass, house.entry
    assert await async_setup_component(hass, "repairs", {})
    before = registered(house)
    caplog.set_level(logging.INFO)
    caplog.clear()
    new = house.new_certificate()
    await house.server.change_certificate(new)
    expected = house.alter()
    await house.refresh()
    await house.refresh()
    assert house.shown() == "unavailable"
    assert [level for level, _ in said(caplog)] == ["ERROR"]
    issue_id = f"{entry.entry_id}_certificate_changed"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None
    client = await hass_client()
    where = "/api/repairs/issues/fix"
    asked = {"handler": DOMAIN, "issue_id": issue_id}
    flow = await (await client.post(where, json=asked)).json()
    answer = {"choice": "trust"}
    done = await client.post(f"{where}/{flow['flow_id']}", json=answer)
    assert (await done.json())["type"] == "create_entry"
    await house.settled()
    assert entry.data["pin"] == new.sha256
    await house.until(lambda: house.shown() == expected)
    assert registered(house) == before
    assert issues(hass) == []
