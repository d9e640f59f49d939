"""Outputs: what can be switched, dimmed, set and dispensed (reference §4)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.sensor import SensorEntityDescription, SensorStateClass
from homeassistant.components.switch import SwitchDeviceClass, SwitchEntityDescription
from homeassistant.components.valve import ValveDeviceClass, ValveEntityDescription
from homeassistant.helpers.typing import UNDEFINED

from ....model import (
    UNAVAILABLE,
    BinarySensorPoint,
    CoverState,
    FanCommand,
    FanPoint,
    FanState,
    LightCommand,
    LightPoint,
    LightState,
    NumberPoint,
    Point,
    SensorPoint,
    SwitchPoint,
    ValvePoint,
)
from ..listing import Listing, OutputKind, output_kind, recorded_channel
from ..models import MeasurementRow, Output, OutputChannel, OutputState
from ..steering import ChannelKey, Confirmed, Steering
from ..truth import Truth
from .built import Built, Source
from .duty import Duty, inverted
from .meaning import HA_UNITS, PERCENT
from .wishes import ShowAs, Wishes, channel_id

# How far a duty cycle may be off once it went through a driver's own resolution.
DUTY_TOLERANCE: Final = 0.5
PULSE: Final = 5.0
"""Seconds: what is on for less may be off again before anybody looks."""


@dataclass(slots=True)
class OutputEntities:
    """Makes the points of outputs. ``command`` confirms what points do not."""

    steering: Steering
    command: Confirmed
    duties: dict[ChannelKey, Duty] = field(default_factory=dict)

    def build(self, listing: Listing, wishes: Wishes) -> Iterator[Built]:
        """Yield what all outputs become."""
        rows = listing.rows_by_device()
        devices = {output.id: output for output in listing.outputs.devices}
        count: dict[str, int] = {}
        for channel in listing.outputs.channels:
            count[channel.output] = count.get(channel.output, 0) + 1
        for channel in listing.outputs.channels:
            output = devices.get(channel.output)
            kind = output_kind(rows.get(channel.output, ()))
            if output is None or kind is None:
                continue
            maker = _Maker(
                self,
                wishes,
                output,
                channel,
                alone=count[channel.output] == 1,
                unit=_unit(listing, rows[output.id], kind, channel.channel),
            )
            point, read = maker.make(kind)
            yield Built(
                point,
                Source.OUTPUTS,
                read,
                subject=output.id,
                channel=channel.channel,
            )


def _unit(
    listing: Listing, rows: list[MeasurementRow], kind: OutputKind, channel: int
) -> str:
    """Return the unit of a value output."""
    for row in rows:
        if recorded_channel(row, kind, listing.shown.get(row.id)) == channel:
            return listing.unit(row)
    return ""


type Made = tuple[Point[Any], Callable[[Truth], object]]


@dataclass(slots=True)
class _Maker:
    """Makes the point of one channel."""

    entities: OutputEntities
    wishes: Wishes
    output: Output
    channel: OutputChannel
    alone: bool
    unit: str

    @property
    def key(self) -> ChannelKey:
        return self.channel.output, self.channel.channel

    def make(self, kind: OutputKind) -> Made:
        """Return the point of the channel, and how to read its state."""
        wish = self.wishes.show_as.get(channel_id(*self.key))
        if kind is OutputKind.VALUE:
            return self._value() if self.wishes.steer else self._level(self.unit)
        if kind is OutputKind.PWM:
            return self._pwm(wish) if self.wishes.steer else self._level("percent")
        if not self.wishes.steer:
            return self._shown()
        return self._switched(wish)

    # Reading.

    def _state(self, truth: Truth) -> object:
        """Return the state of the channel, UNAVAILABLE when nobody knows the output."""
        if (
            truth.outputs is None
            or (channels := truth.outputs.get(self.channel.output)) is None
        ):
            return UNAVAILABLE
        return channels.get(self.channel.channel)

    def _reader(self, convert: Callable[[Any], object]) -> Callable[[Truth], object]:
        def read(truth: Truth) -> object:
            state = self._state(truth)
            return state if state is UNAVAILABLE or state is None else convert(state)

        return read

    # Describing.

    def _named(self, kind: str) -> dict[str, Any]:
        """Return the fields of a point that name it."""
        own = bool(self.channel.name) or self.alone
        return {
            "device": self.output.id,
            "id": f"{self.channel.channel}_{kind}",
            "name": self.channel.name or None,
            "placeholders": {} if own else {"number": str(self.channel.channel + 1)},
        }

    def _described(self) -> dict[str, Any]:
        """Return the fields of a description that name an entity."""
        return {
            "key": "output",
            # Alone, it is what its device is about.
            "name": None if self.alone else UNDEFINED,
            "translation_key": (
                None if self.alone or self.channel.name else "mycodo_channel"
            ),
        }

    # What it becomes.

    def _switched(self, wish: ShowAs | None) -> Made:
        match wish:
            case ShowAs.LIGHT:
                return self._lamp()
            case ShowAs.FAN:
                return self._plain_fan()
            case ShowAs.VALVE:
                return self._valve()
            case _:
                return self._switch(wish)

    def _set_on(self) -> Callable[[bool], Any]:
        steering, key = self.entities.steering, self.key

        async def set_on(on: bool) -> None:
            await (steering.turn_on(key) if on else steering.turn_off(key))

        return set_on

    def _on_for(self) -> Callable[[float], Any]:
        steering, key = self.entities.steering, self.key

        async def turn_on_for(seconds: float) -> None:
            await steering.turn_on_for(key, seconds)

        return turn_on_for

    def _switch(self, wish: ShowAs | None) -> Made:
        outlet = wish is ShowAs.OUTLET
        point = SwitchPoint(
            **self._named("switch"),
            description=SwitchEntityDescription(
                **self._described(),
                device_class=SwitchDeviceClass.OUTLET if outlet else None,
            ),
            set_on=self._set_on(),
            turn_on_for=self._on_for(),
        )
        return point, self._reader(bool)

    def _lamp(self) -> Made:
        set_on = self._set_on()

        async def tell(command: LightCommand) -> None:
            await set_on(command.on)

        point = LightPoint(
            **self._named("light"),
            description=LightEntityDescription(**self._described()),
            color_modes=frozenset({ColorMode.ONOFF}),
            set=tell,
            turn_on_for=self._on_for(),
        )
        return point, self._reader(lambda state: LightState(on=bool(state)))

    def _plain_fan(self) -> Made:
        set_on = self._set_on()

        async def tell(command: FanCommand) -> None:
            await set_on(command.on)

        point = FanPoint(
            **self._named("fan"),
            description=FanEntityDescription(**self._described()),
            set=tell,
            turn_on_for=self._on_for(),
        )
        return point, self._reader(lambda state: FanState(on=bool(state)))

    def _valve(self) -> Made:
        steering, command, key = self.entities.steering, self.entities.command, self.key

        async def open_valve() -> None:
            await command(key, steering.turn_on(key), bool)

        async def open_for(seconds: float) -> None:
            # A pulse may be over before anybody looks.
            lasts = seconds > PULSE
            await command(
                key,
                steering.turn_on_for(key, seconds),
                lambda state: bool(state) or not lasts,
            )

        async def close_valve() -> None:
            await command(key, steering.turn_off(key), lambda state: not state)

        point = ValvePoint(
            **self._named("valve"),
            description=ValveEntityDescription(
                **self._described(), device_class=ValveDeviceClass.WATER
            ),
            open=open_valve,
            close=close_valve,
            turn_on_for=open_for,
        )
        return point, self._reader(lambda state: CoverState(closed=not state))

    def _duty(self) -> Duty:
        duty = self.entities.duties.setdefault(self.key, Duty())
        duty.reversed = inverted(self.output, self.channel)
        return duty

    def _set_duty(self) -> Callable[[float], Any]:
        steering, key = self.entities.steering, self.key

        async def set_duty(percent: float) -> None:
            if percent > 0:
                await steering.set_duty_cycle(key, percent)
            else:
                await steering.turn_off(key)

        return set_duty

    def _pwm(self, wish: ShowAs | None) -> Made:
        match wish:
            case ShowAs.NUMBER:
                return self._percent()
            case ShowAs.FAN:
                return self._fan()
            case _:
                return self._dimmer()

    def _dimmer(self) -> Made:
        duty, set_duty = self._duty(), self._set_duty()

        async def tell(command: LightCommand) -> None:
            # Without a brightness the last one counts: "on" alone does nothing (§4.6).
            percent = duty.last
            if command.brightness is not None:
                percent = round(command.brightness / 2.55, 2)
            await set_duty(percent if command.on else 0.0)

        def show(state: OutputState) -> LightState:
            percent = duty.read(state) or 0.0
            if percent <= 0:
                return LightState(on=False)
            brightness = max(1, round(percent * 2.55))
            return LightState(
                on=True, brightness=brightness, color_mode=ColorMode.BRIGHTNESS
            )

        point = LightPoint(
            **self._named("light"),
            description=LightEntityDescription(**self._described()),
            color_modes=frozenset({ColorMode.BRIGHTNESS}),
            set=tell,
            tolerance=2,
        )
        return point, self._reader(show)

    def _fan(self) -> Made:
        duty, set_duty = self._duty(), self._set_duty()

        async def tell(command: FanCommand) -> None:
            percent = duty.last if command.percentage is None else command.percentage
            await set_duty(percent if command.on else 0.0)

        def show(state: OutputState) -> FanState:
            percent = duty.read(state) or 0.0
            return FanState(on=percent > 0, percentage=round(percent))

        point = FanPoint(
            **self._named("fan"),
            description=FanEntityDescription(**self._described()),
            set=tell,
            speeds=100,
            tolerance=1,
        )
        return point, self._reader(show)

    def _percent(self) -> Made:
        duty = self._duty()
        point = NumberPoint(
            **self._named("number"),
            description=NumberEntityDescription(
                **self._described(),
                native_unit_of_measurement=PERCENT,
                native_min_value=0,
                native_max_value=100,
                native_step=0.1,
            ),
            set_value=self._set_duty(),
            tolerance=DUTY_TOLERANCE,
        )
        return point, self._reader(duty.read)

    def _value(self) -> Made:
        steering, key = self.entities.steering, self.key
        limits = self.wishes.limit(channel_id(*key), self.unit)

        async def set_value(value: float) -> None:
            await steering.set_value(key, value)

        point = NumberPoint(
            **self._named("number"),
            description=NumberEntityDescription(
                **self._described(),
                native_unit_of_measurement=HA_UNITS.get(self.unit),
                native_min_value=limits.low,
                native_max_value=limits.high,
                native_step=limits.step,
            ),
            set_value=set_value,
            tolerance=limits.step / 2,
        )
        return point, self._reader(self._number)

    def _number(self, state: OutputState) -> float:
        if isinstance(state, bool) or state is None:
            return self.channel.off_value
        return state

    # With a key that may only look.

    def _shown(self) -> Made:
        point = BinarySensorPoint(
            **self._named("state"),
            description=BinarySensorEntityDescription(**self._described()),
        )
        return point, self._reader(bool)

    def _level(self, unit: str) -> Made:
        point = SensorPoint(
            **self._named("level"),
            description=SensorEntityDescription(
                **self._described(),
                native_unit_of_measurement=HA_UNITS.get(unit),
                state_class=SensorStateClass.MEASUREMENT,
            ),
        )
        read = self._duty().read if unit == "percent" else self._number
        return point, self._reader(read)
