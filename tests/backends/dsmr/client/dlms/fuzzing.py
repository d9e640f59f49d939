"""Damage captures of DLMS pushes at random.

Run as a script it feeds a million of them, and says how many; nothing may raise::

    python -m tests.backends.dsmr.client.dlms.fuzzing [INPUTS]
"""

from collections.abc import Iterator
from functools import cache
import random
import sys
import time

from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.stream import P1Stream

from .captures import NAMES, wire

MILLION = 1_000_000


@cache
def _captures() -> tuple[bytes, ...]:
    return tuple(wire(name) for name in NAMES)


def damaged(dice: random.Random) -> Iterator[bytes]:
    """Yield one or two pushes with transmission errors, in pieces."""
    data = bytearray(dice.choice(_captures()))
    for _ in range(dice.randrange(3)):
        at = dice.randrange(len(data))
        kind = dice.randrange(5)
        if kind == 0:
            data[at] ^= dice.randrange(1, 256)
        elif kind == 1:
            del data[at : at + dice.randrange(1, 30)]
        elif kind == 2:
            data[at:at] = dice.randbytes(dice.randrange(1, 30))
        elif kind == 3:
            data[at:] = dice.choice(_captures())[dice.randrange(60) :]
        else:
            # Behind a valid checksum, so the decoder itself must handle it
            data = bytearray(b"\x0f\0\0\0\1\x00" + data[at:])
        if not data:
            return
    size = dice.choice((1, 16, 100, len(data))) if len(data) < 100 else len(data)
    for at in range(0, len(data), size):
        yield bytes(data[at : at + size])


def main(inputs: int) -> None:
    """Feed a number of damaged pushes, and print how many gave a telegram."""
    dice = random.Random(inputs)
    began, telegrams = time.monotonic(), 0
    line = P1Stream()
    for number in range(inputs):
        if number % 50 == 0:
            line = P1Stream(Keys(b"Junction-test-EK") if dice.random() < 0.7 else None)
        elif dice.random() < 0.2:
            line.reset()
        for piece in damaged(dice):
            telegrams += len(line.feed(piece))
    seconds = time.monotonic() - began
    report = f"{inputs} inputs, {telegrams} telegrams, no exception, {seconds:.0f} s"
    print(report)  # noqa: T201 - this is what it is run for


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MILLION)
