"""No secret is sent to the browser, and an empty secret field keeps the stored value."""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE, ConfigEntry
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.selector import TextSelector
import probatio as vol
import pytest

from custom_components.junction.backends.secret_fields import is_secret, secret_names
from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults

from .dialogs import DIALOGS, Dialog, Result, TargetDialog

SECRET_WORDS = ("key", "password", "secret", "token")
ENTRIES = [kind for kind in DIALOGS if kind is not TargetDialog]


def fields(schema: vol.Schema | None) -> Iterator[tuple[vol.Marker, Any]]:
    """Yield the fields of a form, those in sections included."""
    for marker, field in (schema.schema if schema else {}).items():
        if isinstance(field, section):
            yield from fields(field.schema)
        else:
            yield marker, field


def check_form(result: Result, secrets: Mapping[str, str]) -> None:
    """Check that nothing secret is in a form, nor in the words around it."""
    for marker, field in fields(result["data_schema"]):
        if isinstance(field, TextSelector) and any(
            word in str(marker).split("_") for word in SECRET_WORDS
        ):
            assert is_secret(field), marker
        if is_secret(field):
            assert isinstance(marker, vol.Required | vol.Optional)
            assert isinstance(marker.default, vol.Undefined), marker
            assert not marker.description, marker
    shown = repr(
        [(marker.description, marker) for marker, _ in fields(result["data_schema"])]
    ) + repr(result["description_placeholders"])
    assert not [name for name, value in secrets.items() if value in shown]


def left_empty(schema: vol.Schema, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return input with empty secret fields."""
    names = set(secret_names(schema))
    return {
        name: left_empty(schema, part) if isinstance(part, Mapping) else part
        for name, part in typed.items()
        if name not in names
    }


def secrets_in(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the secrets of an entry."""
    return {
        name: value
        for name, value in data.items()
        if isinstance(value, str)
        and any(word in name.split("_") for word in SECRET_WORDS)
    }


def url_of(dialog: Dialog[Any]) -> str:
    """Return the address of the system."""
    url: str = dialog.server.url
    return url


async def to_the_end(dialog: Dialog[Any], result: Result) -> Result:
    """Answer the steps after the first form."""
    while result["type"] is FlowResultType.FORM and not result["errors"]:
        check_form(result, {})
        answers = (
            {}
            if result["step_id"] == "cozify_login"
            else dialog.later(result["step_id"])
        )
        result = await dialog.answer(result, answers)
    return result


async def begin_again(
    dialog: Dialog[Any], entry: ConfigEntry[Any], source: str
) -> Result:
    """Open the dialog that changes an entry."""
    result: Result = await dialog.hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": source, "entry_id": entry.entry_id},
        data=entry.data if source == SOURCE_REAUTH else None,
    )
    return result


async def change_target(dialog: Dialog[Any], fields: Mapping[str, Any]) -> Result:
    """Change the only server of the only meter; check the form."""
    (entry,) = dialog.hass.config_entries.async_entries(DOMAIN)
    (subentry,) = entry.subentries.values()
    result: Result = await dialog.manager.async_init(
        (entry.entry_id, subentry.subentry_type),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry.subentry_id},
    )
    check_form(result, secrets_in(subentry.data))
    result = await dialog.answer(result, left_empty(result["data_schema"], fields))
    assert result["reason"] == "reconfigure_successful"
    (changed,) = entry.subentries.values()
    return changed.data


@pytest.mark.parametrize("dialog", DIALOGS, indirect=True, ids=lambda d: d.name)
async def test_form_shown_again(dialog: Dialog[Any]) -> None:
    """After an error the other values are suggested again, but no secret."""
    result = await dialog.begin()
    typed = dialog.typed(url_of(dialog))
    names = set(secret_names(result["data_schema"]))
    secrets = secrets_in(typed)
    assert set(secrets) <= names
    check_form(result, secrets)
    dialog.server.inject(faults.status(500, "Internal Server Error"))
    result = await to_the_end(dialog, await dialog.answer(result, typed))
    assert result["errors"]
    assert result["step_id"] == dialog.asks
    check_form(result, secrets)
    dialog.server.heal()
    result = await dialog.answer(result, left_empty(result["data_schema"], typed))
    result = await to_the_end(dialog, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
    if dialog.name != "iotile":
        # Whose password is not kept at all.
        assert secrets.items() <= result["data"].items()


@pytest.mark.parametrize("source", [SOURCE_RECONFIGURE, SOURCE_REAUTH])
@pytest.mark.parametrize("dialog", ENTRIES, indirect=True, ids=lambda d: d.name)
async def test_entry_goes_on_with_its_secrets(dialog: Dialog[Any], source: str) -> None:
    """Another address alone is enough, and a login that works again, too."""
    result = await dialog.submit(await dialog.begin(), url_of(dialog))
    (entry,) = dialog.hass.config_entries.async_entries(DOMAIN)
    secrets = secrets_in(entry.data)
    assert secrets
    result = await begin_again(dialog, entry, source)
    check_form(result, secrets)
    known = {**dialog.typed(url_of(dialog)), **entry.data}
    shown = {str(marker) for marker in result["data_schema"].schema}
    typed = {name: value for name, value in known.items() if name in shown}
    result = await dialog.answer(result, left_empty(result["data_schema"], typed))
    result = await to_the_end(dialog, result)
    assert result.get("reason") == f"{source}_successful", result
    await dialog.hass.async_block_till_done()
    if dialog.name == "cozify_cloud" and source == SOURCE_REAUTH:
        # A code was sent, and new tokens for it.
        return
    assert secrets_in(entry.data) == secrets


@pytest.mark.parametrize("dialog", [TargetDialog], indirect=True)
async def test_target_keeps_its_key(dialog: Dialog[Any]) -> None:
    """The servers of a meter follow the same rule."""
    typed = dialog.typed(url_of(dialog))
    typed["proxy"] = {"username": "me", "password": "pr0xy"}
    result = await to_the_end(dialog, await dialog.answer(await dialog.begin(), typed))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    both = {"api_key": typed["api_key"], "password": "pr0xy"}
    assert secrets_in(await change_target(dialog, typed)) == both
    # Without a proxy there is nothing to keep.
    data = await change_target(dialog, {**typed, "proxy": {}})
    assert secrets_in(data) == {"api_key": typed["api_key"]}
