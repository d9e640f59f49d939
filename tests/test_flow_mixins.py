"""The one config flow is made of the flows of all backends: they must not collide."""

from annotationlib import get_annotations
import asyncio
from collections import defaultdict

import pytest

from custom_components.junction.backends import flow
from custom_components.junction.backends.flow import BackendFlow, async_at_leisure
from custom_components.junction.config_flow import FLOWS

SHARED = {"options_flow", "subentry_flows"}


def test_no_two_flows_use_the_same_name() -> None:
    used: defaultdict[str, set[str]] = defaultdict(set)
    for mixin in FLOWS.values():
        for kind in mixin.__mro__[: mixin.__mro__.index(BackendFlow)]:
            for name in {*vars(kind), *get_annotations(kind)}:
                if not name.startswith("__") and name not in SHARED:
                    used[name].add(kind.__qualname__)
    assert {name: kinds for name, kinds in used.items() if len(kinds) > 1} == {}


async def test_progress_is_there_to_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> str:
        return "done"

    assert await async_at_leisure(work()) == "done"
    monkeypatch.setattr(flow, "SHORTEST_PROGRESS", 3600)
    task = asyncio.create_task(async_at_leisure(work()))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_progress_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that is closed does not wait."""
    monkeypatch.setattr(flow, "SHORTEST_PROGRESS", 3600)
    task = asyncio.create_task(async_at_leisure(asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_what_is_pasted_arrives_tidy() -> None:
    key, part = "key", "more"
    schema = flow.TidySchema(
        {key: str, part: {key: str}, "list": [str], "password": str}
    )
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
