"""Benchmark bytes to states against Home Assistant's own ``dsmr``.

Each runs in a Home Assistant of its own, on a TCP connection to the same meter, and shows the same
values in the same number of entities. The same telegrams are passed, one after the other, to the
receiver of that connection, and CPU time is measured until all states are written. Work that the
event loop and the kernel do for both alike is not counted.

There are two runs. The first uses the default options (Junction shows power every 5 s and counters
every 30 s, core everything every 30 s), with a clock for both that advances one second per
telegram. The second shows every telegram.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
import gc
import json
import logging
from pathlib import Path
from statistics import median
import sys
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from unittest.mock import patch

from dsmr_parser.clients.protocol import DSMRProtocol
from homeassistant import loader
from homeassistant.const import (
    ATTR_RESTORED,
    EVENT_STATE_CHANGED,
    EVENT_STATE_REPORTED,
    __version__,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, frame
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# Import this first: Home Assistant puts a package of the same name at the front of the path.
from custom_components.junction.backends.dsmr import adapter

from .measure import Row, child
from .p1 import telegrams

TURNS = 5
COUNT = 1020
# A minute of telegrams, so that each block has the same number of updates at 5 s and 30 s.
BLOCK = 60
ROOT = Path(__file__).parents[1]

METER = "4530303839303031323033343536373235"
GAS = "4730303631303032313938373635343231"

# Core's entities for a three-phase DSMR 5 meter with gas, each with the matching point of
# Junction.
SAME: Mapping[str, str] = {
    "current_electricity_usage": "power_import",
    "current_electricity_delivery": "power_export",
    "electricity_active_tariff": "tariff",
    "electricity_used_tariff_1": "energy_import_tariff_1",
    "electricity_used_tariff_2": "energy_import_tariff_2",
    "electricity_delivered_tariff_1": "energy_export_tariff_1",
    "electricity_delivered_tariff_2": "energy_export_tariff_2",
    **{
        f"instantaneous_active_power_l{n}_{theirs}": f"power_{ours}_l{n}"
        for n in (1, 2, 3)
        for theirs, ours in (("positive", "import"), ("negative", "export"))
    },
    "short_power_failure_count": "power_failures_short",
    "long_power_failure_count": "power_failures_long",
    **{
        f"voltage_{kind}_l{n}_count": f"voltage_{kind}s_l{n}"
        for kind in ("sag", "swell")
        for n in (1, 2, 3)
    },
    **{f"instantaneous_voltage_l{n}": f"voltage_l{n}" for n in (1, 2, 3)},
    **{f"instantaneous_current_l{n}": f"current_l{n}" for n in (1, 2, 3)},
    "gas_reading": "reading",
}


# Core shows these points under another id, and tells them apart by device.
IDS = {
    "dsmr": {f"{METER}_{key}" for key in SAME if key != "gas_reading"} | {GAS},
    "junction": {
        f"dsmr:{METER}/meter/{point}" for point in SAME.values() if point != "reading"
    }
    | {f"dsmr:{METER}/mbus-{GAS}/reading"},
}


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one run: CPU time per telegram (µs), or number of states written."""

    entities: int
    per_telegram: float


def rows() -> Iterator[Row]:
    """Yield the comparisons with default options, and with every telegram shown."""
    yield from _compare("as installed", every=False)
    yield from _compare("every telegram shown", every=True)


def _compare(how: str, *, every: bool) -> Iterator[Row]:
    turns = [
        (_run("junction", every=every), _run("dsmr", every=every)) for _ in range(TURNS)
    ]
    [(ours, theirs), *_] = turns
    if ours.entities != theirs.entities:
        raise RuntimeError(f"{ours.entities} entities against {theirs.entities}")
    our_writes = _run("junction", every=every, counting=True).per_telegram
    their_writes = _run("dsmr", every=every, counting=True).per_telegram
    peer = f"Home Assistant {__version__} dsmr"
    yield Row(
        f"bytes to states, {how}, {ours.entities} entities, CPU per telegram",
        median(our.per_telegram for our, _ in turns),
        median(their.per_telegram for _, their in turns),
        peer,
        wanted="8",
    )
    yield Row(
        "the same: states written per telegram", our_writes, their_writes, peer, unit=""
    )


def states_per_telegram(domain: str) -> float:
    """Return how many states an integration writes per telegram with default options."""
    return _run(domain, every=False, counting=True).per_telegram


def _run(domain: str, *, every: bool, counting: bool = False) -> Result:
    words = [domain, *["every"] * every, *["counting"] * counting]
    return Result(**child("bench.in_home_assistant", *words))


