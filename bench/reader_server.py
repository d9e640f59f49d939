"""Simulated DSMR-reader with years of telegrams, one every ten seconds.

Runs in a process of its own, so that its memory and time are not counted. Takes the number of
years. Prints its port, its current time, and the meter readings at the first and the last full
hour and at every midnight between.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import json
import sys
from zoneinfo import ZoneInfo

from simulators.dsmr_reader import DsmrReaderServer, Past, PastPlan, Price, State

KEY = "k" * 64
ZONE = ZoneInfo("Europe/Amsterdam")


async def _serve(years: float) -> None:
    now = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
    last = now.replace(minute=0)
    start = (last - timedelta(days=365.25 * years)).replace(minute=0)
    past = Past(PastPlan(start=start, end=now))
    price = Price(
        start=start.date(),
        delivered_1=Decimal("0.2319"),
        delivered_2=Decimal("0.2584"),
        returned_1=Decimal("0.08"),
        returned_2=Decimal("0.08"),
        gas=Decimal("1.1876"),
        fixed=Decimal("0.3985"),
    )
    state = State(key=KEY, past=past, prices=[price], now=lambda: now)

    def positions(moment: datetime) -> dict[str, float]:
        found = past.positions(int(moment.timestamp()))
        return {name: float(value) for name, value in found.items()}

    async with DsmrReaderServer(state) as server:
        midnights = [
            moment
            for day in past.days()
            if start < (moment := datetime(*day.timetuple()[:3], tzinfo=ZONE)) <= last
        ]
        facts = {
            "port": server.server.port,
            "now": now.isoformat(),
            "first": positions(start),
            "last": positions(last),
            "midnights": [[one.timestamp(), positions(one)] for one in midnights],
        }
        print(json.dumps(facts), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
