"""Smart meter of the demo, of any dialect, on a serial or TCP port."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, override

from simulators.dlms.meter import make_meter
from simulators.house import House
from simulators.p1_meter import (
    MeterControl,
    MeterPlan,
    MeterServer,
    PtyTransport,
    TcpTransport,
    Transport,
)

from ..client import MISSING, Entity
from ..hass import usual_port
from ..kept import Kept
from .base import Answers, Errand, SimulatedSystem, Slip, Tour, Trial, Trouble, Visit
from .forwarding import ForwardingTarget
from .meter_ports import MorePorts

# Registers and the points that show them, in kilo units where the register has a unit.
_REGISTERS: Final[Mapping[str, str]] = {
    "1-0:1.7.0": "power_import",
    "1-0:2.7.0": "power_export",
    "1-0:1.4.0": "demand_import",
    "1-0:14.7.0": "frequency",
    **{
        f"1-0:{group}.8.{tariff}": f"energy_{way}"
        + (f"_tariff_{tariff}" if tariff else "")
        for group, way in ((1, "import"), (2, "export"))
        for tariff in (0, 1, 2, 3, 4)
    },
    **{
        f"1-0:{20 * phase + group}.7.0": f"{name}_l{phase}"
        for phase in (1, 2, 3)
        for group, name in (
            (1, "power_import"),
            (2, "power_export"),
            (12, "voltage"),
            (11, "current"),
        )
    },
}
_SCALES: Final[Mapping[str | None, float]] = {"W": 1000, "Wh": 1000}
_TARIFF: Final = "0-0:96.14.0"
_MESSAGE: Final = "0-0:96.13.0"
_RELAY: Final = "0-1:96.3.10"

_SAUNA: Final = "sauna"
_SAUNA_KILOWATTS: Final = 9
_WORDS: Final = "Planned work on 24/12, 9-11 h!"
_REPLACEMENT: Final = "1SAG1100009999"
_NEXT_DOOR: Final = "1SAG1100008888"
# A port without a server.
_CLOSED: Final = "socket://127.0.0.1:9"
# Usual port of serial servers.
_TCP_PORT: Final = 2001
# Interval between telegrams (s) from which the check takes longer.
_SLOW: Final = 2
# Interval between counters (s); a real meter sends them once an hour.
_COUNTERS_EVERY: Final = 30
# How many telegrams old a shown value may be.
_RECENT: Final = 90


class SimulatedMeter(SimulatedSystem):
    """The electricity meter of the house, as its P1 port shows it."""

    name = "dsmr"
    area = "Meter cupboard"
    outlives_loss: ClassVar[Mapping[str, str]] = {
        "connected": "it says that the line is down",
        "message_event": "a message of before stays true",
        **dict.fromkeys(
            (
                "link_telegrams",
                "link_crc_errors",
                "link_framing_errors",
                "link_decode_errors",
                "link_lost_telegrams",
                "link_reconnects",
                "link_interval",
            ),
            "it counts what happens on the line",
        ),
        **dict.fromkeys(
            (
                "forward_connected",
                "forward_queued",
                "forward_last_success",
                "forward_refused",
                "forward_delay",
                "forward_forwarded",
                "forward_dropped",
            ),
            "it is about the server that telegrams are forwarded to",
        ),
    }

    DEFAULT: ClassVar[str] = "5B-2.1"
    """The dialect with the most to show."""

    def __init__(self, house: House, folder: Path, dialect: str = DEFAULT) -> None:
        """Install a meter of a dialect; its serial port is a link in ``folder``."""
        self._meter = make_meter(
            MeterPlan(dialect), house=house, counters_every=_COUNTERS_EVERY
        )
        self._folder, self._house = folder, house
        self._more: MorePorts | None = None
        self._target = ForwardingTarget(self._meter)
        # Most steps wait for several telegrams, and four of them for counters.
        self.time_limit = 300 + 30 * self._meter.interval
        if self._meter.dialect.pushes:
            # Like a network reader, which has no speed to detect.
            self._use(TcpTransport())
            return
        self._use(
            PtyTransport(self._meter.dialect.baud, link=folder.resolve() / "p1-meter")
        )

    def _use(self, transport: Transport) -> None:
        self._server = MeterServer(self._meter, transport)
        self._control = MeterControl(self._server)

    @override
    def use_public_address(self) -> None:
        port = usual_port(_TCP_PORT) or usual_port(_TCP_PORT + 1)
        self._use(TcpTransport(port=port, max_clients=2))
        if not self._meter.dialect.pushes:
            name = self._meter.dialect.name
            self._more = MorePorts(self._house, self._folder, name, _NEXT_DOOR)

    @override
    def shown_as(self) -> Mapping[str, str]:
        return {} if self._more is None else {str(self._more.cable): "/dev/ttyUSB0"}

    @override
    def keep(self, kept: Kept) -> None:
        """Keep the port of a network reader; a serial port is a link in the folder of the demo."""
        if self._meter.dialect.pushes:
            self._use(TcpTransport(port=kept.port(_TCP_PORT)))

    @override
    async def start(self) -> None:
        await self._server.start()
        await self._target.start()
        if self._more is not None:
            assert isinstance(self._server.transport, TcpTransport)
            await self._more.start(self._server.transport)

    @override
    async def stop(self) -> None:
        if self._more is not None:
            await self._more.stop()
        await self._target.stop()
        await self._server.stop()

    @override
    def about(self) -> Sequence[str]:
        meter = self._meter
        devices = " and ".join(
            slot.type.name.lower() for slot in meter.dialect.slots if slot.ident
        )
        behind = f", with {devices} behind it" if devices else ""
        return (
            f"smart meter, dialect {meter.dialect.name}{behind}",
            f"  one telegram per {meter.interval} s at {self._server.transport.address}",
        )

    @property
    def _form(self) -> dict[str, str]:
        """Return the address of the meter as users type it."""
        return {"port": self._server.transport.address.removeprefix("socket://")}

    @override
    def answers(self) -> Answers:
        answers: dict[str, Mapping[str, str]] = {
            "user": {"next_step_id": self.name},
            "dsmr": self._form,
        }
        if encrypted := self._meter.dialect.encrypted:
            answers["dsmr_key"] = {
                "encryption_key": encrypted.key.hex(),
                "authentication_key": encrypted.authentication_key.hex(),
            }
        return answers

    @override
    def slips(self) -> Sequence[Slip]:
        slips = [Slip("dsmr", {"port": _CLOSED}, "host_refused")]
        if encrypted := self._meter.dialect.encrypted:
            second = {"authentication_key": encrypted.authentication_key.hex()}
            short, wrong = encrypted.key.hex()[:-1], "0" * 32
            slips += [
                Slip("dsmr_key", {"encryption_key": short, **second}, "invalid_key"),
                Slip("dsmr_key", {"encryption_key": wrong, **second}, "wrong_key"),
            ]
        return slips

    @override
    async def tours(self, visit: Visit) -> Sequence[Tour]:
        more = self._more
        assert more is not None, "found at a public address only"
        form = {"dsmr": self._form}
        return (
            *self._target.tours(),
            Tour(
                name="reconfigure",
                kind="config",
                changes=True,
                answers=form,
                slips=(
                    Slip("dsmr", {"port": "192.168.1.5:port"}, "unclear_address"),
                    Slip("dsmr", {"port": _CLOSED}, "host_refused"),
                    Slip("dsmr", {"port": str(more.cable)}, "port_busy"),
                ),
            ),
            Tour(
                name="other-meter",
                kind="config",
                changes=True,
                answers={
                    "dsmr": {"port": more.next_door},
                    "dsmr_found": {"next_step_id": "dsmr"},
                },
                until="dsmr_found",
            ),
            Tour(
                name="moved",
                kind="config",
                answers={
                    "user": {"next_step_id": self.name},
                    "dsmr": {"port": more.second},
                },
            ),
        )

    @override
    def troubles(self) -> Sequence[Trouble]:
        return (
            *self._target.troubles(),
            Trouble(key="dsmr_meter_replaced", cause=self._replace),
        )

    async def _replace(self) -> None:
        self._meter.metering.replace(_REPLACEMENT)

    @override
    def may_be_silent(self) -> Mapping[str, str]:
        silent = {
            "power_limit": "the operator has set none",
            "fuse_limit_l1": "there is none",
            "message_event": "the operator has sent no message yet",
        }
        if self._meter.interval >= _SLOW:
            silent["link_interval"] = "it takes several telegrams to measure"
        return silent

    @override
    def options(self) -> Answers:
        return {"dsmr": {"power_interval": 1, "slow_interval": 5, "grace": 0}}

    @override
    def expected_points(self) -> Mapping[str, str]:
        said = self._said()
        points = {point for obis, point in _REGISTERS.items() if obis in said["values"]}
        if "power_import" in points:
            points |= {"energy_import", "energy_export", "power_net"}
        if _TARIFF in said["values"]:
            points.add("tariff")
        if said["peak_month"]:
            points.add("peak_month")
        if said["peak_history"]:
            points |= {"peak_last_month", "peak_average"}
        if said["mbus"]:
            points.add("reading")
        return {**dict.fromkeys(points, "sensor"), "connected": "binary_sensor"}

    @override
    def trials(self) -> Sequence[Trial]:
        control, values = self._control, self._said()["values"]
        trials = []
        if "1-0:1.7.0" in values:
            control.add_load(
                _SAUNA, _SAUNA_KILOWATTS * 1000, 2 if self._phases == 3 else 1
            )
            trials.append(
                Trial(
                    point="power_net",
                    cause=lambda: control.load(_SAUNA, "on"),
                    undo=lambda: control.load(_SAUNA, "off"),
                    shows=lambda state: float(state) > _SAUNA_KILOWATTS / 2,
                )
            )
        if _RELAY in values:
            trials.append(
                Trial(
                    point="relay_1",
                    cause=lambda: control.relay(1, 1),
                    undo=lambda: control.relay(1, 0),
                    shows=lambda state: state == "on",
                )
            )
        if _MESSAGE in values:
            trials += [
                Trial(
                    point="message",
                    cause=lambda: control.message(_WORDS),
                    shows=lambda state: state == _WORDS,
                ),
                Trial(point="message_event", shows=lambda state: state not in MISSING),
            ]
        return trials

    @override
    def errands(self) -> Sequence[Errand]:
        return self._target.errands()

    @property
    def _phases(self) -> int:
        return self._meter.metering.registers.phases

    @override
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        said = list(self._recent_values())
        points = {point: obis for obis, point in _REGISTERS.items()}
        wrong = []
        for entity in entities:
            obis = points.get(entity.point, entity.point)
            meant = {values[obis] for values in said if obis in values}
            if entity.state and meant and float(entity.state.state) not in meant:
                last = sorted(meant)[-3:]
                wrong.append(
                    f"{entity.entity_id} shows {entity.state.state}, it said {last}"
                )
        return wrong

    def _recent_values(self) -> Iterator[Mapping[str, float]]:
        """Yield the values of the last telegrams, by register and ``reading`` of any device."""
        for sent in list(self._meter.log)[-_RECENT:]:
            said = self._meter.expected(sent.telegram)
            numbers = {
                obis: round(float(value["value"]) / _SCALES.get(value["unit"], 1), 9)
                for obis, value in said["values"].items()
                if obis in _REGISTERS
            }
            yield numbers
            for device in said["mbus"].values():
                if reading := device["reading"]:
                    yield {"reading": float(reading["value"])}

    def _said(self) -> Mapping[str, Any]:
        """Return the content of the last telegram, in the shape of the fixtures."""
        return self._meter.expected(self._meter.log[-1].telegram)

    @override
    def secrets(self) -> Iterable[str]:
        yield from self._target.secrets()
        dialect = self._meter.dialect
        numbers = [dialect.ident, dialect.second_ident, dialect.ean]
        for slot in dialect.slots:
            numbers += [slot.ident or "", slot.ean or ""]
        for number in filter(None, numbers):
            yield number
            # As printed in the telegram.
            yield number.encode().hex().upper()
        if dialect.encrypted:
            yield dialect.encrypted.key.hex()
            yield dialect.encrypted.system_title.hex()
            yield dialect.encrypted.system_title.decode()

    @override
    def hush(self) -> Collection[str]:
        self._control.fault("pause", seconds=60)
        return [
            point
            for obis, point in _REGISTERS.items()
            if ".8." in obis and obis in self._said()["values"]
        ]

    @override
    async def unplug(self) -> None:
        await self._control.unplug()

    @override
    async def replug(self) -> None:
        await self._control.restore()
