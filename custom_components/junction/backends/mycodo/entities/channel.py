"""Points of the daemon channel: gains, times, displays, actions, and reloading of settings.

See docs/protocols/mycodo-daemon.md#functions.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import EntityCategory, UnitOfTime

from ....model import (
    UNAVAILABLE,
    BinarySensorPoint,
    ButtonPoint,
    NumberPoint,
    SensorPoint,
    SwitchPoint,
)
from ..client import (
    DaemonFunctions,
    Listing,
    MycodoState,
    OutputKind,
    PidCommands,
    PidValue,
    output_kind,
)
from ..settings import Settings
from .controllers import HUB
from .description import DescribedPoint, Source
from .pids import GAINS

PID_VALUES: Final = {"pid_error": "error", "pid_integrator": "integrator"}
ON_FOR: Final = "on_for"

_DISPLAY: Final = "display_"
_HIGHEST_GAIN: Final = 1e6

type Press = Callable[[], Awaitable[object]]


def build(
    listing: Listing,
    settings: Settings,
    functions: DaemonFunctions,
    pids: PidCommands,
) -> Iterator[DescribedPoint]:
    """Yield the points of the channel; none with a read-only key."""
    if not settings.can_control:
        return
    yield _ready()
    for identity in listing.pids:
        for gain in GAINS:
            yield _gain(identity, gain, pids)
        for key, setting in PID_VALUES.items():
            yield _pid_value(identity, key, setting)
        yield _reload(identity, "", partial(functions.pid_mod, identity))
    yield from _outputs(listing, functions)
    for found in listing.functions.values():
        if found.module.startswith(_DISPLAY):
            yield from _display(found.id, functions)
    yield from _actions(listing, settings, functions)
    yield _reload(HUB, "", functions.refresh_misc)


def pid_value(described: DescribedPoint) -> PidValue:
    """Return the PID and the setting that a point shows."""
    return described.subject, PID_VALUES[described.point.description.key]


def _ready() -> DescribedPoint:
    return DescribedPoint(
        BinarySensorPoint(
            device=HUB,
            description=BinarySensorEntityDescription(
                key="daemon_channel",
                translation_key="mycodo_daemon_channel",
                device_class=BinarySensorDeviceClass.CONNECTIVITY,
                entity_category=EntityCategory.DIAGNOSTIC,
            ),
        ),
        Source.CHANNEL,
        lambda mycodo: mycodo.channel is not None and mycodo.channel.ready,
    )


def _gain(identity: str, gain: str, pids: PidCommands) -> DescribedPoint:
    """Return a gain, read from the listing; available while the PID is active."""

    async def set_value(value: float) -> None:
        await pids.set_gain(identity, gain, value)

    def read(mycodo: MycodoState) -> object:
        pid = mycodo.pid(identity)
        if pid is None or not pid.active:
            return UNAVAILABLE
        return getattr(pid, gain)

    return DescribedPoint(
        NumberPoint(
            device=identity,
            description=NumberEntityDescription(
                key=gain,
                translation_key=f"mycodo_{gain}",
                entity_category=EntityCategory.CONFIG,
                entity_registry_enabled_default=False,
                native_min_value=-_HIGHEST_GAIN,
                native_max_value=_HIGHEST_GAIN,
                native_step=0.0001,
            ),
            set_value=set_value,
            tolerance=0.00005,
        ),
        Source.PIDS,
        read,
        subject=identity,
    )


def _pid_value(identity: str, key: str, setting: str) -> DescribedPoint:
    def read(mycodo: MycodoState) -> object:
        pid, channel = mycodo.pid(identity), mycodo.channel
        if pid is None or not pid.active or channel is None or not channel.ready:
            return UNAVAILABLE
        return channel.pid_values.get((identity, setting), UNAVAILABLE)

    return DescribedPoint(
        SensorPoint(
            device=identity,
            description=SensorEntityDescription(
                key=key,
                translation_key=f"mycodo_{key}",
                state_class=SensorStateClass.MEASUREMENT,
                entity_category=EntityCategory.DIAGNOSTIC,
                entity_registry_enabled_default=False,
                suggested_display_precision=2,
            ),
        ),
        Source.CHANNEL,
        read,
        subject=identity,
    )


def _outputs(listing: Listing, functions: DaemonFunctions) -> Iterator[DescribedPoint]:
    rows = listing.rows_by_device()
    devices = {output.id for output in listing.outputs.devices}
    several = {
        output
        for output in devices
        if sum(one.output == output for one in listing.outputs.channels) > 1
    }
    for channel in listing.outputs.channels:
        kind = output_kind(rows.get(channel.output, ()))
        if channel.output in devices and kind in (OutputKind.ON_OFF, OutputKind.PUMP):
            name = channel.name or str(channel.channel + 1)
            yield _on_for(channel.key, f" {name}" if channel.output in several else "")
    for output in listing.outputs.devices:
        if output_kind(rows.get(output.id, ())) is not None:
            yield _reload(output.id, "", partial(functions.output_setup, output.id))


def _on_for(key: tuple[str, int], name: str) -> DescribedPoint:
    output, number = key

    def read(mycodo: MycodoState) -> object:
        channel = mycodo.channel
        if channel is None or not channel.ready:
            return UNAVAILABLE
        return channel.on_for.get(key, UNAVAILABLE)

    return DescribedPoint(
        SensorPoint(
            device=output,
            id=f"{number}_{ON_FOR}",
            placeholders={"channel": name},
            description=SensorEntityDescription(
                key=ON_FOR,
                translation_key=f"mycodo_{ON_FOR}",
                device_class=SensorDeviceClass.DURATION,
                native_unit_of_measurement=UnitOfTime.SECONDS,
                state_class=SensorStateClass.MEASUREMENT,
                entity_registry_enabled_default=False,
            ),
        ),
        Source.CHANNEL,
        read,
        subject=output,
        channel=number,
    )


def _display(identity: str, functions: DaemonFunctions) -> Iterator[DescribedPoint]:
    """Yield the points of a display; the daemon does not report what it shows."""
    # Unknown until the first command.
    lit: list[bool] = []

    async def set_on(on: bool) -> None:
        await functions.lcd_backlight(identity, on)
        lit[:] = [on]

    def read(mycodo: MycodoState) -> object:
        if not mycodo.alive:
            return UNAVAILABLE
        return lit[0] if lit else None

    yield DescribedPoint(
        SwitchPoint(
            device=identity,
            description=SwitchEntityDescription(
                key="backlight",
                translation_key="mycodo_backlight",
                entity_category=EntityCategory.CONFIG,
            ),
            set_on=set_on,
        ),
        Source.CHANNEL,
        read,
        subject=identity,
    )
    for key, press in (
        ("flash_on", partial(functions.lcd_flash, identity, True)),
        ("flash_off", partial(functions.lcd_flash, identity, False)),
        ("restart", partial(functions.lcd_reset, identity)),
    ):
        yield _button(identity, key, press)


def _actions(
    listing: Listing, settings: Settings, functions: DaemonFunctions
) -> Iterator[DescribedPoint]:
    named = {
        **{found.id: found.name for found in listing.triggers.values()},
        **listing.conditionals,
        **{
            identity: f"Execute Actions {identity[:8]}"
            for identity in settings.execute_actions
        },
    }
    for identity, name in named.items():
        yield _button(
            HUB,
            "run_actions",
            partial(functions.trigger_all_actions, identity),
            identity=identity,
            name=name,
        )
    for identity in listing.triggers:
        yield _reload(
            HUB,
            named[identity],
            partial(functions.refresh_trigger, identity),
            identity=identity,
        )
    for identity in listing.conditionals:
        yield _reload(
            HUB,
            named[identity],
            partial(functions.refresh_conditional, identity),
            identity=identity,
        )


def _reload(
    device: str, name: str, press: Press, *, identity: str = ""
) -> DescribedPoint:
    return _button(device, "reload", press, identity=identity, name=name, enabled=False)


def _button(
    device: str,
    key: str,
    press: Press,
    *,
    identity: str = "",
    name: str = "",
    enabled: bool = True,
) -> DescribedPoint:
    async def press_button() -> None:
        await press()

    named: dict[str, Any] = {"placeholders": {"name": f" {name}" if name else ""}}
    if identity:
        named["id"] = f"{identity}_{key}"
    return DescribedPoint(
        ButtonPoint(
            device=device,
            **named,
            description=ButtonEntityDescription(
                key=key,
                translation_key=f"mycodo_{key}",
                entity_category=EntityCategory.CONFIG,
                entity_registry_enabled_default=enabled,
            ),
            press=press_button,
        ),
        Source.CHANNEL,
        lambda mycodo: None,
        subject=identity or device,
    )
