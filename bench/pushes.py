"""Benchmark pushes of DLMS lists, from bytes to telegrams, beside telegrams of P1."""

from collections.abc import Callable, Iterator

from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from simulators.dlms.meter import PushingMeter
from simulators.p1_meter import MeterPlan

from .measure import Row, side_by_side
from .p1 import COUNT, telegrams

NAMES = {
    "no-aidon": "Aidon, Norway",
    "at-kaifa-enc": "Kaifa, Austria, encrypted",
    "ch-landis": "Landis+Gyr, Switzerland, in blocks",
}
PEER = "Junction, P1 v5"


def rows() -> Iterator[Row]:
    """Yield what a push takes, and what a telegram of P1 does in the same run."""
    beside = telegrams("5")
    for name, words in NAMES.items():
        meter = PushingMeter(MeterPlan(name))
        pushes = [sent.data for sent in meter.telegrams(COUNT)]
        encrypted = meter.dialect.encrypted
        yield Row(
            f"stream, DLMS, {words}, {len(pushes[-1])} B",
            *side_by_side(
                _stream(pushes, encrypted.key if encrypted else None),
                _stream(beside),
                COUNT,
            ),
            PEER,
        )


def _stream(sent: list[bytes], key: bytes | None = None) -> Callable[[], None]:
    def run() -> None:
        stream = P1Stream(Keys(key) if key else None)
        got = sum(len(stream.feed(one)) for one in sent)
        if got < COUNT - 1:
            raise RuntimeError(f"{got} telegrams of {COUNT}")

    return run
