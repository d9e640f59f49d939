"""Wording of errors: whether the user or the system caused it, and the language."""

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.base import Issue
from custom_components.junction.const import DOMAIN
from custom_components.junction.errors import (
    AuthFailedError,
    BackendError,
    CallerError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from custom_components.junction.issues import async_report

from .common import act
from .fake_backend import House
from .fake_flow import FORM

RELAY = "switch.room_relay"
UNKNOWN = {"en": "no details", "nl": "geen details", "fi": "ei lisätietoja"}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CallerError("7", field="level"), ServiceValidationError),
        (UnsupportedError("flash"), ServiceValidationError),
        (AuthFailedError(), HomeAssistantError),
        (ProtocolError("level"), HomeAssistantError),
        (RateLimitedError(), HomeAssistantError),
        (RejectedError("no"), HomeAssistantError),
        (UnreachableError(), HomeAssistantError),
    ],
    ids=lambda part: type(part).__name__,
)
async def test_wrong_use_is_told_from_failure(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    error: BackendError,
    kind: type[HomeAssistantError],
) -> None:
    """Whether by an action or by a command to an entity."""
    house.errors |= {"action": error, "command": error}
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            DOMAIN,
            "echo",
            {"entry": loaded.entry_id, "text": "hello"},
            blocking=True,
            return_response=True,
        )
    assert type(caught.value) is kind
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    assert type(caught.value) is kind


async def test_several_that_were_asked_for_what_they_do_not_have(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    for error, kind in (
        (UnsupportedError(), ServiceValidationError),
        (UnreachableError(), HomeAssistantError),
    ):
        house.errors["command"] = error
        with pytest.raises(HomeAssistantError) as caught:
            await act(hass, "switch.turn_on", [RELAY, "switch.room_plain"])
        assert type(caught.value) is kind
        assert caught.value.translation_key == "several_failed"


@pytest.mark.parametrize("language", UNKNOWN)
async def test_nothing_is_known_in_every_language(
    hass: HomeAssistant, entry: MockConfigEntry, house: House, language: str
) -> None:
    """In forms, also of the first entry; in errors; in repairs."""
    hass.config.language = language
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": "fake"}
    )
    flow = hass.config_entries.flow._progress[menu["flow_id"]]
    form = flow.async_ask(step_id="fake", schema=FORM, error=RejectedError())  # type: ignore[attr-defined]
    assert form["description_placeholders"]["detail"] == UNKNOWN[language]

    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house.errors["command"] = error = RejectedError()
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    given = caught.value.translation_placeholders or {}
    assert given["detail"] == UNKNOWN[language]

    said = {"server": "DSMR-reader", **error.placeholders}
    about = Issue(id="it", key="forward_key", placeholders=said)
    async_report(hass, entry, about)
    shown = ir.async_get(hass).async_get_issue(DOMAIN, f"{entry.entry_id}_it")
    assert shown is not None
    assert (shown.translation_placeholders or {})["detail"] == UNKNOWN[language]
