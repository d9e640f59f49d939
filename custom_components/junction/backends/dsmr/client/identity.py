"""Identity of a meter (``docs/protocols/dsmr.md#meter-numbers``)."""

from collections.abc import Callable, Iterator
import re
from typing import Final

from .models import Layout, Reading, Telegram
from .values import decode_id

# Telegrams in a row: a stray telegram of another meter must not count as a replacement,
# but a new meter is the only one that still sends.
EXCHANGED_AFTER: Final = 10
# Times that a number must be printed before it is assigned to a meter without one.
_CERTAIN: Final = 3

# Ids of meter numbers, best first: DSMR and Belgium; Luxembourg and Hungary; Hungary,
# Ireland, and Poland; Germany; EasyMeter; Sagemcom XT211.
EQUIPMENT_KEYS: Final = (
    "0-0:96.1.1",
    "0-0:42.0.0",
    "0-0:96.1.0",
    "1-0:96.1.0",
    "1-0:0.0.0",
    "0-0:96.1.255",
    "1-0:96.1.255",
    "0-0:0.0.0",
    "1-0:96.1.1",
    *(f"1-0:0.0.{e}" for e in range(1, 10)),
    *(f"0-0:96.1.{e}" for e in (3, 5, 6, 7, 8, 9)),
    "0-0:96.1.2",
)
_KEYS: Final = frozenset(EQUIPMENT_KEYS)

_OTHER: Final = re.compile(r"[\W_]+")
_DIGITS: Final = re.compile(r"\d+")
_HEX: Final = re.compile(r"[0-9A-F]{8,}")
# A model name has short runs of digits (MA309M, AM550, T210), a number a long one.
_LONG_RUN: Final = 5
# A run of this length is a number even if the header contains it too (Kamstrup).
_CERTAIN_RUN: Final = 10


def is_number(text: str, header: str = "") -> bool:
    """Return whether a text can be the number of a meter.

    It cannot be a filler (all 0, all F, one repeated character), the name of a model,
    or a part of the header, which names the model and often not the meter.
    """
    plain = _OTHER.sub("", text).upper()
    if len(set(plain)) < 2 or not plain.lstrip("0"):
        return False
    digits = _DIGITS.findall(plain)
    run = max(map(len, digits), default=0)
    if run < _CERTAIN_RUN and plain in _words_of(header):
        return False
    if not "".join(digits).strip("0") and not _HEX.fullmatch(plain):
        return False
    if run >= _LONG_RUN:
        return True
    return _HEX.fullmatch(plain) is not None and bool(digits)


def _words_of(header: str) -> set[str]:
    """Return the words of a header that may be the model, without punctuation."""
    text = header.upper()
    model = text[4:]
    parts = {text, model, model.removeprefix("\\2"), *re.split(r"[\W_]+", text)}
    return {plain for part in parts if (plain := _OTHER.sub("", part))}


def numbers_of(telegram: Telegram) -> Iterator[Reading]:
    """Yield the lines that can be the meter's own number, best first."""
    for key in EQUIPMENT_KEYS:
        line = telegram.readings.get(key)
        if line is None or not (raw := line.raw):
            continue
        text = line.value if isinstance(line.value, str) else raw
        # Check the printed form as well: hex that is not text (all F) is a filler too.
        if len(set(raw.upper())) > 1 and is_number(text, telegram.header):
            yield line


def _texts_of(telegram: Telegram) -> Iterator[str]:
    """Yield the contents of number lines that are not mere fillers."""
    for key in EQUIPMENT_KEYS:
        line = telegram.readings.get(key)
        if line is not None and (raw := line.raw):
            text = line.value if isinstance(line.value, str) else raw
            if min(len(set(raw.upper())), len(set(text.strip()))) > 1:
                yield raw


def number_of(telegram: Telegram) -> Reading | None:
    """Return the line with the meter's own number, None without one.

    Its ``raw`` is stable, its ``value`` readable.
    """
    return next(numbers_of(telegram), None)


def model_of(telegram: Telegram) -> str | None:
    """Return the model name if a meter prints it in place of its number."""
    for key in EQUIPMENT_KEYS:
        line = telegram.readings.get(key)
        if line is None or not isinstance(line.value, str):
            continue
        plain = _OTHER.sub("", line.value)
        if (
            len(set(plain)) > 2
            and plain[:1].isalpha()
            and any(map(str.isdigit, plain))
            and not is_number(line.value)
        ):
            return line.value.strip()
    return None


def printed_number(raw: str) -> str:
    """Return a printed number in readable form: hex of ASCII is decoded."""
    return decode_id(raw.encode()) or raw


class Identity:
    """Identity of one meter by its number as printed; None = it prints none.

    A meter that was known without a number, or by an invalid one, may print one later.
    ``continues`` decides whether it is the same meter: it returns whether the readings of
    the telegram can follow the known ones, None if that is unknown.
    """

    def __init__(
        self,
        equipment: str | None,
        continues: Callable[[Telegram, str], bool | None] = lambda *_: True,
    ) -> None:
        """Initialize with the number that is known from before."""
        self.equipment = equipment
        self.foreign = 0
        """Number of ignored telegrams of other meters."""
        self.stranger: str | None = None
        """The number of another meter, after ten telegrams of it in a row."""
        self._continues = continues
        self._candidate: str | None = None
        self._in_a_row = 0
        self._ours = False
        self._layout: Layout | None = None
        # A printed number that is not assigned yet, and how often it was printed.
        self._new: str | None = None
        self._seen = 0

    def recognize(self, telegram: Telegram) -> bool:
        """Return whether a telegram is from this meter.

        Without a printed number this is always True.
        """
        if (
            self._new is not None
            or telegram.layout is not self._layout
            or not _KEYS.isdisjoint(telegram.changed)
        ):
            self._layout = telegram.layout
            self._determine(telegram)
        if self._ours:
            self.stranger = None
            return True
        self.foreign += 1
        self._in_a_row += 1
        if self._in_a_row >= EXCHANGED_AFTER:
            self.stranger = self._candidate
        return False

    def _determine(self, telegram: Telegram) -> None:
        """Determine the meter of this telegram; another number restarts the count."""
        printed = [line.raw for line in numbers_of(telegram) if line.raw]
        best = printed[0] if printed else None
        if best is not None and (self.equipment is None or self._was_none(telegram)):
            self._ours = self._learn(telegram, best)
        else:
            self._new = None
            if best is None:
                # Not a number, but it still distinguishes meters.
                printed = list(_texts_of(telegram))
                best = printed[0] if printed and self.equipment is not None else None
            self._ours = best is None or self.equipment in printed
        stranger = None if self._ours else best
        if stranger != self._candidate:
            self._candidate, self._in_a_row = stranger, 0

    def _learn(self, telegram: Telegram, number: str) -> bool:
        """Assign a number once it is certain; return whether it can belong to this meter."""
        continues = self._continues(telegram, number)
        if number != self._new:
            self._new, self._seen = number, 0
        if continues:
            self._seen += 1
            if self._seen >= _CERTAIN or self.equipment is not None:
                self.equipment, self._new = number, None
        return continues is not False

    def _was_none(self, telegram: Telegram) -> bool:
        """Return whether the stored number is not a valid number.

        Version 0.1.0 stored the name of a model as number; the meter still prints it.
        """
        own = self.equipment or ""
        if is_number(printed_number(own), telegram.header) and len(set(own)) > 1:
            return False
        lines = (telegram.readings.get(key) for key in EQUIPMENT_KEYS)
        return any(line is not None and line.raw == own for line in lines)
