"""Repeated outages and commands leave nothing in memory."""

from collections import Counter
from collections.abc import Generator
import gc
import logging

import pytest

from .faults import FAULTS, Fault
from .house import House

PACKAGE = "custom_components.junction"
WARM_UP = 3
ROUNDS = 6
LOSSES = [fault for fault in FAULTS if fault.name in ("refused", "500", "truncated")]


@pytest.fixture(autouse=True)
def silent() -> Generator[None]:
    """Log nothing: pytest keeps every line to the end, with the errors in it."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def kept() -> Counter[str]:
    """Return how many objects there are of each class of the integration."""
    for _ in range(3):
        gc.collect()
    return Counter(
        type(item).__qualname__
        for item in gc.get_objects()
        if type(item).__module__.startswith(PACKAGE)
    )


async def lose_and_find(house: House, fault: Fault) -> None:
    """Let a fault come and go, with a command and a change beside it."""
    blow = await fault.strike(house)
    house.alter()
    for _ in range(house.refreshes):
        await house.refresh()
    assert house.shown() == "unavailable"
    await blow.mend()
    expected = house.alter()
    await house.refresh(1800 + house.interval)
    await house.until(lambda: house.shown() == expected)
    if house.steers:
        await house.control(on=not house.is_controlled_on())
    await house.settled()


@pytest.mark.parametrize("fault", LOSSES, ids=str)
async def test_flat(house: House, fault: Fault) -> None:
    for _ in range(WARM_UP):
        await lose_and_find(house, fault)
    counts = [kept()]
    for _ in range(2):
        for _ in range(ROUNDS):
            await lose_and_find(house, fault)
        counts.append(kept())
    first, second, third = counts
    # What is made anew now and then may be there twice, from once on; a leak leaves
    # something each time.
    enough = ROUNDS // 2
    more = {
        name: (first[name], second[name], count)
        for name, count in third.items()
        if count - second[name] >= enough and second[name] - first[name] >= enough
    }
    assert not more
