"""Benchmark a large OpenMotics installation: start and event latency.

Gateway and Home Assistant share one process and one core, over real HTTPS; a real gateway has its
own hardware. The limits are those that the project promises. The vendor's integration, for
comparison, requests everything every 30 s, one request after the other.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass
import json
from statistics import median
from tempfile import TemporaryDirectory
import time
from typing import Any

from homeassistant import loader
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, frame
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# Import this first: Home Assistant puts a package of the same name at the front of the path.
import custom_components.junction  # noqa: F401
from simulators.certificates import make_certificate
from simulators.openmotics.plan import ADMIN, large
from simulators.openmotics.server import GatewayServer

from .measure import Row, child

PRESSES = 50
OUTAGES = (0.5, 4.0, 15.0)
"""Seconds for which the gateway is away."""
SIZE = {"outputs": 200, "inputs": 100, "thermostats": 50}


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds, milliseconds and numbers of requests."""

    start: float
    again: float
    requests: int
    press: float
    output: float
    all_off: float
    all_off_requests: int
    off_again: float
    quiet_requests: int
    events_back: float


def rows() -> Iterator[Row]:
    """Yield the results, with the limits as the peer."""
    found = Result(**child("bench.openmotics"))
    size = "/".join(map(str, SIZE.values()))
    yield Row(
        f"OpenMotics: first start, {size} outputs/inputs/thermostats, CPU with gateway",
        found.start,
        3.0,
        "limit",
        unit="s",
    )
    yield Row(
        f"OpenMotics: start with all modules loaded, {found.requests} requests",
        found.again,
        3.0,
        "limit",
        unit="s",
    )
    yield Row(
        "OpenMotics: press to event entity", found.press, 100.0, "limit", unit="ms"
    )
    yield Row(
        "OpenMotics: wall button to state of the lamp",
        found.output,
        100.0,
        "limit",
        unit="ms",
    )
    yield Row(
        f"OpenMotics: 100 lights off and confirmed, {found.all_off_requests} requests",
        found.all_off,
        5.0,
        "limit",
        unit="s",
    )
    yield Row(
        "OpenMotics: 20 steps that turn off what is off already",
        found.off_again,
        2.0,
        "limit",
        unit="s",
    )
    yield Row(
        "OpenMotics: requests in 4 quiet minutes",
        found.quiet_requests,
        8 * 11,
        "vendor's integration",
        unit="",
    )
    outages = ", ".join(f"{seconds:g}" for seconds in OUTAGES)
    yield Row(
        f"OpenMotics: first answer after a restart to events, worst of {outages} s away",
        found.events_back,
        5.0,
        "limit",
        unit="s",
    )


async def _measure() -> Result:
    certificate = make_certificate("bench")
    state = large(time.time, **SIZE)
    async with GatewayServer(state, certificate) as gateway:
        with TemporaryDirectory() as folder:
            async with async_test_home_assistant(config_dir=folder) as hass:
                frame.async_setup(hass)
                result = await _in_home_assistant(hass, gateway, certificate.sha256)
                await hass.async_stop(force=True)
    return result


