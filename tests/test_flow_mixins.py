"""Common parts of the config flows, which must not collide."""

import asyncio
from collections import defaultdict

import pytest

from custom_components.junction.backends import BACKENDS, flow, load_flow
from custom_components.junction.backends.flow import BackendFlow, async_with_progress
from custom_components.junction.backends.forms import TidySchema


def test_no_two_flows_have_the_same_step() -> None:
    """Their texts are in one place."""
    used: defaultdict[str, set[str]] = defaultdict(set)
    for name in BACKENDS:
        steps = load_flow(name)
        for kind in steps.__mro__[: steps.__mro__.index(BackendFlow)]:
            for member in vars(kind):
                if member.startswith("async_step_"):
                    used[member].add(kind.__qualname__)
    assert len(used) > len(BACKENDS)
    assert {name: kinds for name, kinds in used.items() if len(kinds) > 1} == {}


async def test_progress_is_there_to_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> str:
        return "done"

    assert await async_with_progress(work()) == "done"
    monkeypatch.setattr(flow, "SHORTEST_PROGRESS", 3600)
    task = asyncio.create_task(async_with_progress(work()))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_progress_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that is closed does not wait."""
    monkeypatch.setattr(flow, "SHORTEST_PROGRESS", 3600)
    task = asyncio.create_task(async_with_progress(asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_what_is_pasted_arrives_tidy() -> None:
    key, part = "key", "more"
    schema = TidySchema({key: str, part: {key: str}, "list": [str], "password": str})
    assert schema(
        {
            key: "\u200b  secret\u00a0key \ufeff\n",
            part: {key: "\tname\u202e "},
            "list": [" a "],
            "password": " blanks are part of it ",
        }
    ) == {
        key: "secret\u00a0key",
        part: {key: "name"},
        "list": ["a"],
        "password": " blanks are part of it ",
    }
    # A line break inside of it is for the transport to refuse, in the form.
    assert schema({key: "two\nlines"}) == {key: "two\nlines"}
