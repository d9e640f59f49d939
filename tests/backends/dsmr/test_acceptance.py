"""A day of telegrams with faults of every kind: no wrong value, none missed."""

from collections import Counter, deque
from collections.abc import Iterator
from datetime import UTC, datetime
import gc
import logging
from pathlib import Path
import sys
import time
import tracemalloc

from homeassistant.core import HomeAssistant
import pytest

from custom_components.junction.backends import dsmr
from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.identity import Identity
from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.backends.dsmr.entities.description import METER, Pace
from custom_components.junction.backends.dsmr.entities.inventory import Inventory
from simulators.p1_meter import Fate, MeterPlan, P1Meter, Pause, Sent

from .running import backend_of, connected, entry_for, set_up, shown, simulated, until
from .test_entities import LINES

LOGGER = logging.getLogger(__name__)

DAY = 24 * 3600
TRACED = 1_500
FAULTY = 0.02
# Telegrams held back by a fault come some seconds late, glued to others.
_RECENT = 60

type Content = tuple[bytes, ...]


def content(raw: bytes) -> Content:
    """Return the content of a telegram, regardless of its line ends."""
    return tuple(
        line
        for line in raw.replace(b"\r", b"").split(b"\n")[1:]
        if line[:1] not in b"!"
    )


class Day:
    """A meter, and everything between its line and Home Assistant."""

    def __init__(self, dialect: str, seed: int = 1) -> None:
        self.meter = P1Meter(MeterPlan(dialect, seed, log_size=_RECENT))
        self.meter.faults.mix(FAULTY)
        if not self.meter.dialect.ident and self.meter.frames is None:
            # Meters without any number cannot be told from each other.
            names = set(self.meter.faults._mix[1]) - {"other_meter"}
            self.meter.faults.mix(FAULTY, tuple(sorted(names)))
        self.now = 0.0
        keys = None
        if (frames := self.meter.frames) is not None:
            keys = Keys(frames.key, frames.authentication_key)
        self.stream = P1Stream(
            keys,
            now=lambda: datetime.fromtimestamp(self.now, UTC),
            monotonic=lambda: self.now,
        )
        self.identity = Identity(None)
        self.inventory = Inventory(dict.fromkeys(Pace, 0.0))
        self.states: dict[tuple[str, str], object] = {}
        self.delivered: Counter[int] = Counter()
        self.foreign = 0
        self.fates: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.missed: list[Sent] = []
        self._recent: deque[Sent] = deque(maxlen=_RECENT)
        self._said: dict[bytes, Sent] = {}

    def live(self, telegrams: int) -> None:
        """Let so many telegrams pass, and look at each."""
        for record in self.meter.telegrams(telegrams):
            self._remember(record)
            for telegram in self._arrive(record):
                self._take(telegram)

    def finish(self) -> None:
        """Check the telegrams that may still arrive."""
        while self._recent:
            self._judge(self._recent.popleft())

    def _remember(self, record: Sent) -> None:
        if len(self._recent) == _RECENT:
            self._judge(self._recent.popleft())
        self._recent.append(record)
        self._said[record.telegram.data] = record
        self.fates[record.fate] += 1
        if record.fault is not None:
            self.faults[record.fault] += 1

    def _judge(self, record: Sent) -> None:
        """See whether a telegram was used as it should be, when it is over."""
        count = self.delivered.pop(record.sequence, 0)
        assert count <= record.copies, record.fault
        if record.fate is Fate.MUST and not count:
            self.missed.append(record)
        if record.fate is Fate.MUST_NOT:
            assert not count, record.fault
        self._said.pop(record.telegram.data, None)

    def _arrive(self, record: Sent) -> Iterator[Telegram]:
        # Telegrams that were held back arrive later than they were made.
        self.now = max(self.now, float(record.sent or record.time))
        for step in record.steps:
            if isinstance(step, bytes):
                yield from self.stream.feed(step)
            elif isinstance(step, Pause):
                self.now += step.seconds

    def _take(self, telegram: Telegram) -> None:
        if not self.identity.recognize(telegram):
            said = content(telegram.raw)
            assert any(
                record.foreign and content(record.foreign.data) == said
                for record in self._recent
            )
            self.foreign += 1
            self.inventory.refresh()
            return
        record = self._said.get(telegram.raw) or self._find(telegram)
        self.delivered[record.sequence] += 1
        self.states |= self.inventory.take(telegram, self.now).states
        self._compare(record)

    def _find(self, telegram: Telegram) -> Sent:
        """Return the original of a telegram with damaged line ends."""
        said = content(telegram.raw)
        return next(r for r in self._recent if content(r.telegram.data) == said)

    def _compare(self, record: Sent) -> None:
        """Compare the states with the values that the meter sent."""
        states = self.states
        for obis, groups in record.telegram.lines:
            if (point := LINES.get(obis)) is not None:
                value = float(groups[1:-1].partition("*")[0])
                assert states[METER, point] == value, point
            elif obis.endswith(":24.2.1") and groups[1] == "2":
                reading = float(groups.rpartition("(")[2].partition("*")[0].rstrip(")"))
                assert reading in {
                    state for key, state in states.items() if key[1] == "reading"
                }


