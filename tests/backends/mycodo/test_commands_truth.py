"""Every kind of output, every command, whatever happens to it: nobody is lied to.

A command either succeeds and had the effect, or fails with a text that is translated.
Either way what is shown is what the simulated Mycodo has.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
import json
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import refresh
from custom_components.junction.backends.mycodo import adapter
from custom_components.junction.backends.mycodo.client import commands
from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.clock import VirtualClock
from simulators.mycodo.plan import DIMMER
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import State, uid

from ...common import reason
from .conftest import Poll
from .kinds import (
    KINDS,
    PULSE,
    SHOW_AS,
    STEPS,
    Command,
    Kind,
    Level,
    Round,
    alike,
    furnish,
    seen,
    truth,
    turns,
)

WEB: Final = "/output_mod/*"


@pytest.fixture
def options() -> dict[str, Any]:
    return {"show_as": SHOW_AS}


@pytest.fixture
def state(state: State) -> State:
    furnish(state)
    return state


@pytest.fixture
def clock() -> VirtualClock:
    """Return a stopped clock, so that no timer ends by itself."""
    return VirtualClock(time.time(), speed=0)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look for confirmations sooner than in real life, and gather less."""
    monkeypatch.setattr(refresh, "REFRESH_GATHER", 0.0)
    monkeypatch.setattr(refresh, "READ_GATHER", 0.0)
    monkeypatch.setattr(commands, "LOOK_AGAIN", 0.0)
    patience = adapter.INFO.confirm_after
    object.__setattr__(adapter.INFO, "confirm_after", (0.01, 0.02, 0.05))
    yield
    object.__setattr__(adapter.INFO, "confirm_after", patience)


@dataclass
class Scene:
    """A greenhouse for commands; ``lies`` are the wrong results."""

    hass: HomeAssistant
    mycodo: MycodoServer
    entry: MockConfigEntry
    poll: Poll
    lies: list[str] = field(default_factory=list)

    async def prepare(self, turn: Round, *, same: bool = False) -> None:
        """Set outputs to the opposite of the requested state, or to the same."""
        self.mycodo.state.daemon_frozen = False
        self.mycodo.state.daemon_running = True
        for kind, command in turn:
            output = self.mycodo.state.output(uid(kind.output))
            assert output is not None
            output.problem, output.deaf = None, False
            channel = output.channels[kind.channel]
            channel.until = None
            channel.state = kind.start[0 if bool(command.level) is same else 1]
        await self.poll(61)
        self.judge_all("before", turn)

    async def perform(self, kind: Kind, command: Command, error: str | None) -> None:
        """Give a command, which must end with an error or without."""
        domain, name = command.action.split(".")
        own = domain == DOMAIN and name != "turn_on_for"
        place = {"entity": kind.entity, "entry": self.entry.entry_id}
        data = command.fields | (place if own else {"entity_id": kind.entity})
        found: str | None = None
        try:
            await self.hass.services.async_call(domain, name, data, blocking=True)
        except HomeAssistantError as err:
            found = reason(err)
            # Every result of a command names the entity.
            if not own and "name" not in (err.translation_placeholders or {}):
                self.lies.append(f"{kind.entity} {command}: {err} names nothing")
        if found != error:
            self.lies.append(f"{kind.entity} {command}: ended with {found}")
        if found is not None or command is PULSE:
            # The real state is read in the background.
            await self.hass.async_block_till_done(wait_background_tasks=True)

    def judge(self, why: object, kind: Kind, right: Level | None = None) -> None:
        """Compare the visible state with the real one, or with an expected one."""
        is_so, shown = truth(self.mycodo, kind), seen(self.hass, kind)
        if not alike(shown, is_so if right is None else right):
            self.lies.append(f"{kind.entity} {why}: shows {shown}, is {is_so}")

    def judge_all(self, why: object, turn: Round, right: Level | None = None) -> None:
        for kind, _ in turn:
            self.judge(why, kind, right)


