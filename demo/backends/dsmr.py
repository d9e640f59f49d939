"""A Belgian smart meter with gas and water behind it, on a serial line or a TCP port."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, override

from simulators.house import House
from simulators.p1_meter import (
    MeterControl,
    MeterPlan,
    MeterServer,
    P1Meter,
    PtyTransport,
    TcpTransport,
    Transport,
)

from ..client import MISSING, Entity
from ..hass import port_is_free
from .base import Answers, SimulatedSystem, Trial

# Registers and the points that show them: one for one, in the same unit.
_REGISTERS: Final[Mapping[str, str]] = {
    "1-0:1.8.1": "energy_import_tariff_1",
    "1-0:1.8.2": "energy_import_tariff_2",
    "1-0:2.8.1": "energy_export_tariff_1",
    "1-0:2.8.2": "energy_export_tariff_2",
    "1-0:1.7.0": "power_import",
    "1-0:2.7.0": "power_export",
    "1-0:1.4.0": "demand_import",
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
# Derived by Junction, or of lines that only Belgian meters have.
_FURTHER: Final[Mapping[str, str]] = {
    "energy_import": "sensor",
    "energy_export": "sensor",
    "power_net": "sensor",
    "tariff": "sensor",
    "peak_month": "sensor",
    "peak_last_month": "sensor",
    "peak_average": "sensor",
    "reading": "sensor",
    "connected": "binary_sensor",
}
_SAUNA: Final = "sauna"
_SAUNA_WATTS: Final = 9000
_MESSAGE: Final = "Planned work on 24/12, 9-11 h!"
# Where serial servers usually have a line.
_TCP_PORT: Final = 2001
# How many telegrams back a shown value may be from.
_RECENT: Final = 90


class SimulatedMeter(SimulatedSystem):
    """The electricity meter of the house, as its P1 port shows it."""

    name = "dsmr"
    may_be_silent: ClassVar[Mapping[str, str]] = {
        "power_limit": "the operator has set none (99.999 kW)",
        "fuse_limit_l1": "there is none (999.99 A)",
        "message_event": "the operator has sent no message yet",
    }
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
    }

    dialect: ClassVar[str] = "5B-2.1"

    def __init__(self, house: House, folder: Path) -> None:
        """Install the meter; its serial line ends in ``folder``."""
        self._meter = P1Meter(MeterPlan(self.dialect), house=house)
        self._use(PtyTransport(link=folder.resolve() / "p1-meter"))

    def _use(self, transport: Transport) -> None:
        self._server = MeterServer(self._meter, transport)
        self._control = MeterControl(self._server)

    @override
    def use_public_address(self) -> None:
        port = _TCP_PORT if port_is_free(_TCP_PORT) else 0
        self._use(TcpTransport(port=port))

    @override
    async def start(self) -> None:
        await self._server.start()

    @override
    async def stop(self) -> None:
        await self._server.stop()

    @override
    def about(self) -> Sequence[str]:
        devices = " and ".join(
            slot.type.name.lower() for slot in self._meter.dialect.slots
        )
        return (
            f"smart meter, dialect {self.dialect} (Belgium), with {devices} behind it,",
            f"  one telegram per {self._meter.interval} s at {self._server.transport.address}",
        )

    @override
    def answers(self) -> Answers:
        return {
            "user": {"next_step_id": self.name},
            "dsmr": {"port": self._server.transport.address},
        }

    @override
    def options(self) -> Answers:
        return {"dsmr": {"power_interval": 1, "slow_interval": 5, "grace": 0}}

    @override
    def expected_points(self) -> Mapping[str, str]:
        return {**dict.fromkeys(_REGISTERS.values(), "sensor"), **_FURTHER}

    @override
    def trials(self) -> Sequence[Trial]:
        control = self._control
        control.add_load(_SAUNA, _SAUNA_WATTS, 2)
        return (
            Trial(
                point="power_import_l2",
                cause=lambda: control.load(_SAUNA, "on"),
                undo=lambda: control.load(_SAUNA, "off"),
                shows=lambda state: float(state) > _SAUNA_WATTS / 1000 / 2,
            ),
            Trial(
                point="relay_1",
                cause=lambda: control.relay(1, 1),
                undo=lambda: control.relay(1, 0),
                shows=lambda state: state == "on",
            ),
            Trial(
                point="message",
                cause=lambda: control.message(_MESSAGE),
                shows=lambda state: state == _MESSAGE,
            ),
            Trial(point="message_event", shows=lambda state: state not in MISSING),
        )

    @override
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        shown = {
            entity.point: entity.state for entity in entities if not entity.missing
        }
        said = list(self._recent_values())
        wrong = []
        for obis, point in _REGISTERS.items():
            state = shown.get(point)
            meant = {values[obis] for values in said if obis in values}
            if state is not None and float(state.state) not in meant:
                wrong.append(
                    f"{point} shows {state.state}, the meter said {sorted(meant)[-3:]}"
                )
        return wrong

    def _recent_values(self) -> Iterator[Mapping[str, float]]:
        """Yield what the last telegrams said, register by register."""
        for sent in list(self._meter.log)[-_RECENT:]:
            said: Mapping[str, Any] = self._meter.expected(sent.telegram)["values"]
            yield {
                obis: float(value["value"])
                for obis, value in said.items()
                if obis in _REGISTERS and "value" in value
            }

    @override
    def secrets(self) -> Iterable[str]:
        dialect = self._meter.dialect
        numbers = [dialect.ident, dialect.second_ident, dialect.ean]
        for slot in dialect.slots:
            numbers += [slot.ident or "", slot.ean or ""]
        for number in filter(None, numbers):
            yield number
            # As the telegram prints it.
            yield number.encode().hex().upper()
        if dialect.encrypted:
            yield dialect.encrypted.key.hex().upper()

    @override
    async def unplug(self) -> None:
        await self._control.unplug()

    @override
    async def replug(self) -> None:
        await self._control.restore()
