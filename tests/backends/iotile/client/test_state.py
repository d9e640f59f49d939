"""State of an account, as streams appear and disappear."""

from datetime import UTC, datetime, timedelta
import gc
from types import SimpleNamespace
from typing import Any

from custom_components.junction.backends.iotile.client.listing import Listing
from custom_components.junction.backends.iotile.client.models import Point
from custom_components.junction.backends.iotile.client.state import IOTileState
from custom_components.junction.backends.iotile.client.totals import Ledger

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def points() -> int:
    gc.collect()
    return sum(type(one) is Point for one in gc.get_objects())


def test_streams_that_are_gone_leave_nothing_behind() -> None:
    state = IOTileState(Ledger(), lambda stream: False, lambda: NOW)
    counts = []
    for number in range(30):
        slug = f"s--0000-0001--0000-0000-0000-0002--{0x5000 + number:04x}"
        stream: Any = SimpleNamespace(owner="d--0000-0000-0000-0002")
        state.relist(Listing(streams={slug: stream}))
        for minutes in (-20, 5, -10):
            moment = NOW + timedelta(minutes=minutes)
            state.take_newest([Point(stream=slug, time=moment, stored=1.0)], NOW)
        counts.append(points())
    assert counts[-1] == counts[0]
