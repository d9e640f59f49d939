"""States from another integration, to measure the cost of recording them."""

import asyncio
from itertools import count
import random
from typing import Final

from .api import Api

# As many as the house has entities with statistics.
_ENTITIES: Final = 150
_TOKENS: Final = 1200.0
_ATTRIBUTES: Final = {
    "device_class": "power",
    "state_class": "measurement",
    "unit_of_measurement": "W",
}


async def write_rows(api: Api, an_hour: float) -> None:
    """Change all sensors at this rate, all at once, until cancelled."""
    loop = asyncio.get_running_loop()
    chance = random.Random(2)  # noqa: S311 - what a sensor reads
    begun, refreshed = loop.time(), loop.time()
    for number in count():
        await asyncio.sleep(begun + number * 3600 / an_hour - loop.time())
        if loop.time() - refreshed > _TOKENS:
            refreshed = loop.time()
            await api.refresh_tokens()
        await api.request(
            "POST",
            f"/api/states/sensor.other_{number % _ENTITIES}",
            {"state": f"{chance.uniform(0, 5000):.1f}", "attributes": _ATTRIBUTES},
        )
