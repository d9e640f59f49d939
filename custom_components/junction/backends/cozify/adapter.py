"""Adapter for Cozify hubs."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from yarl import URL

from ...const import LOGGER
from ...errors import BackendError
from ...model import Delta, Point, PointKey, Snapshot
from ..base import Backend, BackendInfo, Issue, Sink
from ..http import Clock
from ..session import create_session
from ..tasks import start_watched
from .actions import ACTIONS
from .client import (
    CLOUDS,
    Changes,
    CloudApi,
    CloudLoginError,
    Commands,
    CozifyState,
    Device,
    HubApi,
    HubGoneError,
    Keys,
    Kind,
    Poller,
    State,
    Tokens,
    commands,
    parse_rows,
)
from .entities.account import async_end_login
from .entities.diagnostics import report
from .entities.events import events
from .entities.hub import HUB
from .entities.inventory import Inventory
from .entities.transitions import Transitions
from .settings import (
    CONF_CLOUD,
    CONF_CLOUD_TOKEN,
    CONF_HOST,
    CONF_HUB_ID,
    CONF_HUB_KEY,
    NAME,
    TITLE,
    Settings,
)

ISSUE_UNPAID: Final = Issue(id="cozify_remote_unpaid", key="cozify_remote_unpaid")
ISSUE_GONE: Final = Issue(id="cozify_hub_gone", key="cozify_hub_gone")
LOOK_TWICE: Final = 60.0
"""Seconds before something that is missing is looked for again."""


def clouds(data: Mapping[str, Any]) -> list[URL]:
    """Return the possible addresses of an entry's cloud."""
    return [URL(typed)] if (typed := data.get(CONF_CLOUD)) else list(CLOUDS)


