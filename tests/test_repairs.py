"""Repair issues: problems that the user can fix, and how."""

from http import HTTPStatus
from typing import Any
from unittest.mock import Mock

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, flush_store
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.backends.base import BackendInfo, Issue
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from custom_components.junction.errors import (
    ProtocolError,
    RejectedError,
    UnreachableError,
)

from .fake_backend import HINT, ISSUE, House


def report(house: House, *issues: Issue) -> None:
    assert house.sink is not None
    for issue in issues:
        house.sink.report(issue)


def found(issue_registry: ir.IssueRegistry) -> dict[str, ir.IssueEntry]:
    return {
        issue_id: issue
        for (domain, issue_id), issue in issue_registry.issues.items()
        if domain == DOMAIN
    }


async def test_report_and_withdraw(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    issue_registry: ir.IssueRegistry,
) -> None:
    report(house, HINT, ISSUE)
    clock = found(issue_registry)[f"{loaded.entry_id}_clock"]
    assert clock.translation_key == "fake_clock"
    assert clock.translation_placeholders == {"entry": "Fake house", "off": "2 h"}
    assert clock.severity is ir.IssueSeverity.WARNING
    assert (clock.is_fixable, clock.is_persistent) == (False, False)
    replaced = found(issue_registry)[f"{loaded.entry_id}_replaced"]
    assert (replaced.is_fixable, replaced.is_persistent) == (True, True)

    assert house.sink is not None
    house.sink.withdraw("clock")
    house.sink.withdraw("clock")
    house.sink.withdraw("never heard of")
    assert set(found(issue_registry)) == {f"{loaded.entry_id}_replaced"}


@pytest.mark.parametrize("request_", ["connect", "fetch"])
async def test_error_at_setup_may_call_for_one(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    issue_registry: ir.IssueRegistry,
    request_: str,
) -> None:
    """A setup error may create a repair issue, before there is a listener."""
    house.errors[request_] = UnreachableError("no answer")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert found(issue_registry) == {}
    house.errors[request_] = ProtocolError("clock is wrong")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert set(found(issue_registry)) == {f"{entry.entry_id}_clock"}


async def test_question_outlives_a_restart(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    issue_registry: ir.IssueRegistry,
    hass_storage: dict[str, Any],
) -> None:
    """A meter that was replaced is found once only; the hint is found again."""
    report(house, HINT, ISSUE)
    await flush_store(issue_registry._store)
    restarted = ir.IssueRegistry(hass)
    await restarted.async_load()
    key = f"{loaded.entry_id}_replaced"
    issue = restarted.async_get_issue(DOMAIN, key)
    assert issue is not None
    assert issue.active
    assert issue.data == {
        "entry_id": loaded.entry_id,
        "choices": "keep,fresh",
        "old": "a",
        "new": "b",
    }
    assert issue.translation_placeholders == {"entry": "Fake house", "serial": "4711"}
    hint = restarted.async_get_issue(DOMAIN, f"{loaded.entry_id}_clock")
    assert hint is not None
    assert not hint.active


async def test_removed_with_the_entry(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    issue_registry: ir.IssueRegistry,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        "another_entry_clock",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="fake_clock",
    )
    report(house, HINT, ISSUE)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert len(found(issue_registry)) == 3
    await hass.config_entries.async_remove(loaded.entry_id)
    assert set(found(issue_registry)) == {"another_entry_clock"}


async def test_data_of_a_backend_cannot_hide_ours(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    issue_registry: ir.IssueRegistry,
) -> None:
    report(
        house,
        Issue(id="x", key="fake", choices=("a",), data={"entry_id": "1", "more": "2"}),
    )
    issue = found(issue_registry)[f"{loaded.entry_id}_x"]
    assert issue.data == {"entry_id": loaded.entry_id, "choices": "a", "more": "2"}


class Fixing:
    """A user in the repairs dialog."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._flow = ""

    async def start(self, issue_id: str) -> dict[str, Any]:
        step = await self._post("", {"handler": DOMAIN, "issue_id": issue_id})
        self._flow = step["flow_id"]
        return step

    async def choose(self, choice: str) -> dict[str, Any]:
        return await self._post(f"/{self._flow}", {"choice": choice})

    async def _post(self, path: str, data: dict[str, str]) -> dict[str, Any]:
        response = await self._client.post(f"/api/repairs/issues/fix{path}", json=data)
        assert response.status == HTTPStatus.OK, await response.text()
        step: dict[str, Any] = await response.json()
        return step


@pytest.fixture
async def person(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Fixing:
    """Return a user with the dialog open."""
    assert await async_setup_component(hass, "repairs", {})
    return Fixing(await hass_client())


async def test_choice_is_carried_out(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    person: Fixing,
    issue_registry: ir.IssueRegistry,
) -> None:
    report(house, ISSUE)
    key = f"{loaded.entry_id}_replaced"
    step = await person.start(key)
    assert (step["type"], step["step_id"]) == ("form", "choose")
    assert step["description_placeholders"] == {"entry": "Fake house", "serial": "4711"}
    (field,) = step["data_schema"]
    assert (field["name"], field["default"]) == ("choice", "keep")
    assert field["selector"]["select"]["options"] == ["keep", "fresh"]
    assert field["selector"]["select"]["translation_key"] == "fake_replaced"

    house.errors["resolve"] = RejectedError("cannot")
    step = await person.choose("fresh")
    assert (step["type"], step["errors"]) == ("form", {"base": "rejected"})
    assert key in found(issue_registry)

    house.errors.clear()
    step = await person.choose("fresh")
    assert step["type"] == "create_entry"
    assert [choice for _, choice in house.chosen] == ["fresh"]
    data, _ = house.chosen[0]
    assert (data["old"], data["new"]) == ("a", "b")
    assert found(issue_registry) == {}


async def test_choice_while_the_entry_is_down(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, person: Fixing
) -> None:
    report(house, ISSUE)
    await hass.config_entries.async_unload(loaded.entry_id)
    await person.start(f"{loaded.entry_id}_replaced")
    assert (await person.choose("keep"))["type"] == "create_entry"
    assert [choice for _, choice in house.chosen] == ["keep"]


async def test_what_is_not_offered_is_refused(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, person: Fixing
) -> None:
    report(house, ISSUE)
    await person.start(f"{loaded.entry_id}_replaced")
    with pytest.raises(AssertionError, match="value must be one of"):
        await person.choose("burn")
    assert house.chosen == []


async def test_entry_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, person: Fixing
) -> None:
    report(house, ISSUE)
    await person.start(f"{loaded.entry_id}_replaced")
    await hass.config_entries.async_remove(loaded.entry_id)
    step = await person.choose("keep")
    assert (step["type"], step["reason"]) == ("abort", "entry_gone")
    assert house.chosen == []


async def test_issue_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, person: Fixing
) -> None:
    report(house, ISSUE)
    await person.start(f"{loaded.entry_id}_replaced")
    assert house.sink is not None
    house.sink.withdraw("replaced")
    step = await person.choose("keep")
    assert (step["type"], step["reason"]) == ("abort", "entry_gone")
    assert house.chosen == []


async def test_backend_without_questions(hass: HomeAssistant) -> None:
    """Defaults of a backend that declares no questions."""
    info = BackendInfo(
        name="plain",
        title="Plain",
        platforms=(),
        create=Mock(),
        poll_interval=lambda entry: None,
    )
    entry = MockConfigEntry(domain=DOMAIN, data={CONF_BACKEND: "plain"})
    assert info.issue(RejectedError("no")) is None
    await info.resolve(hass, entry, {}, "any")
    await info.remove(hass, entry)
