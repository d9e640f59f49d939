"""Simulated DSMR-reader with five years of telegrams every ten seconds.

A process of its own, so that its memory and time are not counted. Prints its port, the
moment that it holds for now and the positions at the first and the last full hour.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import json

from simulators.dsmr_reader import DsmrReaderServer, Past, PastPlan, Price, State

KEY = "k" * 64
YEARS = 5


async def _serve() -> None:
    now = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
    start = now.replace(minute=0) - timedelta(days=365.25 * YEARS)
    start = start.replace(minute=0)
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
    async with DsmrReaderServer(state) as server:
        last = now.replace(minute=0)
        print(
            json.dumps(
                {
                    "port": server.server.port,
                    "now": now.isoformat(),
                    "positions": [
                        {
                            name: float(value)
                            for name, value in past.positions(
                                int(moment.timestamp())
                            ).items()
                        }
                        for moment in (start, last)
                    ],
                }
            ),
            flush=True,
        )
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
