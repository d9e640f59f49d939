"""Tasks that live as long as their entry."""

import asyncio

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.tasks import start_watched
from custom_components.junction.errors import BackendError, UnreachableError
from custom_components.junction.watch import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    UnexpectedError,
    watched,
)

from .common import shown
from .fake_backend import ROOM, House

TEMPERATURE = "sensor.room_temperature"


class Task:
    """Fails with each of the given errors in turn, and then succeeds."""

    def __init__(self, *errors: Exception, lasts: float = 0.0) -> None:
        self.errors = list(errors)
        self.lasts = lasts
        self.now = 0.0
        self.pauses: list[float] = []
        self.failures: list[BackendError] = []

    async def run(self) -> None:
        self.now += self.lasts
        if self.errors:
            raise self.errors.pop(0)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    async def watch(self) -> None:
        await watched(
            self.run,
            "house - task",
            self.failures.append,
            sleep=self.sleep,
            monotonic=lambda: self.now,
        )


async def test_a_task_is_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    task = Task(*[KeyError("secret")] * 12)
    await task.watch()
    assert task.pauses[:4] == [FIRST_PAUSE, 2.0, 4.0, 8.0]
    assert task.pauses[-1] == LONGEST_PAUSE
    assert len(task.failures) == 12
    assert {type(one) for one in task.failures} == {UnexpectedError}
    # Once, with the traceback; the message of the exception is not shown.
    [record] = caplog.records
    assert record.exc_info
    assert "KeyError in run" in record.getMessage()
    assert "secret" not in record.getMessage()


async def test_another_trouble_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    known = UnreachableError("gone")
    task = Task(KeyError(), ValueError(), known, KeyError())
    await task.watch()
    assert len(caplog.records) == 3
    assert task.failures[2] is known


async def test_pauses_are_short_after_a_good_time() -> None:
    task = Task(*[KeyError()] * 3, lasts=LONGEST_PAUSE)
    await task.watch()
    assert task.pauses == [FIRST_PAUSE] * 3


async def test_cancelling_ends_it() -> None:
    started = asyncio.Event()

    async def forever() -> None:
        started.set()
        await asyncio.Event().wait()

    failures: list[BackendError] = []
    task = asyncio.ensure_future(watched(forever, "task", failures.append))
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert not failures


async def test_the_entry_shows_as_lost_meanwhile(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.junction.watch.FIRST_PAUSE", 0.01)
    again = asyncio.Event()
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            msg = "nobody foresaw this"
            raise RuntimeError(msg)
        again.set()
        await asyncio.Event().wait()

    start_watched(hass, loaded, run, "task")
    await again.wait()
    assert shown(hass, TEMPERATURE) == STATE_UNAVAILABLE
    house.push((ROOM, "temperature"))
    assert shown(hass, TEMPERATURE) == "20.5"
    assert await hass.config_entries.async_unload(loaded.entry_id)