async def _in_home_assistant(
    hass: HomeAssistant, gateway: GatewayServer, pin: str
) -> Result:
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
    entry = MockConfigEntry(
        domain="junction",
        unique_id="openmotics:001122aabbcc",
        title="Bench",
        data={
            "backend": "openmotics",
            "transport": "local",
            "url": gateway.url,
            "username": ADMIN.name,
            "password": ADMIN.password,
            "pin": pin,
        },
    )
    entry.add_to_hass(hass)
    # CPU time includes imports of Home Assistant's own modules; wall time would include other load
    # on the machine.
    begin = time.process_time()
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError(entry.reason)
    await hass.async_block_till_done()
    start = time.process_time() - begin
    log = gateway.server.log
    requests = log.count()
    begin = time.perf_counter()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    again = time.perf_counter() - begin
    registry = er.async_get(hass)
    ids = {
        entity.unique_id.rpartition("/")[2]: entity.entity_id
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
    }
    presses, outputs = [], []
    for number in range(PRESSES):
        pressed, switched = await _press(hass, gateway, ids, number)
        presses.append(pressed)
        outputs.append(switched)
    log.clear()
    lights = [ids[f"output_{number}"] for number in range(100)]
    await hass.services.async_call(
        "light", "turn_on", {}, blocking=True, target={"entity_id": lights}
    )
    log.clear()
    begin = time.perf_counter()
    await hass.services.async_call(
        "light", "turn_off", {}, blocking=True, target={"entity_id": lights}
    )
    all_off = time.perf_counter() - begin
    if any(gateway.state.output_values[number].on for number in range(100)):
        raise RuntimeError("not all lights are off")
    all_off_requests = log.count()
    begin = time.perf_counter()
    for light in lights[:20]:
        await hass.services.async_call(
            "light", "turn_off", {}, blocking=True, target={"entity_id": light}
        )
    off_again = time.perf_counter() - begin
    log.clear()
    await _quiet(entry)
    quiet = log.count()
    back = [
        await _events_back(hass, gateway, ids["input_0_press"], seconds)
        for seconds in OUTAGES
    ]
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    return Result(
        start,
        again,
        requests,
        median(presses),
        median(outputs),
        all_off,
        all_off_requests,
        off_again,
        quiet,
        max(back),
    )


async def _press(
    hass: HomeAssistant, gateway: GatewayServer, ids: dict[str, str], number: int
) -> tuple[float, float]:
    """Return the time from a press to the event entity and to the state of the light, in ms."""
    seen: dict[str, float] = {}
    done = asyncio.Event()
    wanted = {ids[f"input_{number}_press"], ids[f"output_{number}"]}

    @callback
    def listen(event: Event[Any]) -> None:
        entity: str = event.data["entity_id"]
        if entity in wanted:
            seen.setdefault(entity, time.perf_counter())
            if seen.keys() == wanted:
                done.set()

    stop = hass.bus.async_listen("state_changed", listen)
    begin = time.perf_counter()
    gateway.engine.press(number)
    async with asyncio.timeout(5):
        await done.wait()
    stop()
    gateway.engine.press(number, pressed=False)
    await asyncio.sleep(0.02)
    return (
        (seen[ids[f"input_{number}_press"]] - begin) * 1000,
        (seen[ids[f"output_{number}"]] - begin) * 1000,
    )


async def _events_back(
    hass: HomeAssistant, gateway: GatewayServer, entity: str, seconds: float
) -> float:
    """Restart the gateway; return the seconds from its first answer to the first event."""
    before = hass.states.get(entity)
    last = None if before is None else before.state
    gateway.server.log.clear()
    await gateway.restart(seconds)
    end = time.monotonic() + 30
    pressed = True
    while time.monotonic() < end:
        gateway.engine.press(0, pressed=pressed)
        pressed = not pressed
        await asyncio.sleep(0.02)
        state = hass.states.get(entity)
        if state is not None and state.state not in {last, "unavailable", "unknown"}:
            seen = time.monotonic()
            first = min(
                request.ended
                for request in gateway.server.log.requests
                if request.ended is not None and request.status is not None
            )
            gateway.engine.press(0, pressed=False)
            await asyncio.sleep(0.1)
            return seen - first
    raise RuntimeError(f"no event after {seconds} s away")


async def _quiet(entry: MockConfigEntry) -> None:
    """Advance the backend's clock by four minutes."""
    backend = entry.runtime_data.backend
    real = backend._clock.monotonic
    ahead = 0.0
    object.__setattr__(backend._clock, "monotonic", lambda: real() + ahead)
    for _ in range(48):
        ahead += 5.0
        await entry.runtime_data.async_refresh()


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_measure()))))