def held() -> int:
    """Return the bytes that the backend holds, without those of other threads."""
    ours = tracemalloc.Filter(True, str(Path(dsmr.__file__).parent / "*"))
    snapshot = tracemalloc.take_snapshot().filter_traces([ours])
    return sum(one.size for one in snapshot.statistics("filename"))


def test_a_day_at_one_telegram_per_second(caplog: pytest.LogCaptureFixture) -> None:
    """Memory does not grow over 86,400 telegrams, one in fifty with a fault."""
    day = Day("5")
    began = time.perf_counter()
    day.live(DAY // 6)
    gc.collect()
    blocks = sys.getallocatedblocks()
    day.live(DAY - DAY // 6 - 2 * TRACED)
    tracemalloc.start()
    day.live(TRACED)
    gc.collect()
    memory = held()
    day.live(TRACED)
    gc.collect()
    growth = held() - memory
    tracemalloc.stop()
    grown_blocks = sys.getallocatedblocks() - blocks
    day.finish()
    seconds = time.perf_counter() - began
    statistics = day.stream.statistics
    LOGGER.info(
        "%s telegrams in %.0f s: %s used, %s of another meter, %s hit by %s kinds of"
        " fault, %s missed; %s bytes more in %s telegrams, %s blocks more in a day",
        DAY,
        seconds,
        statistics.telegrams,
        day.foreign,
        sum(day.faults.values()),
        len(day.faults),
        len(day.missed),
        growth,
        TRACED,
        grown_blocks,
    )
    assert not day.missed
    assert sum(day.fates.values()) == DAY
    assert sum(day.faults.values()) > FAULTY * DAY
    assert len({fault for fault in day.faults if not fault.startswith("after")}) > 18
    assert day.foreign > 50
    assert statistics.telegrams - day.foreign >= day.fates[Fate.MUST]
    # Buffers grow and shrink with faults.
    assert growth < 20_000
    # Those of the whole process; one kept for each telegram would be 72,000.
    assert grown_blocks < 20_000
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize("dialect", ["5B", "5L-enc", "4", "5S", "LT", "heat"])
def test_an_hour_of_other_dialects(dialect: str) -> None:
    day = Day(dialect, seed=7)
    day.live(3_000)
    day.finish()
    assert not day.missed
    assert sum(day.faults.values()) > 40


@pytest.mark.usefixtures("socket_enabled")
async def test_through_home_assistant(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Over a real line that also breaks, with every value shown as it comes."""
    caplog.set_level(logging.INFO)
    async with simulated(speed=150, log_size=5_000) as sim:
        options = {"power_interval": 0, "slow_interval": 0}
        entry = entry_for(sim.address, sim.equipment, options=options)
        await set_up(hass, entry)
        heard: Counter[Content] = Counter()
        backend = backend_of(entry)
        take = backend._listener._on_telegram

        def note(telegram: Telegram) -> None:
            heard[content(telegram.raw)] += 1
            take(telegram)

        backend._listener._on_telegram = note
        first = sim.meter.sequence + 2
        sim.meter.faults.mix(FAULTY)
        for breaking in ("fin", "rst", "refuse"):
            await sim.sent(250)
            sim.control.fault(breaking)
            await sim.sent(50)
            await until(lambda: connected(hass, entry) == "on")
        sim.meter.faults.clear()
        await sim.sent(50)
        await until(lambda: connected(hass, entry) == "on")
        sim.control.speed(0)
        await sim.server.wait_idle()
        log = [record for record in sim.meter.log if record.sequence >= first]
        good = [
            record for record in log if record.fate is Fate.MUST and record.receivers
        ]
        last = good[-1]
        await until(lambda: heard[content(last.telegram.data)])
        await hass.async_block_till_done()
        missed = [r for r in good if not heard[content(r.telegram.data)]]
        said = {content(record.telegram.data) for record in sim.meter.log}
        said |= {content(r.foreign.data) for r in sim.meter.log if r.foreign}
        LOGGER.info(
            "%s telegrams sent, %s heard, %s of %s good ones missed",
            len(log),
            sum(heard.values()),
            len(missed),
            len(good),
        )
        assert len(good) > 500
        assert not missed
        assert set(heard) <= said
        facts = sim.meter.expected(last.telegram)
        for obis, point in LINES.items():
            line = facts["values"].get(obis)
            if line is not None and point.startswith(("energy", "power_i", "power_e")):
                assert float(shown(hass, entry, point)) == float(line["value"])
        assert backend._listener.statistics.reconnects >= 3
        await hass.config_entries.async_unload(entry.entry_id)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert "Traceback" not in caplog.text
