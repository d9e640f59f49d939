"""Addresses as people copy them from a browser, in every dialog that asks for one."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType
import pytest
from yarl import URL

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults

from .dialogs import DIALOGS, Dialog, TargetDialog
from .test_flow_errors import said

ASKING = [kind for kind in DIALOGS if not kind.fixed]
every_dialog = pytest.mark.parametrize(
    "dialog", ASKING, indirect=True, ids=lambda kind: kind.name
)


def typed(dialog: Dialog[Any], url: str) -> dict[str, Any]:
    """Return the user's input with an unchanged address."""
    fields = dialog.typed(url)
    if dialog.name == "cozify_cloud":
        return {**fields, "advanced": {"cloud": url}}
    return {**fields, "url": url}


@every_dialog
@pytest.mark.parametrize("page", ["/", "/some/page?of=it#here"])
async def test_page_of_the_server(dialog: Dialog[Any], page: str) -> None:
    """The path and its parents are tried, and the base address of the server is stored."""
    result = await dialog.begin()
    result = await dialog.answer(result, typed(dialog, dialog.server.url + page))
    while result["type"] is FlowResultType.FORM and not result["errors"]:
        result = await dialog.answer(result, dialog.later(result["step_id"]))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
    kept = URL(result["data"].get("url") or result["data"]["cloud"])
    assert kept.origin() == URL(dialog.server.url).origin()
    assert "some" not in kept.path


NO_ADDRESSES = (
    "user:pa:ss@mycodo.local",
    "ftp://mycodo.local/",
    "mycodo..local",
    "my device",
    "mycodo.local:80:81",
    "http://",
)


@every_dialog
async def test_what_is_no_address(dialog: Dialog[Any]) -> None:
    """An invalid address is reported at once in words; other spellings of one are understood."""
    result = await dialog.begin()
    for wrong in NO_ADDRESSES:
        result = await dialog.answer(result, typed(dialog, wrong))
        assert result["errors"] == {"base": "invalid_address"}, wrong
        assert "isn't a valid address" in said(dialog, result)
    server = URL(dialog.server.url)
    nasty = f" <{server.scheme.upper()}:\\\\{server.authority}/?a=b:c d#/login> "
    result = await dialog.answer(result, typed(dialog, nasty))
    while result["type"] is FlowResultType.FORM and not result["errors"]:
        result = await dialog.answer(result, dialog.later(result["step_id"]))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
    kept = URL(result["data"].get("url") or result["data"]["cloud"])
    assert kept.origin() == server


@every_dialog
async def test_http_where_https_is_needed(dialog: Dialog[Any]) -> None:
    """The other way, https where the port speaks http, is a row of test_flow_errors."""
    words = "400 The plain HTTP request was sent to HTTPS port"
    page = f"<html><head><title>{words}</title></head></html>"
    if dialog.server.url.startswith("https:"):
        await dialog.server.change_certificate(None)
    dialog.server.inject(faults.status(400, page, content_type="text/html"))
    plain = str(URL(dialog.server.url).with_scheme("http"))
    result = await dialog.answer(await dialog.begin(), typed(dialog, plain))
    assert result["errors"] == {"base": "https_needed"}
    assert "https" in said(dialog, result)


@pytest.mark.parametrize("dialog", [TargetDialog], indirect=True)
async def test_page_of_a_server_that_is_known(dialog: Dialog[Any]) -> None:
    result = await dialog.submit(await dialog.begin(), dialog.server.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (entry,) = dialog.hass.config_entries.async_entries(DOMAIN)
    result = await dialog.manager.async_init(
        (entry.entry_id, dialog.name), context={"source": SOURCE_USER}
    )
    result = await dialog.submit(result, f"{dialog.server.url}/some/page")
    assert (result["type"], result.get("reason")) == (
        FlowResultType.ABORT,
        "already_configured",
    )
