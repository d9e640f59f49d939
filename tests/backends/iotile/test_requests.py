"""What is asked of an IOTile Cloud, and how seldom."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.clock import HOUR, VirtualClock
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World, house

from ...common import shown
from .conftest import METER, NOW, Poll

API = "/api/v1"
LAST = NOW // HOUR * HOUR
GALLON = 3.785411784
"""Liters: the stream is in gallons, Home Assistant shows its own unit."""


def asked(server: IOTileServer) -> dict[str, int]:
    """Return the requests by route, and forget them."""
    found = {route.replace(API, ""): n for route, n in server.log.routes().items()}
    server.log.clear()
    return found


async def test_requests(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    first = asked(server)
    survey = {
        route: count
        for route, count in first.items()
        if "{device}" not in route and "{stream}" not in route
    }
    events = survey.pop("GET /event/")
    frames = survey.pop("GET /df/")
    assert survey == {
        "GET /project/": 1,
        "GET /org/{org}/membership/": 1,
        "GET /device/": 1,
        "GET /stream/": 1,
        "GET /variable/": 1,
        "GET /dt/": 1,
    }
    # Six devices, one virtual stream, one battery.
    assert (frames, events) == (8, 1)
    assert first["GET /device/{device}/extra/"] == 6
    await poll()
    # Four active devices; the inactive, and the stream without data, wait an hour.
    assert asked(server) == {"GET /df/": 4}
    await poll(3600)
    # Of the one that never had data nothing is enabled, so nobody misses it.
    assert asked(server) == {"GET /df/": 6, "GET /event/": 1}
    assert server.cookies() == []
    await poll(6 * HOUR)
    assert asked(server)["GET /stream/"] == 1


def crowded(clock: VirtualClock, devices: int) -> World:
    """Return a world with that many devices; nine of ten hand in reports."""
    world = house(clock, days=1)
    # Six there are, and one of somebody else.
    for number in range(0x2000, 0x2000 + devices - 6):
        device = world.add_device(number, f"Meter {number:x}")
        stream = world.add_stream(METER, device)
        world.add(stream["slug"], LAST, 5)
        # The others are read out by a phone that writes points.
        if number % 10:
            world.streamer(device)
    return world


class TestMany:
    """500 devices."""

    @pytest.fixture
    def world(self, clock: VirtualClock) -> World:
        return crowded(clock, 500)

    async def test_requests(
        self, hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
    ) -> None:
        backend = loaded.runtime_data.backend
        assert len(backend.poller.state.listing.devices) == 500
        first = asked(server)
        frames = first.pop("GET /df/")
        events = first.pop("GET /event/")
        lasts = first.pop("GET /stream/{stream}/data/", 0)
        # Six requests to know all of them, then one for the data of each.
        assert sum(first.values()) == 6
        assert (frames, events) == (501, 1)
        assert lasts <= 40
        assert server.log.most_in_flight <= 4


class TestSome:
    """60 devices."""

    @pytest.fixture
    def world(self, clock: VirtualClock) -> World:
        return crowded(clock, 60)

    async def test_only_what_was_reported_is_read(
        self,
        hass: HomeAssistant,
        server: IOTileServer,
        loaded: MockConfigEntry,
        poll: Poll,
    ) -> None:
        world = server.world
        await poll()
        server.log.clear()
        await poll()
        plain = sum(number % 10 == 0 for number in range(0x2000, 0x2000 + 54))
        # One request tells of 48 devices that nothing came; four of the world have
        # no streamer either.
        assert asked(server) == {"GET /streamer/": 1, "GET /df/": plain + 4}
        device = world.device("d--0000-0000-0000-2001")
        assert device is not None
        world.streamer(device)["last_id"] = 5
        world.add("s--0000-0005--0000-0000-0000-2001--5001", LAST + 60, 7, local_id=5)
        await poll()
        assert asked(server) == {"GET /streamer/": 1, "GET /df/": plain + 5}
        assert float(shown(hass, "sensor.meter_2001_io_1_total")) == pytest.approx(
            7 * GALLON
        )
        # What we write is no report, and is looked for all the same.
        await hass.services.async_call(
            DOMAIN,
            "post_data",
            {
                "entry": loaded.entry_id,
                "stream": "s--0000-0005--0000-0000-0000-2002--5001",
                "int_value": 3,
            },
            blocking=True,
        )
        await poll()
        assert asked(server)["GET /df/"] == plain + 5
        # Who asks for it gets everything, as once in an hour.
        await loaded.runtime_data.async_refresh()
        assert asked(server)["GET /df/"] >= 58
        await poll(3600)
        assert asked(server)["GET /df/"] >= 58
        # If the reports cannot be listed, the devices are asked themselves.
        server.inject(faults.status(500), "*/streamer/")
        await poll()
        assert asked(server)["GET /df/"] >= 58


async def test_an_inactive_device_is_read_for_who_looks_at_it(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    entity_registry: er.EntityRegistry,
) -> None:
    probe = "d--0000-0000-0000-0333"
    await poll(3600)
    assert not any(
        request.query["filter"] == probe
        for request in server.log.to("GET", f"{API}/df/")[8:]
    )
    unique = f"{loaded.unique_id}/{probe}/500f"
    entity = entity_registry.async_get_entity_id("sensor", DOMAIN, unique)
    assert entity is not None
    entity_registry.async_update_entity(entity, disabled_by=None)
    server.world.add(
        f"s--0000-0006--{probe[3:]}--500f",
        LAST,
        2000,
    )
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, entity) not in ("unknown", "unavailable")
    server.log.clear()
    await poll(3600)
    assert any(
        request.query["filter"] == probe
        for request in server.log.to("GET", f"{API}/df/")
    )


async def test_pages_are_counted_by_ourselves(
    hass: HomeAssistant, server: IOTileServer, entry: MockConfigEntry
) -> None:
    server.proxy["host"] = "http://internal:8000"
    for number in range(0x4000, 0x4000 + 1001):
        server.world.templates.append(
            {**server.world.templates[0], "slug": f"t{number}"}
        )
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert asked(server)["GET /dt/"] == 2


async def test_looking_at_once(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    await async_setup_component(hass, "homeassistant", {})
    server.world.add(METER, LAST + 60, 2, local_id=8000)
    asked(server)
    entity = "sensor.cellar_water_meter_io_1_total"
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": entity}, blocking=True
    )
    await asyncio.sleep(0.6)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert float(shown(hass, entity)) == pytest.approx(2 * GALLON)
    assert asked(server) == {"GET /df/": 6, "GET /event/": 1}
