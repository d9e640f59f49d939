"""A meter has no API to call, and the action reports that."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ...api_docs import call


async def test_a_meter_only_sends(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    several: list[dict[str, Any]] = [
        {},
        {"path": "v2/consumption/today"},
        {"function": "read", "parameters": {}, "confirm": True},
        {"path": "../x", "method": "TRACE", "body": [1]},
    ]
    for fields in several:
        with pytest.raises(ServiceValidationError) as raised:
            await call(hass, entry, **fields)
        assert raised.value.translation_key == "call_no_api"
        assert "DSMR-reader" in str(raised.value)
