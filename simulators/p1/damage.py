"""Faults: their effect on the bytes of a telegram, and what a client can recover.

A fault is a function of the telegram on the line (``Target``); its parameters, all with defaults,
are those of the function. It returns the expected fate of the telegram, so that tests need not
compute it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from .sent import Action, Break, Fate, Pause, Step
from .target import Damage, Fill, Target
from .telegram import CrcMode, crc16

_LONG_STALL = 3.0
"""Seconds of silence inside a telegram after which a client may discard it."""
_EVEN_PARITY = bytes(byte | (byte.bit_count() % 2) << 7 for byte in range(128)) + bytes(
    range(128, 256)
)
_BANNER = b"\xff\xfb\x01\xff\xfb\x03\xff\xfd\x03\r\nser2net port 2001 [115200 N81]\r\n"


def parity(data: bytes) -> bytes:
    """Return 7-bit text as an 8N1 reader receives it from a 7E1 line."""
    return data.translate(_EVEN_PARITY)


def _filling(target: Target, count: int | None, fill: Fill | None) -> bytes:
    count = target.rng.randrange(1, 25) if count is None else int(count)
    match fill or target.rng.choice(("ff", "00", "random")):
        case "ff":
            return b"\xff" * count
        case "00":
            return b"\x00" * count
        case "random":
            return target.rng.randbytes(count)
        case other:
            msg = f"fill is ff, 00 or random, not {other}"
            raise ValueError(msg)


def _mutated(target: Target, change: Callable[[bytearray], None]) -> bytes:
    """Return the bytes with a change in the protected part that its checksum detects."""
    while True:
        core = bytearray(target.whole)
        change(core)
        if core == target.whole:
            continue
        if (
            target.encrypted
            or not target.has_check
            or crc16(bytes(core)) != crc16(target.whole)
        ):
            return (
                target.wire[: target.core.start]
                + bytes(core)
                + target.wire[target.core.stop :]
            )


def bit_flip(target: Target, *, count: int = 1) -> Damage:
    """Flip some of the low seven bits; every 7E1 reader masks the eighth."""

    def flip(core: bytearray) -> None:
        for _ in range(int(count)):
            core[target.rng.randrange(len(core))] ^= 1 << target.rng.randrange(7)

    return Damage((_mutated(target, flip),), target.broken)


def drop_bytes(target: Target, *, count: int | None = None) -> Damage:
    """Lose consecutive bytes, 1 to 40 of them unless given."""
    length = target.rng.randrange(1, 41) if count is None else int(count)

    def drop(core: bytearray) -> None:
        at = target.rng.randrange(max(len(core) - length, 1))
        del core[at : at + length]

    return Damage((_mutated(target, drop),), target.broken, swallows=target.encrypted)


def insert_before(
    target: Target, *, count: int | None = None, fill: Fill | None = None
) -> Damage:
    """Insert noise before the telegram, on the same line."""
    fate = Fate.MUST if target.encrypted else Fate.MAY
    return Damage((_filling(target, count, fill) + target.wire,), fate)


def insert_inside(
    target: Target, *, count: int | None = None, fill: Fill | None = None
) -> Damage:
    """Insert noise into the telegram."""
    filling = _filling(target, count, fill)

    def insert(core: bytearray) -> None:
        at = target.rng.randrange(1, len(core))
        core[at:at] = filling

    data = _mutated(target, insert)
    # A client that discards non-text bytes receives the telegram unharmed.
    harmless = not target.encrypted and all(byte > 0x7F or not byte for byte in filling)
    return Damage((data,), Fate.MAY if harmless else target.broken)


def insert_after(
    target: Target, *, count: int | None = None, fill: Fill | None = None
) -> Damage:
    """Insert noise after the telegram, where the line of the next one begins."""
    return Damage((target.wire + _filling(target, count, fill),), Fate.MUST)


def _cut(target: Target, part: float | None) -> int:
    share = target.rng.uniform(0.1, 0.9) if part is None else float(part)
    start: int = target.core.start
    return start + max(int(len(target.whole) * share), 1)


def truncate(target: Target, *, part: float | None = None) -> Damage:
    """Send only the first ``part``, 0.1 to 0.9, and continue with the next telegram."""
    return Damage(
        (target.wire[: _cut(target, part)],), target.broken, swallows=target.encrypted
    )


def cut_head(target: Target, *, part: float | None = None) -> Damage:
    """Send only the bytes after the first ``part``, 0.1 to 0.9."""
    return Damage((target.wire[_cut(target, part) :],), target.broken)


def splice(target: Target, *, part: float | None = None) -> Damage:
    """Lose everything from the middle of this telegram to the middle of the next."""
    share = target.rng.uniform(0.3, 0.7) if part is None else float(part)
    return replace(
        truncate(target, part=share), next_fault=("cut_head", {"part": share})
    )


def stall(target: Target, *, seconds: float = 2) -> Damage:
    """Stop in the middle."""
    middle = _cut(target, 0.5)
    fate = Fate.MUST if seconds < _LONG_STALL else Fate.MAY
    return Damage((target.wire[:middle], Pause(seconds), target.wire[middle:]), fate)


def drip(target: Target, *, seconds: float = 0.001, size: int = 1) -> Damage:
    """Send ``size`` bytes every ``seconds``."""
    steps: list[Step] = []
    for at in range(0, len(target.wire), int(size)):
        steps += [target.wire[at : at + int(size)], Pause(seconds)]
    return Damage(tuple(steps), Fate.MUST)


def duplicate(target: Target, *, count: int = 2) -> Damage:
    """Send the telegram several times."""
    return Damage((target.wire * int(count),), Fate.MUST, copies=int(count))


def burst(target: Target, *, count: int = 5) -> Damage:
    """Hold telegrams back, then send all at once."""
    return Damage((target.wire,), Fate.MUST, hold=int(count))


def glue(target: Target) -> Damage:
    """Send this telegram together with the next."""
    return Damage((target.wire,), Fate.MUST, hold=2)


def wrong_crc(target: Target) -> Damage:
    """Print a wrong checksum."""
    return Damage(
        (target.rebuild(lambda style: replace(style, crc=CrcMode.WRONG)),),
        Fate.MUST_NOT,
    )


def lf_only(target: Target, *, which: Literal["end", "all"] = "end") -> Damage:
    """Send LF for CR LF, after the checksum only or everywhere.

    Text that is changed everywhere keeps its checksum, as behind a gateway that does this.
    """
    if which == "end":
        return Damage(
            (target.rebuild(lambda style: replace(style, end="\n")),), Fate.MUST
        )
    if target.encrypted:
        return Damage(
            (target.rebuild(lambda style: replace(style, newline="\n", end="\n")),),
            Fate.MUST,
        )
    return Damage(
        (target.wire.replace(b"\r\n", b"\n"),),
        Fate.MAY if target.has_check else Fate.MUST,
    )


def no_blank_line(target: Target) -> Damage:
    """Leave out the empty line after the header; the checksum is right."""
    return Damage(
        (target.rebuild(lambda style: replace(style, blank_line=False)),), Fate.MUST
    )


def no_end_line(target: Target) -> Damage:
    """Leave out the line with the exclamation mark."""
    fate = Fate.MUST_NOT if target.has_check else Fate.MAY
    return Damage((target.rebuild(lambda style: replace(style, end_line=False)),), fate)


def seven_e1(target: Target) -> Damage:
    """Send with even parity in the eighth bit."""
    return Damage((parity(target.wire),), Fate.MUST)


def banner(target: Target) -> Damage:
    """Insert a greeting of the gateway: telnet negotiation and a line of text."""
    return Damage((_BANNER + target.wire,), Fate.MUST)


def other_meter(target: Target) -> Damage:
    """Send another meter's telegram first."""
    return Damage((target.foreign() + target.wire,), Fate.MUST)


