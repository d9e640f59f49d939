"""A line with more data than any meter sends."""

import asyncio
from typing import override

import pytest

from custom_components.junction.backends.dsmr.client import receiver
from custom_components.junction.backends.dsmr.client.receiver import (
    MOST,
    PIECE,
    Receiver,
)


class Line(asyncio.Transport):
    """A transport that records whether it is read."""

    def __init__(self, *, can_pause: bool = True) -> None:
        super().__init__()
        self.can_pause = can_pause
        self.paused = False

    @override
    def pause_reading(self) -> None:
        if not self.can_pause:
            raise NotImplementedError
        self.paused = True

    @override
    def resume_reading(self) -> None:
        self.paused = False


class Ears:
    """Collects the output of a receiver."""

    def __init__(self, line: Line) -> None:
        self.pieces: list[bytes] = []
        self.lost: list[Exception | None] = []
        self.receiver = Receiver(self.pieces.append, self.lost.append)
        self.receiver.connection_made(line)

    async def heard(self, size: int) -> None:
        """Wait until a number of bytes was passed on."""
        async with asyncio.timeout(10):
            while sum(map(len, self.pieces)) < size:
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "PAUSE", 0.001)


async def test_a_telegram_is_handed_on_at_once() -> None:
    ears = Ears(line := Line())
    ears.receiver.data_received(b"x" * PIECE)
    assert ears.pieces == [b"x" * PIECE]
    assert not line.paused


@pytest.mark.parametrize("can_pause", [True, False])
async def test_more_is_handed_on_in_pieces(can_pause: bool) -> None:
    ears = Ears(line := Line(can_pause=can_pause))
    data = bytes(range(256)) * (5 * PIECE // 256) + b"end"
    ears.receiver.data_received(data)
    assert [len(piece) for piece in ears.pieces] == [PIECE]
    assert line.paused is can_pause
    # Data that arrives meanwhile is queued.
    ears.receiver.data_received(b"more")
    await ears.heard(len(data) + 4)
    assert b"".join(ears.pieces) == data + b"more"
    assert max(map(len, ears.pieces)) == PIECE
    assert not line.paused
    ears.receiver.data_received(b"again")
    assert ears.pieces[-1] == b"again"


async def test_what_waits_is_bounded() -> None:
    ears = Ears(Line(can_pause=False))
    for _ in range(3):
        ears.receiver.data_received(b"x" * MOST)
    assert len(ears.receiver._waiting) <= 2 * MOST
    ears.receiver.connection_lost(None)
    assert ears.lost == [None]
    assert not ears.receiver._waiting
    pieces = len(ears.pieces)
    await asyncio.sleep(0.01)
    assert len(ears.pieces) == pieces


async def test_an_error_closes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(data: bytes) -> None:
        raise ValueError(data)

    Receiver(fail, Ears(Line()).lost.append).data_received(b"x")
    assert "Unexpected error" in caplog.text