class CozifyBackend:
    """Backend of one hub, whose poll channel pushes changes and confirms commands."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is sent before ``connect``."""
        self.hass = hass
        self.entry = entry
        data, settings = entry.data, Settings.of(entry.options)
        clock = Clock()
        session = create_session(hass)
        self.cloud = CloudApi(session, clouds(data), clock)
        self.keys = Keys(
            self.cloud,
            data[CONF_HUB_ID],
            Tokens(data[CONF_CLOUD_TOKEN], data[CONF_HUB_KEY]),
            store=self._store_tokens,
            login_needed=self._ask_for_login,
            clock=clock,
        )
        self.api = HubApi(
            session,
            self.cloud,
            self.keys,
            hub_id=data[CONF_HUB_ID],
            host=URL(data[CONF_HOST]) if data.get(CONF_HOST) else None,
            remote=settings.remote,
            moved=self._store_host,
            unpaid=self._tell_unpaid,
            clock=clock,
        )
        self.state = CozifyState()
        self.poller = Poller(
            self.api,
            self.state,
            changed=self._on_changes,
            lost=self._on_lost,
            clock=clock,
        )
        self.device_commands = Commands(self.api, "devices/command", clock)
        self.group_commands = Commands(self.api, "groups/command", clock)
        self.inventory = Inventory(
            hass,
            entry,
            self,
            self.state,
            settings,
        )
        self.transitions = Transitions(self._show, self._on_gave_up, clock)
        self._sink: Sink | None = None
        self._unpaid = False
        self._gone = False
        self._tasks: list[asyncio.Task[None]] = []

    # Backend.

    async def connect(self) -> None:
        """Find the hub."""
        await self.api.find()

    async def fetch(self) -> Snapshot:
        """Read everything, in one request."""
        await self.poller.fetch()
        return self.inventory.snapshot()

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return the last pushed states: the hub reports every change.

        Sends no request; after a command the next poll follows soon (``expect``).
        """
        self.poller.expect()
        return Delta(states=self._faded(self.inventory.states_of(set(keys))))

    def subscribe(self, sink: Sink) -> None:
        """Start to poll, and to renew the tokens."""
        self._sink = sink
        self._tell_unpaid(self._unpaid)
        sink.withdraw(ISSUE_GONE.id)
        start = partial(start_watched, self.hass, self.entry)
        self._tasks = [start(self.poller.run, "poll"), start(self.keys.run, "tokens")]

    async def close(self) -> None:
        """Release everything. Home Assistant closes the session."""
        self._sink = None
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.transitions.close()
        await self.device_commands.close()
        await self.group_commands.close()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counts and capabilities, without names, ids, and tokens."""
        return report(self)

    # Reports of the poller.

    def _on_changes(self, changes: Changes) -> None:
        delta = self.inventory.take(changes, self.api.meta)
        if self.inventory.suspicious:
            self.poller.resync_in(LOOK_TWICE)
        if self._sink is None:
            return
        if self._gone:
            self._gone = False
            self._sink.withdraw(ISSUE_GONE.id)
        self._sink.push(
            Delta(
                states=self._faded(delta.states),
                devices=delta.devices,
                topology=delta.topology,
            )
        )
        for key, kind, about in events(changes, HUB):
            self._sink.event(key, kind, about)

    def _on_lost(self, error: BackendError) -> None:
        if self._sink is not None:
            if (issue := _issue(error)) is not None:
                self._gone = True
                self._sink.report(issue)
            self._sink.lost(error)

    def _faded(self, states: Mapping[PointKey, object]) -> dict[PointKey, object]:
        return {
            key: self.transitions.shown_state(key, one) for key, one in states.items()
        }

    # Stored data.

    def _store_tokens(self, tokens: Tokens) -> None:
        self._update({CONF_CLOUD_TOKEN: tokens.cloud, CONF_HUB_KEY: tokens.hub})

    def _store_host(self, host: URL) -> None:
        self._update({CONF_HOST: str(host)})

    def _update(self, data: Mapping[str, Any]) -> None:
        self.hass.config_entries.async_update_entry(
            self.entry, data={**self.entry.data, **data}
        )

    def _ask_for_login(self, error: CloudLoginError) -> None:
        """Request a login; the hub itself may continue to work for a long time."""
        self.entry.async_start_reauth_if_available(self.hass)

    def _tell_unpaid(self, refused: bool) -> None:
        self._unpaid = refused
        if self._sink is None:
            return
        if refused:
            self._sink.report(ISSUE_UNPAID)
        else:
            self._sink.withdraw(ISSUE_UNPAID.id)

    # For points and actions.

    def refresh(self) -> None:
        """Read everything soon, after a change."""
        if self._sink is not None:
            self._sink.refresh()

    async def switch(self, device: str, *, on: bool) -> None:
        """Switch a device or a group."""
        found, send = self._target(device)
        await send.send(
            commands.switch(found, on=on, group=send is self.group_commands)
        )
        self.poller.expect()

    async def set_fields(self, device: str, fields: Mapping[str, Any]) -> None:
        """Set some fields of the state of a device or a group."""
        found, send = self._target(device)
        await send.send(commands.set_fields(found, fields))
        self.poller.expect()

    async def identify(self, device: str) -> None:
        """Let a device identify itself."""
        found, send = self._target(device)
        await send.send(commands.identify(found))

    def reported(self, device: str) -> State:
        """Return the last reported state of a device or a group."""
        return self._target(device)[0].state

    async def switch_scene(self, scene: str, *, on: bool) -> None:
        """Switch a scene; the answer has its new state."""
        kind = "CMD_SCENE_ON" if on else "CMD_SCENE_OFF"
        await self._at_once(Kind.SCENE, {"id": scene, "type": kind})

    async def switch_rule(self, rule: str, *, on: bool) -> None:
        """Switch a rule; the answer has its new state."""
        kind = "RULE_ON_COMMAND" if on else "RULE_OFF_COMMAND"
        await self._at_once(Kind.RULE, {"id": rule, "type": kind})

    async def _at_once(self, kind: Kind, command: Mapping[str, Any]) -> None:
        answer = await self.api.command(f"{kind}/command", [command])
        self._on_changes(self.state.take(kind, parse_rows(answer)))
        self.poller.expect()

    def _target(self, key: str) -> tuple[Device, Commands]:
        if (group := self.state.groups.get(key)) is not None:
            return group, self.group_commands
        if (device := self.state.devices.get(key)) is not None:
            return device, self.device_commands
        raise HubGoneError  # pragma: no cover - its entity is removed as well

    def fade(
        self,
        point: Point[Any],
        expected: object,
        seconds: float,
        again: Callable[[], Awaitable[None]],
    ) -> None:
        """Show the target of a transition while it lasts; send ``again`` if it does not start."""
        self.transitions.begin(
            point, expected, self.inventory.state(point.key), seconds, again
        )

    def end_fade(self, point: Point[Any]) -> None:
        """Forget a transition that another command replaces."""
        self.transitions.end(point.key)

    def _show(self, key: PointKey, state: object) -> None:
        if self._sink is not None:
            self._sink.push(Delta(states={key: state}))

    def _on_gave_up(self, point: Point[Any]) -> None:
        LOGGER.warning(
            "%s: %s did not do what it was told, twice",
            self.entry.title,
            point.name or point.key[1],
        )


def _issue(error: BackendError) -> Issue | None:
    return ISSUE_GONE if isinstance(error, HubGoneError) else None


def _is_live(backend: CozifyBackend, key: PointKey) -> bool:
    # For a group the hub reports the state of one member only.
    return key[0] != HUB and backend.poller.is_live


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return CozifyBackend(hass, entry)


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await async_end_login(hass, entry, clouds(entry.data))


INFO: Final = BackendInfo(
    name=NAME,
    title=TITLE,
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.CLIMATE,
        Platform.COVER,
        Platform.EVENT,
        Platform.FAN,
        Platform.LIGHT,
        Platform.MEDIA_PLAYER,
        Platform.SCENE,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SIREN,
        Platform.SWITCH,
        Platform.VALVE,
    ),
    create=_create,
    # The poll channel pushes, and resynchronizes periodically by itself.
    poll_interval=lambda entry: None,
    # A delta must follow within 5 s; read once before
    # (docs/protocols/cozify.md#commands).
    confirm_after=(0.6, 4.4),
    resends=1,
    live=_is_live,
    actions=ACTIONS,
    issue=_issue,
    remove=_remove,
)