def lose_piece(target: Target) -> Damage:
    """Lose one frame of a push, or the only one."""
    pieces = list(target.pieces)
    del pieces[target.rng.randrange(len(pieces))]
    return Damage((b"".join(pieces),), Fate.MUST_NOT)


def wrong_tag(target: Target) -> Damage:
    """Encrypt correctly with a wrong authentication tag."""
    return Damage((target.break_tag(),), Fate.MAY)


def pause(_target: Target, *, seconds: float = 5) -> Damage:
    """Send nothing for ``seconds``, including this telegram."""
    return Damage((), Fate.MUST_NOT, silent=seconds)


def _ended(target: Target, action: Action, at: str, seconds: float) -> Damage:
    """End the connection in the ``middle`` of the telegram or at its ``end``."""
    if at == "end":
        fate = Fate.MAY if action is Action.RESET else Fate.MUST
        return Damage((target.wire, Break(action, seconds)), fate)
    return Damage(
        (target.wire[: _cut(target, 0.5)], Break(action, seconds)), target.broken
    )


type Place = Literal["middle", "end"]


def fin(target: Target, *, at: Place = "middle") -> Damage:
    """Close the connection with FIN."""
    return _ended(target, Action.FIN, at, 0)


def rst(target: Target, *, at: Place = "middle") -> Damage:
    """Reset the connection; bytes in transit may be lost."""
    return _ended(target, Action.RESET, at, 0)


def refuse(target: Target, *, seconds: float = 10, at: Place = "middle") -> Damage:
    """Close the connection and refuse new ones for ``seconds``."""
    return _ended(target, Action.REFUSE, at, seconds)


def unplug(target: Target, *, seconds: float = 5, at: Place = "middle") -> Damage:
    """Disconnect the cable, and reconnect it after ``seconds``."""
    return _ended(target, Action.UNPLUG, at, seconds)


type Fault = Callable[..., Damage]


def _by_name(*faults: Fault) -> dict[str, Fault]:
    return {fault.__name__: fault for fault in faults}


CONTENT_FAULTS = _by_name(
    bit_flip,
    drop_bytes,
    insert_before,
    insert_inside,
    insert_after,
    truncate,
    splice,
    duplicate,
    glue,
    lf_only,
    no_blank_line,
    no_end_line,
    banner,
    other_meter,
)
"""Faults of bytes that every dialect can have."""
CRC_FAULTS = _by_name(wrong_crc)
TEXT_FAULTS = _by_name(seven_e1)
FRAME_FAULTS = _by_name(wrong_tag)
PIECE_FAULTS = _by_name(lose_piece)
"""Faults of lists in several frames."""
TIME_FAULTS = _by_name(stall, drip, burst, pause)
CONNECTION_FAULTS = _by_name(fin, rst, refuse, unplug)
FAULTS = {
    **CONTENT_FAULTS,
    **CRC_FAULTS,
    **TEXT_FAULTS,
    **FRAME_FAULTS,
    **PIECE_FAULTS,
    **TIME_FAULTS,
    **CONNECTION_FAULTS,
    **_by_name(cut_head),
}
"""All faults by name."""
