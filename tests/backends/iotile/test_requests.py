"""Requests to an IOTile Cloud, and their frequency."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.iotile.client import poller
from custom_components.junction.backends.iotile.entities import rounds
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
    # No entity of the stream without data is enabled, so it is not requested.
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
        # A phone reads out the other devices and uploads points.
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
        # Six requests to know all of them, one how far their reports have come, then
        # one for the data of each.
        assert sum(first.values()) == 7
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
        asked(server)
        await poll()
        plain = sum(number % 10 == 0 for number in range(0x2000, 0x2000 + 54))
        # One request tells of 48 devices that nothing came. Those without a streamer
        # have to be asked: the first time after ten minutes, then less and less often.
        assert asked(server) == {"GET /streamer/": 1, "GET /df/": plain + 4}
        await poll()
        assert asked(server) == {"GET /streamer/": 1}
        await poll()
        assert asked(server) == {"GET /streamer/": 1, "GET /df/": plain + 4}
        device = world.device("d--0000-0000-0000-2001")
        assert device is not None
        world.streamer(device)["last_id"] = 5
        world.add("s--0000-0005--0000-0000-0000-2001--5001", LAST + 60, 7, local_id=5)
        await poll()
        assert asked(server) == {"GET /streamer/": 1, "GET /df/": 1}
        assert float(shown(hass, "sensor.meter_2001_io_1_total")) == pytest.approx(
            7 * GALLON
        )
        # Points written by Junction are not a report, but are shown at once.
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
        assert float(shown(hass, "sensor.meter_2002_io_1_total")) == pytest.approx(
            3 * GALLON
        )
        # A device with news is polled at the usual rate again.
        world.add("s--0000-0005--0000-0000-0000-2008--5001", LAST + 120, 2)
        await poll(1200)
        asked(server)
        await poll()
        assert asked(server) == {"GET /streamer/": 1, "GET /df/": 1}
        # A requested update reads everything, like the hourly one.
        await loaded.runtime_data.async_refresh()
        assert asked(server)["GET /df/"] >= 58
        await poll(3600)
        assert asked(server)["GET /df/"] >= 58
        # If the reports cannot be listed, each device is requested.
        server.inject(faults.status(500), "*/streamer/")
        await poll()
        assert asked(server)["GET /df/"] >= 48


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
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    clock: VirtualClock,
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
    found = asked(server)
    # What there is, then all of it, late data and the battery too.
    assert (found["GET /device/"], found["GET /stream/"]) == (1, 1)
    assert (found["GET /df/"], found["GET /event/"]) == (7, 1)
    # Also on request long after the last poll, and shortly before the next.
    clock.jump(590)
    server.world.add(METER, LAST + 120, 3, local_id=8001)
    device = server.world.add_device(0x555, "New meter")
    stream = server.world.add_stream(METER, device)
    server.world.add(stream["slug"], LAST, 4)
    server.world.devices[0]["label"] = "Renamed"
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": entity}, blocking=True
    )
    await asyncio.sleep(0.6)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert float(shown(hass, entity)) == pytest.approx(5 * GALLON)
    assert shown(hass, "sensor.new_meter_io_1_total") == "0.0"
    names = {
        device.name
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), loaded.entry_id
        )
    }
    assert "Renamed" in names


class TestSilent:
    """Devices without uploads for a week."""

    @pytest.fixture
    def world(self, clock: VirtualClock) -> World:
        world = house(clock, days=1)
        for number in range(0x2000, 0x2003):
            device = world.add_device(number, f"Silent {number:x}")
            stream = world.add_stream(METER, device)
            world.add(stream["slug"], NOW - 10 * 24 * HOUR, 5, local_id=1)
            if number != 0x2002:
                world.streamer(device)["last_id"] = 1
        return world

    async def test_they_are_asked_seldom_and_with_one_request(
        self,
        hass: HomeAssistant,
        server: IOTileServer,
        loaded: MockConfigEntry,
        poll: Poll,
        clock: VirtualClock,
    ) -> None:
        def silent() -> list[str]:
            found = [
                request.query["filter"][-4:]
                for request in server.log.to("GET", f"{API}/df/")
                if request.query["filter"].startswith("d--0000-0000-0000-2")
            ]
            server.log.clear()
            return found

        total = "sensor.silent_2001_io_1_total"
        for _ in range(3):
            await poll(6 * HOUR)
            silent()
        # A day: each of them a few times, always with one request.
        asked_for: list[str] = []
        for _ in range(24):
            await poll(HOUR)
            now = silent()
            assert len(now) == len(set(now))
            asked_for += now
        assert 3 <= len(asked_for) <= 9
        # One that comes back is found by its report, within the hour.
        world = server.world
        world.add("s--0000-0005--0000-0000-0000-2001--5001", clock.now(), 7, local_id=2)
        world.streamers[1]["last_id"] = 2
        await poll(HOUR + 600)
        assert float(shown(hass, total)) == pytest.approx(7 * GALLON)
        silent()
        # From then on it is looked at like any other.
        await poll()
        assert silent() == ["2001"]


class TestReload:
    """500 devices on a slow server."""

    @pytest.fixture
    def world(self, clock: VirtualClock) -> World:
        return crowded(clock, 500)

    async def test_what_was_known_is_shown_at_once(
        self,
        hass: HomeAssistant,
        server: IOTileServer,
        loaded: MockConfigEntry,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(rounds, "FIRST_WAIT", 0.3)
        monkeypatch.setattr(rounds, "SHOW_AFTER", 0.3)
        entity = "sensor.water_meter_last_measurement"
        assert shown(hass, entity) == "2026-11-20T08:00:00+00:00"
        assert await hass.config_entries.async_unload(loaded.entry_id)
        server.log.clear()
        server.world.add(METER, LAST + 300, 9, local_id=9000)
        release = asyncio.Event()

        async def slow(request: Any, handler: Any) -> Any:
            await release.wait()
            return await handler(request)

        server.inject(slow, f"{API}/project/")
        assert await hass.config_entries.async_setup(loaded.entry_id)
        # Nothing has answered yet.
        assert loaded.state is ConfigEntryState.LOADED
        assert shown(hass, entity) == "2026-11-20T08:00:00+00:00"
        total = "sensor.water_meter_io_1_total"
        assert shown(hass, total) == "0.0"
        assert server.log.count("GET", f"{API}/df/") == 0
        release.set()
        await hass.async_block_till_done(wait_background_tasks=True)
        assert shown(hass, entity) == "2026-11-20T08:05:00+00:00"
        assert float(shown(hass, total)) == pytest.approx(9 * GALLON)
        # Those that handed in nothing meanwhile were not even asked.
        assert server.log.count("GET", f"{API}/df/") < 70


async def test_a_silent_server_is_not_waited_for(
    hass: HomeAssistant,
    server: IOTileServer,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller, "SILENT_SERVER", 0.2)
    server.inject(faults.hang(), f"{API}/*")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
