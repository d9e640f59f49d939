"""Glitches of heat, cooling, water, and slave meters leave no spike in a real recorder."""

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
import pytest

from .helpers import replace_line, wire
from .running import entity_id, heard, tell
from .test_statistics import sums

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_water_heat_slave")
EVERY = {"power_interval": 0, "slow_interval": 0}

# Channel: its id as printed, what it counts at first (in the last digit), and how.
METERS = {
    1: ("5730303132303033343030303536", 311592, 3, "m3"),
    2: ("4830303939383837373636", 10137, 2, "GJ"),
    3: ("4330303939383837373637", 1204, 2, "GJ"),
    4: ("4530303535343433333232313130", 4501228, 3, "kWh"),
}
NAMES = {1: "water", 2: "heat", 3: "cooling", 4: "slave electricity"}


def line(channel: int, minute: int, counted: float, unit: str | None = None) -> str:
    """Return the line of a meter: ``counted`` in its last digit."""
    _, _, digits, printed = METERS[channel]
    value = f"{counted / 10**digits:0{10 + digits - 3}.{digits}f}"
    return f"0-{channel}:24.2.1(2503121845{minute:02}W)({value}*{unit or printed})"


def telegram(minute: int, channel: int = 0, wrong: str | None = "") -> bytes:
    """Return the telegram of a minute: each meter counts one a minute.

    ``wrong`` replaces the line of a channel; None leaves it out.
    """
    raw = replace_line(RAW, "0-0:1.0.0", f"0-0:1.0.0(2503121846{minute:02}W)")
    for number, (_, counted, _, _) in METERS.items():
        now: str | None = line(number, minute, counted + minute)
        if number == channel and wrong != "":
            now = wrong
        raw = replace_line(raw, f"0-{number}:24.2.1", now)
    return raw


def _zero(channel: int) -> list[str | None]:
    return [line(channel, 30, 0)]


def _zeros(channel: int) -> list[str | None]:
    return [line(channel, minute, 0) for minute in (30, 35)]


def _zero_held(channel: int) -> list[str | None]:
    return [line(channel, 30, 0)] * 3


def _tenfold(channel: int) -> list[str | None]:
    return [line(channel, 30, METERS[channel][1] * 10)]


def _fallen(channel: int) -> list[str | None]:
    return [line(channel, 30, METERS[channel][1] * 0.7)]


def _other_unit(channel: int) -> list[str | None]:
    return [line(channel, 30, METERS[channel][1], "l" if channel == 1 else "MWh")]


def _no_unit(channel: int) -> list[str | None]:
    return [line(channel, 30, METERS[channel][1]).partition("*")[0] + ")"]


def _missing(channel: int) -> list[str | None]:
    return [None]


# Kept in step with the table in docs/protocols/dsmr.md.
GLITCHES = {
    "0 once": _zero,
    "0 in two readings": _zeros,
    "0 in three telegrams of one reading": _zero_held,
    "ten times too high once": _tenfold,
    "a falling digit": _fallen,
    "in another unit once": _other_unit,
    "without a unit once": _no_unit,
    "missing once": _missing,
}


def readings(hass: HomeAssistant, entry: object) -> dict[int, str]:
    """Return the entity of each meter."""
    found = {}
    for channel, (ident, *_) in METERS.items():
        entity = entity_id(hass, entry, "reading", f"mbus-{ident}")  # type: ignore[arg-type]
        assert entity is not None
        found[channel] = entity
    return found


async def test_a_glitch_books_nothing(
    recorder_mock: Recorder, hass: HomeAssistant, subtests: pytest.Subtests
) -> None:
    """Each glitch of each meter in one house, with the use in between, adds nothing."""
    async with heard(hass, telegram(0), options=EVERY) as (entry, gateway):
        for channel, (_, counted, digits, _) in METERS.items():
            for name, glitch in GLITCHES.items():
                for wrong in glitch(channel):
                    await tell(hass, entry, gateway, telegram(1, channel, wrong))
                await tell(hass, entry, gateway, telegram(1))
                with subtests.test(meter=NAMES[channel], glitch=name):
                    entity = readings(hass, entry)[channel]
                    state = hass.states.get(entity)
                    assert state is not None
                    assert float(state.state) == pytest.approx(
                        (counted + 1) / 10**digits
                    )
        await tell(hass, entry, gateway, telegram(50))
        entities = readings(hass, entry)
        booked = await sums(hass, entities.values())
        for channel, entity in entities.items():
            digits = METERS[channel][2]
            assert booked[entity] == pytest.approx(50 / 10**digits), NAMES[channel]


@pytest.mark.parametrize("channel", METERS, ids=NAMES.values())
async def test_an_exchanged_meter_books_nothing(
    recorder_mock: Recorder, hass: HomeAssistant, channel: int
) -> None:
    """It is a device of its own, whose statistics begin with its first reading."""
    old = METERS[channel][0]
    new = old[:-2] + "39"
    async with heard(hass, telegram(0), options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, telegram(1))
        entities = readings(hass, entry)
        for minute in range(2, 5):
            raw = telegram(minute, channel, line(channel, minute, 3000 + minute))
            ident = f"0-{channel}:96.1.0"
            raw = replace_line(raw, ident, f"{ident}({new})")
            await tell(hass, entry, gateway, raw)
        fresh = entity_id(hass, entry, "reading", f"mbus-{new}")
        assert fresh is not None
        booked = await sums(hass, [fresh, *entities.values()])
        digits = METERS[channel][2]
        assert booked[fresh] == pytest.approx(2 / 10**digits)
        assert booked[entities[channel]] == pytest.approx(1 / 10**digits)
