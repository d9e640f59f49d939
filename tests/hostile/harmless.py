"""Checks that Home Assistant is unharmed after a hostile response."""

from collections.abc import Mapping
from http import HTTPStatus
import logging
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.json import json_bytes, prepare_save_json
from homeassistant.setup import async_setup_component
import pytest

# A server's markup, in a text that is shown as Markdown.
_MARKUP: Final = re.compile(r"\]\(|<[a-z/!?]|(?<!\w)[*`]|https?://evil|www\.evil")


async def assert_harmless(hass: HomeAssistant, client: Any) -> None:
    """Check that Home Assistant can save its data and send it to the frontend."""
    for registry in (dr.async_get(hass), er.async_get(hass), ar.async_get(hass)):
        # Typed as the data of a registry, which is a mapping.
        data: Any = registry._data_to_save()
        prepare_save_json(data, encoder=None)
    issues = ir.async_get(hass)
    prepare_save_json(issues._data_to_save(), encoder=None)
    prepare_save_json(hass.config_entries._data_to_save(), encoder=None)
    for state in hass.states.async_all():
        state.state.encode()
        assert len(state.state) <= 255
        assert b"\0" not in json_bytes(state.as_dict())
    for issue in issues.issues.values():
        assert_plain(issue.translation_placeholders or {})
    answer = await (await client()).get("/api/states")
    assert answer.status == HTTPStatus.OK
    assert len(await answer.json()) == len(hass.states.async_all())


def assert_plain(placeholders: Mapping[str, str]) -> None:
    """Check that placeholders contain no markup."""
    for name, text in placeholders.items():
        assert not _MARKUP.search(text), (name, text)
        assert text.isprintable() or "\u2060" in text, (name, text)


def assert_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """Check the log for unexpected exceptions and for terminal control characters."""
    for record in caplog.records:
        if record.name == "aiohttp.server":
            # The simulators' own.
            continue
        if record.levelno < logging.INFO:
            continue
        text = record.getMessage()
        # Asyncio itself logs that a certificate is not signed.
        if not record.name.startswith("asyncio"):
            assert record.exc_info is None, (text, record.exc_info)
        assert "\x1b" not in text
        text.encode()


async def set_up_api(hass: HomeAssistant) -> None:
    """Give the Home Assistant of a test its API."""
    assert await async_setup_component(hass, "api", {})
