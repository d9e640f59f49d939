"""What the tests in a browser share: one house, one Home Assistant, one browser.

They run in an event loop and a thread of their own, since they last longer than a test,
and each test sends the thread what it wants to have done.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import wraps
from pathlib import Path
from threading import Thread
from typing import Any, Concatenate, Final, cast

from demo.api import Api
from demo.backends import SYSTEMS
from demo.backends.base import SimulatedSystem
from demo.browser import Visitor, browse
from demo.check import PASSWORD, USERNAME
from demo.client import Client
from demo.hass import HomeAssistant, free_port
from demo.house import DemoHouse

# Upper limits of durations on a busy machine (s).
START: Final = 180
TEST: Final = 120


class Stage:
    """The house, an empty Home Assistant, and a user with a browser."""

    systems: Mapping[str, SimulatedSystem]
    hass: HomeAssistant
    client: Client
    visitor: Visitor

    def __init__(self, folder: Path) -> None:
        """Prepare it in a folder, into which also pictures of failures go."""
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="stage", daemon=True)
        self._stack = AsyncExitStack()

    def start(self) -> None:
        """Start everything."""
        self._thread.start()
        self.do(self._start(), START)

    def stop(self) -> None:
        """Stop everything."""
        self.do(self._stack.aclose(), START)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do[T](self, work: Coroutine[Any, Any, T], timeout: float = TEST) -> T:
        """Have something done, and wait for it. Raises TimeoutError."""

        async def bounded() -> T:
            async with asyncio.timeout(timeout):
                return await work

        return asyncio.run_coroutine_threadsafe(bounded(), self._loop).result()

    async def _start(self) -> None:
        enter = self._stack.enter_async_context
        try:
            house = await enter(DemoHouse(self._folder, list(SYSTEMS.values())))
            self.systems = {system.name: system for system in house.systems}
            self.hass = await enter(HomeAssistant(self._folder / "config", free_port()))
            api = await enter(Api(self.hass.url))
            await api.log_in("Owner", USERNAME, PASSWORD)
            self.client = Client(api)
            await self.client.use_european_formats()
            await self.client.wait_until_running()
            self.visitor = await enter(browse(api, self._folder))
        except BaseException:
            await self._stack.aclose()
            raise

    async def entry(self, name: str) -> str | None:
        """Return the id of a system's entry; None if it has not been added."""
        for entry in await self.client.entries():
            entry_id = str(entry["entry_id"])
            for entity in await self.client.entities(entry_id):
                if entity.unique_id.partition(":")[0] == name:
                    return entry_id
        return None

    async def added(self, name: str) -> str:
        """Return the id of a system's entry; add it, unless a test before has."""
        entry_id = await self.entry(name)
        if entry_id is None:
            result = await self.client.add(self.systems[name].answers())
            entry_id = result.entry_id
        await self.client.wait_until_loaded(entry_id)
        return entry_id

    async def act[T](self, scene: Coroutine[Any, Any, T]) -> T:
        """Run a test's coroutine; take a picture if it fails, and record the browser's errors."""
        self.visitor.errors.clear()
        try:
            result = await scene
        except BaseException as err:
            picture = self._folder / "failure.png"
            await self.visitor.page.screenshot(path=picture)
            err.add_note(f"seen at that moment: {picture}")
            # Close open dialogs, so that they do not block the next one.
            await self.visitor.page.goto("about:blank")
            raise
        errors = self.visitor.errors
        assert errors == [], f"the browser's console: {errors}"
        return result


def on_stage[**P, T](
    scene: Callable[Concatenate[Stage, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Stage, P], T]:
    """Make a test that runs on the stage of an asynchronous function."""

    @wraps(scene)
    def test(stage: Stage, *args: P.args, **kwargs: P.kwargs) -> T:
        return stage.do(stage.act(scene(stage, *args, **kwargs)))

    # pytest gives all arguments by name.
    return cast("Callable[Concatenate[Stage, P], T]", test)
