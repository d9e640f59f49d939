"""A P1 meter as Home Assistant sees it."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from ...const import DOMAIN
from ...model import Delta, PointKey, Snapshot
from ..base import Backend, BackendInfo, Issue, Sink
from .client import LinkState, P1Client
from .const import (
    AUTOMATIC,
    CONF_AUTHENTICATION_KEY,
    CONF_BAUDRATE,
    CONF_EQUIPMENT,
    CONF_GRACE,
    CONF_KEY,
    CONF_PORT,
    CONF_POWER_INTERVAL,
    CONF_SLOW_INTERVAL,
    CONF_TARIFFS,
    CONF_UTC_OFFSET,
    DEFAULT_GRACE,
    DEFAULT_POWER_INTERVAL,
    DEFAULT_SLOW_INTERVAL,
    NAME,
)
from .dialect import TariffRule
from .encryption import parse_keys
from .entities.board import Board
from .entities.link import (
    CONNECTED,
    LINK_POINTS,
    MESSAGE_EVENT,
    MESSAGE_RECEIVED,
    counter_states,
)
from .entities.source import Pace
from .errors import EncryptedError, NoDataError, WrongKeyError
from .identity import Identity
from .models import Telegram

# Start-up waits this long (s) for a first telegram; meters send every 1 to 10 s.
FIRST_TELEGRAM: Final = 35.0
# With everything known from before, only an error is worth waiting for.
FIRST_ERROR: Final = 2.0

SAVE_DELAY: Final = 10.0
COUNTERS_INTERVAL: Final = 30.0

ISSUE_REPLACED: Final = "meter_replaced"
CHOICE_CONTINUE: Final = "continue"
CHOICE_NEW: Final = "new"

_MESSAGE: Final = "0-0:96.13.0"


class DsmrBackend:
    """Listens to one meter and tells the coordinator what is due.

    Everything is pushed; ``fetch`` and ``read`` only say what is known anyway.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Prepare; nothing is opened before ``connect``."""
        self._hass = hass
        self._entry = entry
        self._store = _store(hass, entry)
        self._identity = Identity(entry.data.get(CONF_EQUIPMENT))
        self._board = _board(entry, None)
        self._client = _client(entry, self._on_telegram, self._on_link)
        self._sink: Sink | None = None
        self._latest: Telegram | None = None
        self._first: asyncio.Future[None] = hass.loop.create_future()
        self._connected: bool | None = None
        self._grace: CALLBACK_TYPE | None = None
        self._counters_due = 0.0
        self._pending: dict[PointKey, object] = {}

    async def connect(self) -> None:
        """Open the port and wait for a first telegram, or for what prevents it."""
        known = await self._store.async_load()
        self._board = _board(self._entry, known)
        self._entry.async_create_background_task(
            self._hass, self._client.run(), f"{self._entry.title} - P1"
        )
        try:
            async with asyncio.timeout(FIRST_ERROR if known else FIRST_TELEGRAM):
                await self._first
        except TimeoutError:
            if not known:
                raise NoDataError from None

    async def fetch(self) -> Snapshot:
        """Return what the last telegram says."""
        states: dict[PointKey, object] = {CONNECTED.key: bool(self._connected)}
        states |= counter_states(self._client.statistics)
        if self._latest is None:
            states |= self._board.waiting()
        else:
            self._board.refresh()
            states |= self._board.take(self._latest, self._hass.loop.time()).states
        return Snapshot(topology=self._board.topology, states=states)

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return nothing: there is nothing to steer, so nothing to confirm."""
        return Delta()

    def subscribe(self, sink: Sink) -> None:
        """Push from now on; what came since the fetch is due at once."""
        self._sink = sink
        self._board.refresh()
        if self._latest is not None:
            self._push(self._board.take(self._latest, self._hass.loop.time()))
        else:
            self._start_grace()

    async def close(self) -> None:
        """Stop listening."""
        self._sink = None
        self._cancel_grace()
        await self._client.close()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return what is known of the line and the meter, without any id."""
        stream, telegram = self._client.stream, self._latest
        return {
            "link": self._client.link.status,
            "error": type(self._client.link.error).__name__,
            "baudrate": self._client.baudrate,
            "carrier": stream.carrier,
            "dialect": stream.dialect,
            "standard_offset_hours": (
                offset / timedelta(hours=1)
                if (offset := stream.standard_offset) is not None
                else None
            ),
            "statistics": self._client.statistics.as_dict(),
            "foreign_telegrams": self._identity.foreign,
            "telegram": masked(telegram) if telegram else None,
        }

    # What the client tells.

    @callback
    def _on_telegram(self, telegram: Telegram) -> None:
        verdict = self._identity.judge(telegram)
        if verdict is None:
            # The next one of ours is compared with this one, so look at all of it.
            self._board.refresh()
            return
        previous, self._latest = self._latest, telegram
        if verdict:
            self._replaced(verdict)
        if not self._first.done():
            self._first.set_result(None)
        if not self._connected:
            self._recovered()
        if self._sink is None:
            return
        now = self._hass.loop.time()
        delta = self._board.take(telegram, now)
        if now >= self._counters_due:
            self._counters_due = now + COUNTERS_INTERVAL
            delta = _with(delta, counter_states(self._client.statistics))
        self._push(delta)
        if _MESSAGE in telegram.changed and previous is not None:
            self._announce(telegram)

    def _push(self, delta: Delta) -> None:
        if delta.topology is not None:
            self._store.async_delay_save(self._board.remember, SAVE_DELAY)
        if self._pending:
            delta, self._pending = _with(delta, self._pending), {}
        if self._sink and (delta.states or delta.devices or delta.topology):
            self._sink.push(delta)

    def _announce(self, telegram: Telegram) -> None:
        if self._sink and (text := telegram.text(_MESSAGE)):
            self._sink.event(MESSAGE_EVENT.key, MESSAGE_RECEIVED, {"text": text})

    @callback
    def _on_link(self, link: LinkState) -> None:
        error = link.error
        if error is None:
            return
        if not self._first.done():
            self._first.set_exception(error)
            # Nobody waits any more when everything was known from before.
            self._first.exception()
        if self._sink is None:
            return
        if isinstance(error, EncryptedError | WrongKeyError):
            self._sink.lost(error)
        elif self._connected is not False:
            self._lost()

    def _recovered(self) -> None:
        """Show everything again; telegrams of before say nothing about now."""
        self._connected = True
        self._cancel_grace()
        self._board.refresh()
        self._pending[CONNECTED.key] = True

    def _lost(self) -> None:
        """Take back what is no longer true, and later what may no longer be."""
        self._connected = False
        states = self._board.stale(lasting=False)
        self._push(Delta(states={**states, CONNECTED.key: False}))
        self._start_grace()

    def _start_grace(self) -> None:
        self._cancel_grace()
        grace = self._entry.options.get(CONF_GRACE, DEFAULT_GRACE)

        @callback
        def over(_now: datetime) -> None:
            self._grace = None
            self._push(Delta(states=self._board.stale(lasting=True)))

        self._grace = async_call_later(self._hass, grace, over)

    def _cancel_grace(self) -> None:
        if self._grace is not None:
            self._grace()
            self._grace = None

    def _replaced(self, old: str) -> None:
        """Go on with another meter, and let the person decide if that is right."""
        equipment = self._latest.equipment if self._latest else None
        new = equipment.raw if equipment else None
        data = {**self._entry.data, CONF_EQUIPMENT: new}
        self._hass.config_entries.async_update_entry(self._entry, data=data)
        if self._sink and new:
            self._sink.report(
                Issue(
                    id=ISSUE_REPLACED,
                    key="dsmr_meter_replaced",
                    placeholders={"old": old, "new": new},
                    choices=(CHOICE_CONTINUE, CHOICE_NEW),
                    data={"equipment": new},
                )
            )


def masked(telegram: Telegram) -> dict[str, Any]:
    """Return the lines of a telegram with every digit of a value as 0.

    Shapes, units and ids of lines are what a maintainer needs; what was used when,
    and by which meter, is nobody's business.
    """
    return {
        "lines": [
            line.partition(b"(")[0].decode("ascii", "replace")
            + "".join(
                "0" if char.isalnum() else char
                for char in line.decode("ascii", "replace")[line.find(b"(") :]
            )
            for line in telegram.lines[1:]
            if b"(" in line
        ],
        "unknown": list(telegram.layout.unknown),
        "malformed": sorted(telegram.malformed),
        "crc": telegram.crc is not None,
    }


def _with(delta: Delta, states: Mapping[PointKey, object]) -> Delta:
    return Delta(
        states={**delta.states, **states},
        devices=delta.devices,
        topology=delta.topology,
    )


def _store(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[dict[str, Any]]:
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}.{NAME}")


def _board(entry: ConfigEntry[Any], known: Mapping[str, Any] | None) -> Board:
    options = entry.options
    tariffs = options.get(CONF_TARIFFS, AUTOMATIC)
    return Board(
        {
            Pace.POWER: options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL),
            Pace.SLOW: options.get(CONF_SLOW_INTERVAL, DEFAULT_SLOW_INTERVAL),
        },
        rule=None if tariffs == AUTOMATIC else TariffRule(tariffs),
        known=known,
        fixed=LINK_POINTS,
    )


def _client(
    entry: ConfigEntry[Any],
    on_telegram: Callable[[Telegram], None],
    on_link: Callable[[LinkState], None],
) -> P1Client:
    data = entry.data
    offset = entry.options.get(CONF_UTC_OFFSET, AUTOMATIC)
    return P1Client(
        data[CONF_PORT],
        on_telegram=on_telegram,
        on_link=on_link,
        baudrate=data.get(CONF_BAUDRATE),
        keys=parse_keys(data.get(CONF_KEY), data.get(CONF_AUTHENTICATION_KEY)),
        standard_offset=(
            None if offset == AUTOMATIC else timedelta(hours=float(offset))
        ),
    )


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return DsmrBackend(hass, entry)


def _no_poll(entry: ConfigEntry[Any]) -> None:
    """Never poll: a meter sends by itself, and cannot be asked."""


async def _resolve(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    data: Mapping[str, str],
    choice: str,
) -> None:
    """Carry out what a person decided about an exchanged meter."""
    if choice == CHOICE_NEW:
        hass.config_entries.async_update_entry(
            entry, unique_id=f"{NAME}:{data['equipment']}"
        )
        hass.config_entries.async_schedule_reload(entry.entry_id)


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await _store(hass, entry).async_remove()


INFO: Final = BackendInfo(
    name=NAME,
    title="P1 smart meter",
    platforms=(Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR),
    create=_create,
    poll_interval=_no_poll,
    resolve=_resolve,
    remove=_remove,
)
