"""Each error in its own words, nothing typed is lost, and on to success in the dialog."""

import json
from pathlib import Path
from typing import Any

from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components import junction

from .dialogs import DIALOGS, Dialog, Result
from .errors import ROWS, Row

CASES = [
    pytest.param(dialog, row, id=f"{dialog.name}-{row}")
    for dialog in DIALOGS
    for row in ROWS
    if (dialog.deeper if row.deeper else row.key not in dialog.absent)
    and not (dialog.fixed and row.typed)
]


def said(dialog: Dialog[Any], result: Result) -> str:
    """Return the text of the error with its placeholders filled in."""
    texts = json.loads(
        (Path(junction.__file__).parent / "translations" / "en.json").read_text()
    )
    part = (
        texts["config"]
        if dialog.manager is dialog.hass.config_entries.flow
        else texts["config_subentries"][dialog.name]
    )
    text: str = part["error"][result["errors"]["base"]]
    return text.format(**result["description_placeholders"])


def suggested(result: Result, field: str) -> Any:
    """Return the suggested value of a field."""
    [key] = [key for key in result["data_schema"].schema if key == field]
    return key.description["suggested_value"]


@pytest.mark.parametrize(("dialog", "row"), CASES, indirect=["dialog"])
async def test_error(dialog: Dialog[Any], row: Row) -> None:
    result = await dialog.begin()
    async with row.wrong(dialog) as url:
        result = await dialog.submit(result, url)
        says = dialog.says_deeper if row.deeper else dialog.says
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] == {"base": says.get(row.key, row.key)}
        assert said(dialog, result)
        if result["step_id"] == dialog.asks:
            assert suggested(result, dialog.kept) == dialog.typed(url)[dialog.kept]
    result = await dialog.submit(result, dialog.server.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
