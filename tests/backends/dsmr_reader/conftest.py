"""A simulated DSMR-reader, and an entry that is set up with it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import CONF_BACKEND, DOMAIN
from simulators.dsmr_reader import DsmrReaderServer, Past, PastPlan, State
from simulators.dsmr_reader.processing import past_days

from ...common import let_pass
from .helpers import CONTRACT, KEY, ZONE, fixture

FINGERPRINT = "0123456789abcdef"


@pytest.fixture
def state() -> State:
    """Return a server with three days of readings, up to now."""
    now = datetime.now(UTC).replace(microsecond=0)
    past = Past(PastPlan(start=now - timedelta(days=3), end=now, keep_days=1))
    state = State(key=KEY, past=past, prices=[CONTRACT])
    meter = fixture("meter_statistics")["response"]["body"]
    del meter["id"], meter["rejected_telegrams"]
    meter["timestamp"] = datetime.fromisoformat(meter["timestamp"])
    state.meter = meter
    past_days(state)
    return state


@pytest.fixture
async def server(
    state: State, socket_enabled: None
) -> AsyncGenerator[DsmrReaderServer]:
    """Return the server, running."""
    async with DsmrReaderServer(state) as running:
        yield running


@pytest.fixture
async def entry(hass: HomeAssistant, server: DsmrReaderServer) -> MockConfigEntry:
    """Return an entry for the server; it is not set up yet, and imports nothing."""
    await hass.config.async_set_time_zone(ZONE.key)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="DSMR-reader test",
        unique_id=f"dsmr_reader:{FINGERPRINT}",
        data={
            CONF_BACKEND: "dsmr_reader",
            "url": server.url,
            "api_key": KEY,
            "verify_ssl": True,
            "fingerprint": None,
        },
        options={"history": False},
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the entry, set up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    return entry


@pytest.fixture
def poll(hass: HomeAssistant) -> Callable[..., Awaitable[None]]:
    """Return a function that lets the time of a poll come, and waits for the poll."""

    async def come(seconds: float = 11) -> None:
        await let_pass(hass, seconds)

    return come


def reading(**more: Any) -> dict[str, Any]:
    """Return a reading of now, for the table of the server."""
    return {
        "timestamp": datetime.now(UTC),
        "electricity_delivered_1": Decimal(9000),
        "electricity_delivered_2": Decimal(9001),
        "electricity_returned_1": Decimal(9002),
        "electricity_returned_2": Decimal(9003),
        "electricity_currently_delivered": Decimal("1.5"),
        "electricity_currently_returned": Decimal("0.25"),
        "extra_device_timestamp": datetime.now(UTC),
        "extra_device_delivered": Decimal("9004.5"),
        **more,
    }
