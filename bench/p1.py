"""Benchmark P1 parsing against dsmr-parser."""

import asyncio
from collections.abc import Callable, Iterator
from importlib.metadata import version

from dsmr_parser import telegram_specifications
from dsmr_parser.clients.protocol import create_dsmr_protocol
from dsmr_parser.parsers import TelegramParser as PeerParser

from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.backends.dsmr.client.telegram import TelegramParser
from simulators.p1_meter import MeterPlan, P1Meter

from .measure import Row, side_by_side

COUNT = 300
PEER = f"dsmr-parser {version('dsmr-parser')}"
SPECIFICATIONS = {
    "5": telegram_specifications.V5,
    "4": telegram_specifications.V4,
    "5B": telegram_specifications.BELGIUM_FLUVIUS,
    "5EONHU": telegram_specifications.EON_HUNGARY,
}
NAMES = {"5": "v5 three-phase", "4": "v4", "5B": "5B", "5EONHU": "5EONHU"}


def telegrams(dialect: str, count: int = COUNT) -> list[bytes]:
    """Return consecutive telegrams of a simulated house."""
    return [sent.data for sent in P1Meter(MeterPlan(dialect)).telegrams(count)]


def rows() -> Iterator[Row]:
    """Yield the comparisons."""
    for dialect, name in NAMES.items():
        yield _parse(dialect, name)
    yield from _streams()
    yield _encrypted()


def _parse(dialect: str, name: str) -> Row:
    frames = telegrams(dialect)
    texts = [frame.decode("ascii") for frame in frames]
    peer = PeerParser(SPECIFICATIONS[dialect])

    def ours() -> None:
        parser = TelegramParser()
        base = None
        for frame in frames:
            base = parser.parse(frame, base)

    def theirs() -> None:
        for text in texts:
            peer.parse(text)

    return Row(
        f"parse + CRC, {name}, {len(frames[0])} B",
        *side_by_side(ours, theirs, COUNT),
        PEER,
        wanted="25" if dialect == "5" else "",
    )


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _streams() -> Iterator[Row]:
    data = b"".join(telegrams("5"))
    for name, size in (("telegrams", 942), ("64 B", 64), ("16 B", 16)):
        pieces = _pieces(data, size)
        yield Row(
            f"stream, v5, in pieces of {name}",
            *side_by_side(_our_stream(pieces), _their_stream(pieces, "5", ""), COUNT),
            PEER,
        )


def _our_stream(pieces: list[bytes], key: bytes | None = None) -> Callable[[], None]:
    def run() -> None:
        stream = P1Stream(Keys(key) if key else None)
        got = sum(len(stream.feed(piece)) for piece in pieces)
        if got < COUNT - 1:
            raise RuntimeError(f"{got} telegrams of {COUNT}")

    return run


def _their_stream(pieces: list[bytes], dialect: str, key: str) -> Callable[[], None]:
    loop = asyncio.new_event_loop()

    def run() -> None:
        got: list[object] = []
        factory, _ = create_dsmr_protocol(
            dialect, got.append, loop=loop, encryption_key=key, authentication_key=None
        )
        protocol = factory()
        for piece in pieces:
            protocol.data_received(piece)
        if len(got) < COUNT - 1:
            raise RuntimeError(f"{len(got)} telegrams of {COUNT}")

    return run


def _encrypted() -> Row:
    meter = P1Meter(MeterPlan("5L-enc"))
    sent = list(meter.telegrams(COUNT))
    pieces = [step for one in sent for step in one.steps if isinstance(step, bytes)]
    key = meter.plan.encrypted or meter.dialect.encrypted
    if key is None:
        raise RuntimeError("the simulated meter does not encrypt")
    return Row(
        f"encrypted stream, MSn, {len(pieces[0])} B",
        *side_by_side(
            _our_stream(pieces, key.key),
            _their_stream(pieces, "MSn", key.key.hex().upper()),
            COUNT,
        ),
        PEER,
    )
