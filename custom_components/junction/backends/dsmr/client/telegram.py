"""Parse P1 telegrams (``docs/protocols/dsmr.md#telegram-layout``).

Meters send the same lines with the same widths every time, so the parser uses the
previous telegram as its base: unchanged lines are not parsed again, and a changed
number is read at its known position if the line has its known shape. The result is the
same without a base, only slower.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import compress
from operator import ne
import re
from typing import Final

from ....errors import ProtocolError
from .checksum import CheckSums
from .crc import crc16_arc
from .mbus import build_device, is_newer
from .models import MBusDevice, Reading, Rejection, Stamp, Telegram
from .obis import Kind, Meaning, meaning
from .slots import NO_SLOT, Slot, SlotLayout, joined, layout_of
from .units import unit as normal_unit
from .values import READERS

# Replaces all digits by 0; the result shows the positions of value and unit.
_SHAPE: Final = bytes.maketrans(b"123456789", b"000000000")

# In ``Telegram.malformed``: a line without a readable id.
NO_DATA: Final = "?"

STANDARD_OFFSET: Final = timedelta(hours=1)

_END: Final = re.compile(rb" *([0-9A-Fa-f]{0,4}) *\x00?\r*\n?")
# Kinds that need only float() or int() to be parsed again.
_IN_PLACE: Final = (Kind.NUMBER, Kind.COUNT)
_DIGITS: Final = re.compile(rb" *[+-]?[0-9]+(?:\.[0-9]+)?(?![0-9.,])")
_MAX_SLOTS: Final = 512
_CLOCK: Final = "0-0:1.0.0"
# Kinds that a meter may print several times with different times.
_SEVERAL: Final = (Kind.MBUS, Kind.HOURLY)
# Without a checksum, a larger share of duplicate lines means two merged telegrams.
_GLUED: Final = 0.3


class TelegramError(ProtocolError):
    """A telegram was not accepted; ``reason`` says why."""

    key = "telegram_rejected"

    def __init__(self, reason: Rejection, detail: str = "") -> None:
        """Store the reason."""
        super().__init__(detail or reason.value)
        self.reason = reason


def _now() -> datetime:
    return datetime.now(UTC)


class TelegramParser:
    """Parse bytes into ``Telegram``.

    ``standard_offset`` is stored in the telegrams, to convert their stamps to UTC.
    ``now`` is the clock for checking M-Bus stamps if the meter prints no time.
    """

    def __init__(
        self,
        standard_offset: timedelta = STANDARD_OFFSET,
        *,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """Initialize without a telegram."""
        self.standard_offset = standard_offset
        self.check_sums = CheckSums()
        self._now = now
        self._slots: dict[bytes, Slot] = {}
        self._last: Telegram | None = None

    def parse(self, raw: bytes, base: Telegram | None = None) -> Telegram:
        """Return the telegram in ``raw``, which begins with its ``/``.

        ``base`` is the telegram to which ``changed`` is relative: the last one that the
        consumer received; without it everything has changed. A telegram without a
        checksum is accepted here; validating it needs earlier ones (see
        ``validate.py``).

        Raises only TelegramError.
        """
        crc, end = self._check(raw)
        lines = raw[1:end].splitlines()
        known = base or self._last
        telegram: Telegram | None = None
        if known is not None and isinstance(known.layout, SlotLayout):
            slots = known.layout.slots
            if len(lines) != len(slots):
                lines = _without_blanks(raw, lines)
            telegram = self._update(raw, crc, lines, known, slots)
        if telegram is None:
            telegram = self._read(raw, crc, _without_blanks(raw, lines), known)
        if base is None:
            telegram = replace(telegram, changed=telegram.layout.keys)
        self._last = telegram
        return telegram

    def _update(
        self,
        raw: bytes,
        crc: str | None,
        lines: list[bytes],
        base: Telegram,
        slots: tuple[Slot, ...],
    ) -> Telegram | None:
        """Return the base with what changed, or None if a full parse is needed."""
        if len(lines) != len(slots):
            return None
        readings = base.readings
        fresh: dict[str, Reading] | None = None
        changed: list[str] = []
        channels: set[int] = set()
        bad: set[str] = set()
        for slot, line in compress(
            zip(slots, lines, strict=True), map(ne, lines, base.lines, strict=True)
        ):
            # A shape treats all digits as equal, those of the id too.
            if not line.startswith(slot.head) or slot.fixed:
                return None
            if slot.kind is Kind.UNKNOWN:
                continue
            if fresh is None:
                readings = fresh = {**readings}
            key = slot.key
            changed.append(key)
            if line.translate(_SHAPE) == slot.shape:
                number = slot.cast(line[slot.start : slot.stop])
                fresh[key] = tuple.__new__(Reading, (key, number, slot.unit, line))
                continue
            fresh[key], broken = self._line(slot, line)
            if broken:
                bad.add(key)
            if slot.channel is not None:
                channels.add(slot.channel)
        keys = frozenset(changed)
        return Telegram(
            raw,
            base.header,
            readings,
            keys,
            base.layout,
            self._devices(channels, readings, base.mbus) if channels else base.mbus,
            crc,
            (base.malformed - keys) | bad if bad or base.malformed else _NONE,
            self.standard_offset,
            lines,
        )

    def _read(
        self, raw: bytes, crc: str | None, lines: list[bytes], base: Telegram | None
    ) -> Telegram:
        """Return the telegram, parsed line by line."""
        old: Mapping[str, Reading] = base.readings if base else {}
        old_bad = base.malformed if base else _NONE
        readings: dict[str, Reading] = {}
        slots: list[Slot] = []
        heads: set[bytes] = set()
        unknown: list[str] = []
        bad: set[str] = set()
        twice = 0
        several: set[str] = set()
        for line, fixed in joined(lines):
            slot = self._slot(line, fixed=fixed)
            key = slot.key
            if slot.head in heads:
                twice += 1
            if key in readings:
                if slot.kind in _SEVERAL:
                    # For example all hours of a day: the newest counts, wherever it is.
                    slot = Slot(
                        slot.head, Meaning(key, slot.kind, slot.channel), fixed=True
                    )
                    slots = [_fixed(one) if one.key == key else one for one in slots]
                    other, broken = self._line(slot, line)
                    if not broken and is_newer(other, readings[key]):
                        readings[key] = other
                        bad.discard(key)
                    slots.append(slot)
                    several.add(key)
                    continue
                # The meter prints it twice: the first counts.
                slot = Slot(slot.head, Meaning(key, Kind.UNKNOWN), fixed=fixed)
            slots.append(slot)
            if not slot.head:
                if line:
                    bad.add(NO_DATA)
                continue
            heads.add(slot.head)
            if slot.kind is Kind.UNKNOWN:
                unknown.append(key)
            elif (before := old.get(key)) is not None and before.line == line:
                readings[key] = before
                if key in old_bad:
                    bad.add(key)
            else:
                readings[key], broken = self._line(slot, line)
                if broken:
                    bad.add(key)
        if not readings:
            raise TelegramError(Rejection.SHAPE, "no data line")
        if crc is None and twice > len(heads) * _GLUED:
            raise TelegramError(Rejection.GLUED, f"{twice} lines twice")
        for key in several:
            if (before := old.get(key)) is not None and before.line == readings[
                key
            ].line:
                readings[key] = before
        changed = {key for key, line in readings.items() if old.get(key) is not line}
        channels = {slot.channel for slot in slots if slot.channel is not None}
        mbus = {n: d for n, d in base.mbus.items() if n in channels} if base else {}
        return Telegram(
            raw=raw,
            header=lines[0].decode("ascii", "replace"),
            readings=readings,
            changed=frozenset(changed | (old.keys() - readings.keys())),
            layout=layout_of(readings, unknown, slots, base),
            mbus=self._devices(channels, readings, mbus),
            crc=crc,
            malformed=frozenset(bad),
            standard_offset=self.standard_offset,
            lines=lines,
        )

    def _check(self, raw: bytes) -> tuple[str | None, int]:
        """Return the printed checksum, if any, and the end of the data lines."""
        if not raw.startswith(b"/"):
            raise TelegramError(Rejection.SHAPE, "no header")
        end = raw.rfind(b"\n!")
        if end < 0:
            return None, len(raw)
        tail = raw[end + 2 :]
        if self.check_sums.found is None:
            crc = crc16_arc(raw[: end + 2])
            if tail == b"%04X\r\n" % crc:
                return tail[:4].decode("ascii"), end
        if (match := _END.fullmatch(tail)) is None:
            raise TelegramError(Rejection.SHAPE, "no proper last line")
        if not match[1]:
            return None, end
        if not self.check_sums.check(raw[: end + 2], int(match[1], 16)):
            raise TelegramError(Rejection.CRC)
        return match[1].decode("ascii"), end

    def _slot(self, line: bytes, *, fixed: bool) -> Slot:
        printed, parenthesis, rest = line.partition(b"(")
        if not parenthesis:
            return NO_SLOT
        head = printed + parenthesis
        if not fixed and (slot := self._slots.get(head)) is not None:
            return slot
        found = meaning(printed.decode("ascii", "replace"), rest.count(b")(") + 1)
        if found is None:
            return NO_SLOT
        slot = Slot(head, found, fixed=fixed)
        if not fixed:
            if len(self._slots) >= _MAX_SLOTS:
                # Only noise from a meter without a checksum has so many ids.
                self._slots.clear()
            self._slots[head] = slot
        return slot

    def _line(self, slot: Slot, line: bytes) -> tuple[Reading, bool]:
        """Return the reading of a line, and whether it is malformed."""
        body = line[slot.start :].rstrip()
        try:
            if not body.endswith(b")"):
                raise ValueError(line)  # noqa: TRY301 - handled like other malformed lines
            body = body[:-1]
            value, unit = READERS[slot.kind](body)
        except ValueError:
            return Reading(slot.key, None, None, line), True
        # Lines of M-Bus devices are parsed here, because they create a new device.
        if value is not None and slot.kind in _IN_PLACE and slot.channel is None:
            digits = _DIGITS.match(body)
            if digits and normal_unit(_unit_after(body, digits.end()))[1] == 1.0:
                slot.shape = line.translate(_SHAPE)
                slot.stop = slot.start + digits.end()
                slot.unit = unit
        return Reading(slot.key, value, unit, line), False

    def _devices(
        self,
        channels: set[int],
        readings: Mapping[str, Reading],
        old: Mapping[int, MBusDevice],
    ) -> Mapping[int, MBusDevice]:
        """Return the old devices, with those on ``channels`` rebuilt."""
        clock = readings.get(_CLOCK)
        stamp = clock.value if clock else None
        now = stamp.order if isinstance(stamp, Stamp) and stamp.is_set else self._now()
        devices = {n: build_device(n, readings, now) for n in channels}
        return {
            **old,
            **{n: device for n, device in devices.items() if old.get(n) != device},
        }


_NONE: Final[frozenset[str]] = frozenset()


def _without_blanks(raw: bytes, lines: list[bytes]) -> list[bytes]:
    """Return the lines without the blank ones of a gateway that doubles line ends."""
    if b"\r\r\n" in raw or b"\n\n" in raw:
        return [line for line in lines if line or line is lines[0]]
    return lines


def _fixed(slot: Slot) -> Slot:
    return Slot(slot.head, Meaning(slot.key, slot.kind, slot.channel), fixed=True)


def _unit_after(body: bytes, at: int) -> str:
    return body[at:].decode("ascii", "replace").strip(" *_")


def parse_telegram(
    data: bytes,
    *,
    standard_offset: timedelta = STANDARD_OFFSET,
    now: Callable[[], datetime] = _now,
) -> Telegram:
    """Return the first telegram in ``data``; surrounding data is ignored.

    A telegram without a checksum is accepted without validation.

    Raises TelegramError if there is none or it is broken.
    """
    start = 0 if data.startswith(b"/") else data.find(b"\n/") + 1
    end = data.find(b"\n!", start)
    stop = data.find(b"\n", end + 2) if end >= 0 else -1
    raw = data[start : stop + 1] if stop >= 0 else data[start:]
    return TelegramParser(standard_offset, now=now).parse(raw)