class Clock:
    """Clock that advances by a fixed step each time it is read, or when told to."""

    def __init__(self) -> None:
        """Start at the present, so that no timestamp seems to lie in the future."""
        self._start = datetime.now(UTC)
        self._passed = 0.0
        self.per_look = 0.0

    def go(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds

    def utcnow(self) -> datetime:
        """Return the time that core's ``Throttle`` uses."""
        self.go(self.per_look)
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return the time that Junction's inventory uses, in seconds."""
        self.go(self.per_look)
        return self._start.timestamp() + self._passed


async def _measure(domain: str, *, every: bool, counting: bool) -> Result:
    clock = Clock()
    # Advance the clock until all entities have a value, instead of waiting for half a minute.
    clock.per_look = 60.0
    with (
        patch("homeassistant.util.utcnow", clock.utcnow),
        patch(f"{adapter.__name__}.monotonic", clock.monotonic),
    ):
        return await _measure_by(clock, domain, every=every, counting=counting)


async def _measure_by(
    clock: Clock, domain: str, *, every: bool, counting: bool
) -> Result:
    feeder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.feeder"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert feeder.stdin is not None and feeder.stdout is not None
    try:
        port = int(await feeder.stdout.readline())
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            async with async_test_home_assistant(config_dir=folder) as hass:
                frame.async_setup(hass)
                entry = await _set_up(hass, domain, port, every=every)
                entities = sum(
                    ATTR_RESTORED not in state.attributes
                    for state in hass.states.async_all("sensor")
                )
                receive = _receiver(entry)
                clock.per_look = 0.0
                clock.go(60)
                if counting:
                    figure = _writes(hass, receive, clock)
                else:
                    figure = _cpu(receive, clock)
                await hass.config_entries.async_unload(entry.entry_id)
                await hass.async_stop(force=True)
        return Result(entities, figure)
    finally:
        feeder.terminate()
        await feeder.wait()


def _receiver(entry: MockConfigEntry) -> Callable[[bytes], None]:
    """Return the object that receives the bytes of the connection."""
    if entry.domain == "junction":
        receive: Callable[[bytes], None] = (
            entry.runtime_data.backend._listener._received
        )
        return receive
    open_ones = [
        item
        for item in gc.get_objects()
        if type(item) is DSMRProtocol and not item.transport.is_closing()
    ]
    theirs: Callable[[bytes], None] = open_ones[-1].data_received
    return theirs


def _cpu(receive: Callable[[bytes], None], clock: Clock) -> float:
    """Return CPU time per telegram (µs), as the median over blocks of telegrams."""
    taken = []
    frames = telegrams("5", COUNT)
    gc.collect()
    gc.disable()
    for at in range(0, COUNT, BLOCK):
        begin = process_time()
        for telegram in frames[at : at + BLOCK]:
            receive(telegram)
            clock.go(1)
        taken.append((process_time() - begin) / BLOCK * 1e6)
    gc.enable()
    return median(taken)


def _writes(
    hass: HomeAssistant, receive: Callable[[bytes], None], clock: Clock
) -> float:
    """Return how many states are written per telegram."""
    written = 0

    @callback
    def one_more(_event: Event[Any]) -> None:
        nonlocal written
        written += 1

    @callback
    def every(_data: object) -> bool:
        return True

    hass.bus.async_listen(EVENT_STATE_CHANGED, one_more)
    hass.bus.async_listen(EVENT_STATE_REPORTED, one_more, event_filter=every)
    for telegram in telegrams("5", COUNT):
        receive(telegram)
        clock.go(1)
    return written / COUNT


def _entry(domain: str, port: int, *, every: bool) -> MockConfigEntry:
    url = f"socket://127.0.0.1:{port}"
    if domain == "junction":
        return MockConfigEntry(
            domain=domain,
            unique_id=f"dsmr:{METER}",
            data={
                "backend": "dsmr",
                "port": url,
                "baudrate": 115200,
                "equipment_id": METER,
            },
            options={"power_interval": 0, "slow_interval": 0} if every else {},
        )
    return MockConfigEntry(
        domain=domain,
        unique_id=METER,
        data={
            "port": url,
            "dsmr_version": "5",
            "protocol": "dsmr_protocol",
            "serial_id": METER,
            "serial_id_gas": GAS,
        },
        options={"time_between_update": 0} if every else {},
    )


async def _set_up(
    hass: HomeAssistant, domain: str, port: int, *, every: bool
) -> MockConfigEntry:
    """Set up one of the two with exactly the entities of ``SAME``."""
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
    entry = _entry(domain, port, every=every)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    registry = er.async_get(hass)
    wanted = IDS[domain]
    await _until(lambda: wanted <= _ids(registry, entry))
    await hass.config_entries.async_unload(entry.entry_id)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(
            entity.entity_id,
            disabled_by=(
                None if entity.unique_id in wanted else er.RegistryEntryDisabler.USER
            ),
        )
    await hass.config_entries.async_setup(entry.entry_id)
    await _until(
        lambda: all(
            (state := hass.states.get(entity.entity_id)) is not None
            and state.state not in {"unknown", "unavailable"}
            for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
            if entity.unique_id in wanted
            # Core shows 0 as unknown.
            and (domain == "junction" or "fail" not in entity.unique_id)
            and (domain == "junction" or "_count" not in entity.unique_id)
        )
    )
    return entry


def _ids(registry: er.EntityRegistry, entry: MockConfigEntry) -> set[str]:
    return {
        entity.unique_id
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
    }


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    domain_, *words_ = sys.argv[1:]
    result = asyncio.run(
        _measure(domain_, every="every" in words_, counting="counting" in words_)
    )
    print(json.dumps(asdict(result)))
