"""Every kind of output as everything that it can be in Home Assistant, to be told things."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.core import HomeAssistant

from simulators.mycodo.furniture import add_output
from simulators.mycodo.plan import DIMMER, FAN, LAMP, PUMP, RELAYS
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Channel, ChannelState, State, uid

from ...common import state_of

FAN_BY_DUTY, PERCENT, REVERSED, TWIN_PUMP, STEPS = range(71, 76)

type Level = float | str
"""What an output does, in its own measure: 1 or 0, percent, a value; or unknown."""


@dataclass(frozen=True)
class Command:
    """An action and the level it leads to. ``entity`` is told among the fields."""

    action: str
    level: float
    fields: dict[str, Any] = field(default_factory=dict)


def _pair(domain: str, on: str = "turn_on", off: str = "turn_off") -> list[Command]:
    return [Command(f"{domain}.{on}", 1), Command(f"{domain}.{off}", 0)]


def _for(seconds: float) -> Command:
    return Command("junction.turn_on_for", 1, {"duration": {"seconds": seconds}})


def _numbers(*levels: float) -> list[Command]:
    return [Command("number.set_value", level, {"value": level}) for level in levels]


def _duty(percent: float) -> Command:
    return Command("junction.set_duty_cycle", percent, {"duty_cycle": percent})


def _value(value: float) -> Command:
    return Command("junction.set_value", value, {"value": value})


# The short one may end before the confirmation, so it is not awaited.
PULSE: Final = _for(0.15)
TIMED: Final = [_for(600), PULSE]
DISPENSE: Final = Command("junction.dispense", 1, {"volume": 50})
DIMMED: Final = [
    Command("light.turn_on", 50.2, {"brightness": 128}),
    Command("light.turn_on", 30.2, {"brightness": 77}),
    Command("light.turn_off", 0),
]


@dataclass(frozen=True)
class Kind:
    """An output as something in Home Assistant. ``start``: on and off, as Mycodo has it."""

    entity: str
    output: int
    channel: int
    commands: list[Command]
    start: tuple[ChannelState, ChannelState] = (True, False)


KINDS: Final = (
    Kind("switch.relay_board_fan", RELAYS, 1, [*_pair("switch"), *TIMED]),
    Kind("light.relay_board_heater", RELAYS, 0, [*_pair("light"), *TIMED]),
    Kind("switch.relay_board_humidifier", RELAYS, 2, [*_pair("switch"), *TIMED]),
    Kind("fan.relay_board_channel_4", RELAYS, 3, [*_pair("fan"), *TIMED]),
    Kind(
        "valve.grow_light",
        LAMP,
        0,
        [*_pair("valve", "open_valve", "close_valve"), *TIMED],
    ),
    Kind("switch.nutrient_pump", PUMP, 0, [*_pair("switch"), *TIMED, DISPENSE]),
    Kind(
        "valve.twin_pump_right",
        TWIN_PUMP,
        1,
        [*_pair("valve", "open_valve", "close_valve"), DISPENSE],
    ),
    Kind("light.circulation_fan", FAN, 0, [*DIMMED, _duty(12.5)], (80.0, False)),
    Kind(
        "light.reversed",
        REVERSED,
        0,
        DIMMED,
        # Mycodo keeps the output's value.
        (20.0, 100.0),
    ),
    Kind("number.percent", PERCENT, 0, [*_numbers(42.5, 0), _duty(7)], (80.0, False)),
    Kind(
        "fan.blower",
        FAN_BY_DUTY,
        0,
        [
            Command("fan.set_percentage", 30, {"percentage": 30}),
            Command("fan.turn_off", 0),
            _duty(55),
        ],
        (80.0, False),
    ),
    Kind(
        "number.dimmer_0_10_v_right",
        DIMMER,
        1,
        [*_numbers(5.5, 0), _value(7.5), _value(0)],
        (9.0, False),
    ),
    Kind("number.stepper", STEPS, 0, _numbers(-250, 400, 0), (100.0, False)),
)


SHOW_AS: Final = {
    "light": [f"{uid(RELAYS)}:0"],
    "outlet": [f"{uid(RELAYS)}:2"],
    "fan": [f"{uid(RELAYS)}:3", f"{uid(FAN_BY_DUTY)}:0"],
    "valve": [f"{uid(LAMP)}:0", f"{uid(TWIN_PUMP)}:1"],
    "number": [f"{uid(PERCENT)}:0"],
}


def furnish(state: State) -> None:
    """Add the kinds of outputs that the greenhouse does without."""

    def add(
        number: int, name: str, kind: str, rows: list[tuple[str, str]], *names: str
    ) -> list[Channel]:
        channels = [
            Channel(number * 10 + n, uid(number * 100 + n), n, name)
            for n, name in enumerate(names)
        ]
        add_output(state, number, name, f"python_{kind}", kind, channels, rows)
        return channels

    percent, pumped = (
        ("duty_cycle", "percent"),
        [("duration_time", "s"), ("volume", "ml")],
    )
    add(FAN_BY_DUTY, "Blower", "pwm", [percent], "")
    add(PERCENT, "Percent", "pwm", [percent], "")
    add(TWIN_PUMP, "Twin pump", "pump", pumped * 2, "Left", "Right")
    add(STEPS, "Stepper", "value", [("rotation", "steps")], "")
    (backwards,) = add(REVERSED, "Reversed", "pwm", [percent], "")
    backwards.options["pwm_invert_signal"] = True


def truth(mycodo: MycodoServer, kind: Kind) -> Level:
    """Return the real state of an output."""
    found = mycodo.engine.states()[uid(kind.output)][str(kind.channel)]
    if found is None:
        return "unknown"
    return 100.0 - found if kind.output == REVERSED else float(found)


def seen(hass: HomeAssistant, kind: Kind) -> Level:
    """Return the state that the user sees."""
    found = state_of(hass, kind.entity)
    more = found.attributes
    match found.state:
        case "on" | "open" if "percentage" in more and kind.output == FAN_BY_DUTY:
            return float(more["percentage"])
        case "on" if more.get("brightness") is not None:
            return float(more["brightness"]) / 2.55
        case "on" | "open":
            return 1.0
        case "off" | "closed":
            return 0.0
        case "unknown" | "unavailable":
            return found.state
        case number:
            return float(number)


def alike(one: Level, other: Level) -> bool:
    """Return whether both are the same, as far as Home Assistant can tell."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(one - other) < 0.5


type Round = list[tuple[Kind, Command]]


def turns() -> Iterator[Round]:
    """Yield a command to each kind that has so many, first, second and so on."""
    for number in range(max(len(kind.commands) for kind in KINDS)):
        yield [
            (kind, kind.commands[number])
            for kind in KINDS
            if number < len(kind.commands)
        ]