@pytest.fixture
def scene(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> Scene:
    return Scene(hass, mycodo, loaded, poll)


@pytest.mark.parametrize("same", [False, True])
async def test_carried_out(scene: Scene, same: bool) -> None:
    for turn in turns():
        await scene.prepare(turn, same=same)
        for kind, command in turn:
            await scene.perform(kind, command, None)
            scene.judge(command, kind)
            if not alike(truth(scene.mycodo, kind), command.level):
                scene.lies.append(f"{kind.entity} {command}: came to nothing")
        await scene.poll()
        scene.judge_all("at the next poll", turn)
    assert scene.lies == []


async def test_refused(scene: Scene) -> None:
    """Without any change, as while a PID lets an output rest."""
    words = "Output is instructed to stay off for 4.2 more seconds."
    body = json.dumps({"message": f"Fail: {words}"})
    by_api = faults.status(460, body, content_type="application/json")
    for turn in turns():
        await scene.prepare(turn)
        scene.mycodo.server.inject(by_api, "/api/outputs/*", method="POST")
        scene.mycodo.server.inject(faults.status(200, f"ERROR: {words}"), WEB)
        for kind, command in turn:
            await scene.perform(kind, command, "rejected")
            scene.judge(command, kind)
            if command.level and truth(scene.mycodo, kind):
                scene.lies.append(f"{kind.entity} {command}: was not refused")
        scene.mycodo.server.heal()
    assert scene.lies == []


@pytest.mark.parametrize("deaf", [False, True])
async def test_not_ready(scene: Scene, deaf: bool) -> None:
    """An output that is not set up gives an error; one out of reach reports success."""
    for turn in turns():
        await scene.prepare(turn)
        for kind, command in turn:
            output = scene.mycodo.state.output(uid(kind.output))
            assert output is not None
            output.problem, output.deaf = None if deaf else "Output not set up.", deaf
            error: str | None = "rejected"
            if deaf:
                own = command.action.startswith("junction.")
                timed = command.action == "junction.turn_on_for"
                looked_at = own and not timed
                error = "mycodo_no_effect" if looked_at else "not_confirmed"
                if command is PULSE and not looked_at:
                    # It is not awaited, but its state is unknown.
                    error = None
            await scene.perform(kind, command, error)
            await scene.poll()
            scene.judge(command, kind, "unknown")
    assert scene.lies == []


@pytest.mark.parametrize("executed", [False, True])
async def test_answer_lost(scene: Scene, executed: bool) -> None:
    lost = faults.reset(executed=executed)
    for turn in turns():
        await scene.prepare(turn)
        for kind, command in turn:
            scene.mycodo.server.inject(lost, "/api/outputs/*", method="POST", times=1)
            scene.mycodo.server.inject(lost, WEB, times=1)
            scene.mycodo.engine.executed.clear()
            await scene.perform(kind, command, "connection_lost")
            scene.mycodo.server.heal()
            scene.judge(command, kind)
            # Sent once, for any result.
            assert len(scene.mycodo.engine.executed) == executed, (kind, command)
    assert scene.lies == []


def by_web(kind: Kind, command: Command) -> bool:
    """Return whether a command goes by the web interface."""
    return kind.output in (DIMMER, STEPS) and "set_value" in command.action


@pytest.mark.parametrize("frozen", [True, False])
async def test_daemon_does_not_answer(scene: Scene, frozen: bool) -> None:
    state = scene.mycodo.state
    state.rpc_timeout = 0.01
    for turn in turns():
        await scene.prepare(turn)
        state.daemon_frozen, state.daemon_running = frozen, frozen
        error = "mycodo_daemon_frozen" if frozen else "mycodo_daemon_down"
        # All at once, because an unavailable entity accepts no commands.
        await asyncio.gather(
            *(
                # The web interface, the only way to set values, returns just 500.
                scene.perform(
                    kind, command, "server_error" if by_web(kind, command) else error
                )
                for kind, command in turn
            )
        )
        await scene.poll()
        scene.judge_all("while nobody knows", turn, "unavailable")
    await scene.prepare(turn)
    assert scene.lies == []


async def test_on_for_good_after_a_timer_whose_answer_was_lost(scene: Scene) -> None:
    """Mycodo refuses "on" and keeps the timer that no client was told about.

    See docs/protocols/mycodo.md#onoff-channels.
    """
    (kind,) = (kind for kind in KINDS if kind.entity == "switch.relay_board_fan")
    on, _, timed, _ = kind.commands
    lost = faults.reset(executed=True)
    scene.mycodo.server.inject(lost, "/api/outputs/*", method="POST", times=1)
    await scene.perform(kind, timed, "connection_lost")
    await scene.perform(kind, on, None)
    scene.mycodo.state.clock.jump(3600)
    assert truth(scene.mycodo, kind) == 1
    await scene.poll()
    scene.judge("after the timer", kind)
    assert scene.lies == []
