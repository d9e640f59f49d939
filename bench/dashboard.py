"""Benchmark the time until the dashboard is painted, with 500 entities.

A real Home Assistant has a Cozify hub with 500 lights; a real browser runs on the same machine.
The peers are Home Assistant's own generated dashboards with the same entities. Each dashboard
loads as a full page, in turns, in one browser with a warm cache. The time runs from the start of
the load to the frame that paints the first card, and to the last frame that adds a card.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from copy import deepcopy
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from homeassistant.const import __version__

from demo.api import Api
from demo.backends import SYSTEMS
from demo.backends.cozify import SimulatedCozify
from demo.browser import Visitor, browse
from demo.check import PASSWORD, USERNAME
from demo.client import Client, wait_for
from demo.hass import HomeAssistant, free_port
from demo.house import DemoHouse
from simulators.cozify.seed import LAMP_RGBW

from .measure import Row

LAMPS: Final = 500
# Number of lights in each room.
_ROOM: Final = 25
_TURNS: Final = 7
# After this time without a new card (ms), the last card counts as painted.
_QUIET: Final = 1500
_OURS: Final = "junction"
_PEERS: Final = {"areas": "areas dashboard", "original-states": "overview by entities"}

# Checks each frame for cards with content, in all shadow roots.
_WATCH: Final = """
  (() => {
    const empty = new Set(["hui-heading-card"]);
    const cards = (root, found = []) => {
      for (const part of root.querySelectorAll("*")) {
        if (part.localName === "hui-card") {
          const inner = part.firstElementChild;
          if (inner && !empty.has(inner.localName) && part.offsetHeight > 20) found.push(part);
        }
        if (part.shadowRoot) cards(part.shadowRoot, found);
      }
      return found;
    };
    const seen = (window.painted = { first: null, last: null, cards: 0 });
    const look = () => {
      const { length } = cards(document);
      if (length !== seen.cards) {
        seen.cards = length;
        // What is there in this frame is painted at its end.
        requestAnimationFrame((now) => { seen.first ??= now; seen.last = now; });
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })();
"""


def rows() -> Iterator[Row]:
    """Yield the first paint and the last card against each of Home Assistant's dashboards."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = asyncio.run(_measure(Path(folder)))
    ours = found[_OURS]
    for peer, name in _PEERS.items():
        for what, index in (("first card painted", 0), ("last card painted", 1)):
            yield Row(
                f"dashboard with {LAMPS} entities, {what}",
                ours[index],
                found[peer][index],
                f"Home Assistant {__version__} {name}",
                "ms",
            )


async def _measure(folder: Path) -> dict[str, tuple[float, float]]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        house = await enter(DemoHouse(folder, [SYSTEMS["cozify"]]))
        hass = await enter(HomeAssistant(folder / "config", free_port()))
        api = await enter(Api(hass.url))
        await api.log_in("Owner", USERNAME, PASSWORD)
        client = Client(api)
        await client.wait_until_running()
        [system] = house.systems
        assert isinstance(system, SimulatedCozify)
        _furnish(system)
        entry_id = (await client.add(system.answers())).entry_id

        async def there() -> bool:
            return len(await client.entities(entry_id)) > LAMPS

        await wait_for(there, 120, "the lamps were not added")
        types = {_OURS: "custom:junction", **{peer: peer for peer in _PEERS}}
        for name, kind in types.items():
            path, config = f"bench-{name}", {"strategy": {"type": kind}}
            await client.save_dashboard(path, name, config)
        visitor = await enter(browse(api, folder))
        await visitor.page.add_init_script(_WATCH)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in types}
        for turn in range(_TURNS + 1):
            for name, times in taken.items():
                seen = await _load(visitor, f"{hass.url}/bench-{name}")
                # The first turn fills the browser's cache.
                if turn:
                    times.append(seen)
        return {
            name: (median(one for one, _ in times), median(two for _, two in times))
            for name, times in taken.items()
        }


def _furnish(system: SimulatedCozify) -> None:
    """Assign lights to rooms."""
    state = system.hub.state
    model = state.items["devices"][LAMP_RGBW]
    [room, *_] = state.items["rooms"].values()
    for number in range(LAMPS):
        place = str(UUID(int=8_000_000 + number // _ROOM))
        if number % _ROOM == 0:
            named = {"id": place, "name": f"Room {1 + number // _ROOM}"}
            state.put("rooms", {**deepcopy(room), **named})
        lamp = {"id": str(UUID(int=7_000_000 + number)), "name": f"Lamp {number}"}
        state.put("devices", {**deepcopy(model), **lamp, "room": [place]})


async def _load(visitor: Visitor, url: str) -> tuple[float, float]:
    """Load a dashboard; return when its first and its last card were painted (ms)."""
    page = visitor.page
    await page.goto("about:blank")
    await page.goto(url)
    await page.wait_for_function(
        "quiet => painted.last !== null && performance.now() - painted.last > quiet",
        arg=_QUIET,
    )
    first: float
    last: float
    first, last = await page.evaluate("[painted.first, painted.last]")
    return first, last
