"""A meter that pushes DLMS lists, with the registers, faults, and lines of P1 meters."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, override

from ..clock import VirtualClock
from ..house import House
from ..p1.core import P1Meter
from ..p1.dialect import Dialect
from ..p1.frames import FrameMaker
from ..p1.plan import MeterPlan
from ..p1.sent import Sent
from ..p1.target import Target
from ..p1.telegram import Telegram
from . import wire
from .lists import Said
from .ports import DIALECTS, PORTS

_HOUR = 3600


class PushingMeter(P1Meter):
    """A meter of one of ``PORTS``, which pushes its values."""

    dialects: ClassVar[Mapping[str, Dialect]] = DIALECTS

    def __init__(
        self,
        plan: MeterPlan,
        *,
        clock: VirtualClock | None = None,
        house: House | None = None,
        counters_every: int = _HOUR,
    ) -> None:
        """Install a meter.

        ``counters_every`` is the interval (s) of counters in a list of their own; a real meter
        sends them once an hour. Raises ValueError for an unknown dialect.
        """
        super().__init__(plan, clock=clock, house=house)
        self.port = PORTS[plan.dialect][1]
        self._every = counters_every

    @override
    def _wire(self, telegram: Telegram, counter: int | None) -> bytes:
        return b"".join(self._frames_of(telegram, self.frames, counter))

    @override
    def _target(self, record: Sent, wire: bytes) -> Target:
        telegram, counter = record.telegram, record.frame_counter

        def break_tag() -> bytes:
            frames = self._frames_of(telegram, self.frames, counter, break_tag=True)
            return b"".join(frames)

        return Target(
            wire,
            slice(0, len(wire)),
            has_check=True,
            # Text faults do not apply to binary frames.
            encrypted=True,
            rng=self._rng,
            rebuild=lambda _change: wire,
            break_tag=break_tag,
            foreign=lambda: wire,
            pieces=self._frames_of(telegram, self.frames, counter),
        )

    def _frames_of(
        self,
        telegram: Telegram,
        frames: FrameMaker | None,
        counter: int | None,
        *,
        break_tag: bool = False,
    ) -> tuple[bytes, ...]:
        """Return the frames of a push."""
        apdu = self._apdu(self._said(telegram))
        if frames is not None and counter is not None:
            apdu = wire.sealed(
                frames, apdu, counter, self.port.security, break_tag=break_tag
            )
        return self.port.frame(apdu)

    def _said(self, telegram: Telegram) -> Said:
        expected = self.expected(telegram)
        numbers = {
            name: value for name, value in expected["values"].items() if value["unit"]
        }
        stamp = str(expected["timestamp"])
        local = datetime.strptime(stamp[:12], "%y%m%d%H%M%S")  # noqa: DTZ007 - local
        second = local.hour * _HOUR + local.minute * 60 + local.second
        return Said(
            {name: Decimal(value["value"]) for name, value in numbers.items()},
            {name: value["unit"] for name, value in numbers.items()},
            self.metering.registers.ident,
            local,
            stamp.endswith("S"),
            second % self._every < self.interval,
        )

    def _apdu(self, said: Said) -> bytes:
        port = self.port
        time = b"\0"
        if port.header is not None:
            time = port.header + said.clock(port.deviation, legal=port.legal)
        return b"\x0f" + self.sequence.to_bytes(4) + time + port.build(said)


def make_meter(
    plan: MeterPlan, *, house: House | None = None, counters_every: int = _HOUR
) -> P1Meter:
    """Return a meter of a dialect, either P1 or pushed lists."""
    if plan.dialect in PORTS:
        return PushingMeter(plan, house=house, counters_every=counters_every)
    return P1Meter(plan, house=house)
