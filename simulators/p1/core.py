"""Meter without a line: it runs through virtual time and makes the telegrams."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from random import Random
from typing import Any, ClassVar

from ..clock import CivilTime, VirtualClock
from ..house import House, Segment
from ..minutes import HousePlan
from .damage import FAULTS, parity
from .dialect import Dialect, Encrypted
from .dialects import DIALECTS
from .expected import expected
from .faults import Faults
from .frames import HEADER_BYTES, FrameMaker
from .mbus import MBus
from .metering import ClockMode, Metering
from .plan import DEFAULT_START, MeterPlan
from .rfxtrx import RfxtrxWrapper
from .sent import Fate, Sent, Step
from .target import Damage, Params, Target
from .telegram import CrcMode, Encoder, Style, Telegram


class P1Meter:
    """A meter in a house. ``step`` makes the telegram of a moment, with its fault if any."""

    dialects: ClassVar[Mapping[str, Dialect]] = DIALECTS

    def __init__(
        self,
        plan: MeterPlan | None = None,
        *,
        clock: VirtualClock | None = None,
        house: House | None = None,
    ) -> None:
        """Install a meter; without clock and house it gets its own, with a stopped clock.

        Raises ValueError for an unknown dialect or an impossible plan.
        """
        self.plan = plan = plan or MeterPlan()
        if plan.dialect not in self.dialects:
            msg = f"no dialect {plan.dialect!r}; there are {', '.join(self.dialects)}"
            raise ValueError(msg)
        self.dialect: Dialect = self.dialects[plan.dialect]
        hours = (
            self.dialect.standard_hours
            if plan.standard_hours is None
            else plan.standard_hours
        )
        summer = self.dialect.summer if plan.summer is None else plan.summer
        self.civil = CivilTime(hours, summer)
        self.clock = clock or (house.clock if house else VirtualClock(DEFAULT_START, 0))
        self.house = house or House(self.clock, HousePlan(plan.seed, hours))
        self.house.update()
        self.interval = (
            self.dialect.interval if plan.interval is None else plan.interval
        )
        if self.interval < 1:
            msg = f"an interval of {self.interval} s"
            raise ValueError(msg)
        phases = self.dialect.phases if plan.phases is None else plan.phases
        self.encoder = Encoder(
            self.dialect, header=plan.header, phases=phases, omit=plan.omit
        )
        self.metering = Metering(
            self.house,
            self.dialect,
            self.civil,
            phases=phases,
            netting=plan.netting,
            start=plan.registers,
        )
        slots = self.dialect.slots if plan.slots is None else plan.slots
        self.mbus = MBus(self.house, self.dialect, self.civil, slots, plan.seed)
        self._stop_listening: Callable[[], None] | None = self.house.on_segment(
            self._on_segment
        )
        self.faults = Faults(self.dialect, Random(f"{plan.seed}/faults"))
        settings = plan.encrypted or self.dialect.encrypted
        self.frames = FrameMaker(settings) if settings else None
        self._neighbour = FrameMaker(_neighbour(settings)) if settings else None
        self.style = Style(
            plan.crc or CrcMode(self.dialect.crc), self.dialect.blank_line
        )
        self.log: deque[Sent] = deque(maxlen=plan.log_size)
        self.sequence = 0
        self._rng = Random(f"{plan.seed}/damage")
        self._wrapper = (
            RfxtrxWrapper(Random(f"{plan.seed}/rfxtrx")) if plan.rfxtrx else None
        )
        self._held: list[Sent] = []
        self._hold = 0
        self._silent_until = 0.0
        self._open_after: str | None = None
        self._unset = plan.unset_telegrams
        if self._unset:
            self.metering.clock_mode = ClockMode.UNSET
        if plan.ident is not None:
            self.metering.registers.ident = plan.ident
        self.metering.registers.clear_messages = plan.clear_messages

    def close(self) -> None:
        """Disconnect the meter from the house."""
        if self._stop_listening:
            self._stop_listening()
            self._stop_listening = None

    def next_moment(self) -> int:
        """Return the moment of the next telegram: a whole multiple of the interval."""
        return (int(self.clock.now()) // self.interval + 1) * self.interval

    def telegrams(self, count: int) -> Iterator[Sent]:
        """Yield the output of the next ``count`` intervals, moving the clock without waiting.

        Telegrams that a fault holds back appear when they are sent, at the latest at the end.
        There is no output for intervals in which the meter has no power.
        """
        for _ in range(count):
            moment = self.next_moment()
            self.clock.set(moment)
            for record in self.step(moment):
                record.sent = moment
                yield record
        for record in self.release():
            record.sent = self.clock.now()
            yield record

    def step(self, moment: int) -> list[Sent]:
        """Run up to ``moment`` and return its output, which is also logged."""
        self.metering.advance_to(moment)
        if self.metering.dark_until is not None:
            return []
        self.sequence += 1
        if self._unset and self.sequence > self._unset:
            self._unset = 0
            self.metering.clock_mode = ClockMode.SET
        self._refresh(moment)
        record = self._make(moment)
        if self._hold:
            self._hold -= 1
            self._held.append(record)
            return [] if self._hold else self.release()
        self.log.append(record)
        return [record]

    def release(self) -> list[Sent]:
        """Return the telegrams that are held back."""
        held, self._held, self._hold = self._held, [], 0
        self.log.extend(held)
        return held

    def expected(self, telegram: Telegram) -> dict[str, Any]:
        """Return the expected result for a telegram, in the shape of the fixtures' JSON."""
        return expected(self.dialect, self.civil, telegram)

    def set_crc(self, mode: CrcMode) -> None:
        """Change the form of the checksum from now on."""
        self.style = replace(self.style, crc=mode)

    def change_key(self, key: bytes, authentication_key: bytes | None = None) -> None:
        """Encrypt with another key of 16 bytes from now on; the counter restarts at 0.

        Raises ValueError for another length, and when this meter does not encrypt.
        """
        self._frames().change_key(key, authentication_key)

    def set_counter(self, value: int) -> None:
        """Set the frame counter. Raises ValueError when this meter does not encrypt."""
        self._frames().counter = value

    def connection_restarted(self) -> None:
        """Reset the state of the line for a new connection."""
        self._open_after = None

    # Inside

    def _frames(self) -> FrameMaker:
        if self.frames is None:
            msg = "this meter does not encrypt"
            raise ValueError(msg)
        return self.frames

    def _on_segment(self, segment: Segment) -> None:
        self.metering.on_segment(segment)
        self.mbus.on_segment(segment)

    def _refresh(self, moment: int) -> None:
        self.metering.refresh(moment)
        registers = self.metering.registers
        registers.mbus = self.mbus.readings(moment, registers.stamp)

    def _make(self, moment: int) -> Sent:
        telegram = self.encoder.encode(self.metering.registers, self.style)
        counter = self.frames.next_counter() if self.frames else None
        record = Sent(
            self.sequence, moment, telegram, (), Fate.MUST, frame_counter=counter
        )
        if moment < self._silent_until:
            record.fate, record.fault = Fate.MUST_NOT, "pause"
            return record
        wire = self._wire(telegram, counter)
        # One fault at a time: a telegram held back for a burst has no other fault.
        drawn = None if self._hold else self.faults.draw()
        if drawn is None:
            steps: tuple[Step, ...] = (wire,)
            swallows = False
        else:
            damage = self._damage(drawn, record, wire)
            steps, swallows = damage.steps, damage.swallows
        self._settle(record, steps, swallows=swallows)
        return record

    def _settle(self, record: Sent, steps: tuple[Step, ...], *, swallows: bool) -> None:
        """Log the output, and settle the effect of a fault on the next telegram."""
        if self._open_after and record.fate is Fate.MUST:
            record.fate = Fate.MAY
            record.fault = record.fault or f"after {self._open_after}"
        if self.plan.even_parity:
            steps = tuple(
                parity(step) if isinstance(step, bytes) else step for step in steps
            )
        record.steps = steps
        data = record.data
        if record.breaks:
            self._open_after = None
        elif data:
            ended = not swallows if self.frames else data[-1] & 0x7F == 0x0A
            self._open_after = None if ended else record.fault
        record.steps = tuple(
            self._line(step) if isinstance(step, bytes) else step for step in steps
        )

    def _line(self, data: bytes) -> bytes:
        """Return bytes as they appear on the line."""
        if self.plan.even_parity:
            data = parity(data)
        return self._wrapper.wrap(data) if self._wrapper else data

    def _damage(self, drawn: tuple[str, Params], record: Sent, wire: bytes) -> Damage:
        name, params = drawn
        damage = FAULTS[name](self._target(record, wire), **params)
        record.fault, record.fate, record.copies = name, damage.fate, damage.copies
        self._hold = max(self._hold, damage.hold)
        self._silent_until = record.time + damage.silent if damage.silent else 0.0
        if damage.next_fault:
            self.faults.next(*damage.next_fault)
        return damage

    def _wire(self, telegram: Telegram, counter: int | None) -> bytes:
        if self.frames and counter is not None:
            return self.frames.frame(telegram.data, counter)
        return telegram.data

    def _target(self, record: Sent, wire: bytes) -> Target:
        registers, frames, counter = (
            self.metering.registers,
            self.frames,
            record.frame_counter,
        )
        plain = record.telegram.data
        begin = HEADER_BYTES if frames else 0

        def rebuild(change: Callable[[Style], Style]) -> bytes:
            return self._wire(
                self.encoder.encode(registers, change(self.style)), counter
            )

        def break_tag() -> bytes:
            return (
                frames.frame(plain, counter, break_tag=True)
                if frames and counter is not None
                else wire
            )

        def foreign() -> bytes:
            record.foreign = self._foreign()
            data = record.foreign.data
            if (neighbour := self._neighbour) is None:
                return data
            return neighbour.frame(data, neighbour.next_counter())

        return Target(
            wire,
            slice(
                begin,
                begin
                + plain.rindex(b"!", 0, len(plain) - len(self.dialect.trailer))
                + 1,
            ),
            has_check=frames is not None or record.telegram.crc is not None,
            encrypted=frames is not None,
            rng=self._rng,
            rebuild=rebuild,
            break_tag=break_tag,
            foreign=foreign,
        )

    def _foreign(self) -> Telegram:
        """Return the telegram of another meter."""
        registers = copy(self.metering.registers)
        registers.ident = "E" + registers.ident[:0:-1] if registers.ident else ""
        registers.import_ws = [value // 2 + 7_000_000 for value in registers.import_ws]
        registers.mbus = []
        return Encoder(
            self.dialect, header=self.encoder.header, phases=registers.phases
        ).encode(registers, self.style)


def _neighbour(settings: Encrypted) -> Encrypted:
    """Return the encryption settings of another meter, all of them different."""
    return Encrypted(
        settings.key[::-1],
        settings.authentication_key[::-1],
        settings.system_title[:4] + settings.system_title[:3:-1],
    )
