"""Benchmark DLMS pushes, to telegrams and to states, beside P1 telegrams."""

from collections.abc import Callable, Iterator

from custom_components.junction.backends.dsmr.client.counters import CounterGuard
from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.identity import Identity
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.backends.dsmr.entities.description import Pace
from custom_components.junction.backends.dsmr.entities.inventory import Inventory
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
    """Yield the cost of a push, and of a P1 telegram in the same run."""
    beside = telegrams("5")
    for name, words in NAMES.items():
        meter = PushingMeter(MeterPlan(name))
        pushes = [sent.data for sent in meter.telegrams(COUNT)]
        encrypted = meter.dialect.encrypted
        key = encrypted.key if encrypted else None
        for what, run in (("stream", _stream), ("to states", _states)):
            yield Row(
                f"{what}, DLMS, {words}, {len(pushes[-1])} B",
                *side_by_side(run(pushes, key), run(beside), COUNT),
                PEER,
            )


def _stream(sent: list[bytes], key: bytes | None = None) -> Callable[[], None]:
    def run() -> None:
        stream = P1Stream(Keys(key) if key else None)
        got = sum(len(stream.feed(one)) for one in sent)
        if got < COUNT - 1:
            raise RuntimeError(f"{got} telegrams of {COUNT}")

    return run


def _states(sent: list[bytes], key: bytes | None = None) -> Callable[[], None]:
    """Return the function that turns bytes into the states of all points."""

    def run() -> None:
        stream = P1Stream(Keys(key) if key else None)
        identity = Identity(None)
        guard = CounterGuard(lambda _: True)
        inventory = Inventory(dict.fromkeys(Pace, 0.0))
        got = 0
        for second, one in enumerate(sent):
            for telegram in stream.feed(one):
                if not identity.recognize(telegram):
                    raise RuntimeError("another meter")
                got += len(inventory.take(guard.check(telegram, second), second).states)
        if got < COUNT:
            raise RuntimeError(f"{got} states of {COUNT} telegrams")

    return run
