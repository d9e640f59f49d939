"""Adapter between a P1 meter and Home Assistant."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
import logging
from time import monotonic
from typing import Any, Final

from homeassistant.components import usb
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ...errors import AuthFailedError
from ...model import Delta, PointKey, Snapshot, Topology
from ..base import Backend, BackendInfo, Sink
from ..forward import adapter as forward
from ..tasks import start_watched
from .actions import ACTIONS
from .client.counters import CounterGuard
from .client.errors import NoDataError, OtherMeterError
from .client.identity import Identity
from .client.listener import LinkState
from .client.models import Telegram
from .entities import exchange
from .entities.connection import CONNECTED, counter_states, with_states
from .entities.description import METER
from .entities.diagnostics import counter_diagnostics, line_diagnostics
from .entities.events import MESSAGE_EVENT, MESSAGE_RECEIVED
from .entities.forwarding import item_of
from .entities.stored import recall_counters, store_of, stored_counters, whose_counters
from .settings import (
    CONF_EQUIPMENT,
    CONF_GRACE,
    DEFAULT_GRACE,
    NAME,
    inventory_for,
    listener_for,
)

_LOGGER: Final = logging.getLogger(__name__)

# Start-up waits this long (s) for a first telegram; meters send every 1 to 10 s.
FIRST_TELEGRAM: Final = 35.0
# With everything known from before, only an error is worth waiting for.
FIRST_ERROR: Final = 2.0

SAVE_DELAY: Final = 10.0
COUNTERS_INTERVAL: Final = 30.0

_MESSAGE: Final = "0-0:96.13.0"
# Whose layout was stored: another meter's would give entities that it never has.
_METER: Final = "meter"
# Counters are stored this often (s), for what is printed first after a restart.
COUNTERS_SAVED: Final = 900.0


class DsmrBackend:
    """Listens to one meter and tells the coordinator what is due.

    Everything is pushed; ``fetch`` and ``read`` only say what is known anyway.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Prepare; nothing is opened before ``connect``."""
        self._hass = hass
        self._entry = entry
        # As it is now: a person may decide that the entry is another meter's.
        self._meter = entry.unique_id
        self._store = store_of(hass, entry)
        self._unsaved = False
        self._identity = Identity(entry.data.get(CONF_EQUIPMENT), self._goes_on)
        self._guard = CounterGuard(lambda _: self._identity.equipment is not None)
        self._other: OtherMeterError | None = None
        self._inventory = inventory_for(entry.options, None)
        self._listener = listener_for(
            entry.data, entry.options, self._on_telegram, self._on_link
        )
        self._maker = self._listener.stream.maker
        self._forwarding = forward.Forwarding(
            hass, entry, METER, self._on_targets, lambda: not self._is_locked
        )
        self._sink: Sink | None = None
        self._latest: Telegram | None = None
        self._first: asyncio.Future[None] = hass.loop.create_future()
        self._connected = False
        self._grace: CALLBACK_TYPE | None = None
        self._grace_over = False
        self._counters_due = 0.0
        self._save_due: float | None = None
        self._whose = whose_counters(entry)
        self._stop_watching_ports: CALLBACK_TYPE | None = None

    @property
    def bytes_received(self) -> int:
        """What came through the port since it was opened, telegram or not."""
        return self._listener.statistics.bytes_received

    async def connect(self) -> None:
        """Open the port and wait for a first telegram, or for what prevents it."""
        known = await self._store.async_load()
        if known is not None and known.get(_METER) != self._meter:
            known = None
        self._inventory = inventory_for(self._entry.options, known)
        recall_counters(self._guard, self._maker, known or {}, self._whose)
        await self._forwarding.open()
        self._attach_targets()
        start_watched(self._hass, self._entry, self._listener.run, "P1")
        try:
            async with asyncio.timeout(FIRST_ERROR if known else FIRST_TELEGRAM):
                await self._first
        except TimeoutError:
            if not known:
                raise NoDataError from None

    async def fetch(self) -> Snapshot:
        """Return what the last telegram says, as far as it is still true."""
        if isinstance(error := self._listener.link.error, AuthFailedError):
            raise error
        inventory = self._inventory
        states: dict[PointKey, object] = {}
        if self._latest is not None:
            inventory.refresh()
            delta = inventory.take(self._latest, monotonic())
            self._keep(delta)
            states |= delta.states
        elif not self._grace_over:
            states |= inventory.waiting()
        if not self._connected:
            states |= inventory.stale(lasting=False)
            if self._grace_over:
                states |= inventory.stale(lasting=True)
        states[CONNECTED.key] = self._connected
        return Snapshot(
            topology=inventory.topology,
            states=states
            | counter_states(self._listener.statistics)
            | self._forwarding.states,
            offline=inventory.gone,
        )

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return nothing: there is nothing to steer, so nothing to confirm."""
        return Delta()

    def subscribe(self, sink: Sink) -> None:
        """Push from now on; what came since the fetch is due at once."""
        self._sink = sink
        self._forwarding.subscribe(sink)
        self._stop_watching_ports = usb.async_register_port_event_callback(
            self._hass, self._on_ports
        )
        if self._other is not None:
            sink.report(exchange.exchange_issue(self._other))
        error = self._listener.link.error
        if isinstance(error, AuthFailedError):
            sink.lost(error)
        elif self._connected and self._latest is not None:
            self._inventory.refresh()
            self._push(self._inventory.take(self._latest, monotonic()))
        else:
            self._lost()

    async def close(self) -> None:
        """Stop listening."""
        self._sink = None
        self._cancel_grace()
        if self._stop_watching_ports is not None:
            self._stop_watching_ports()
            self._stop_watching_ports = None
        await self._listener.close()
        await self._forwarding.close()
        if self._unsaved or self._latest is not None:
            # Now, not when its time has come: the entry may be removed next.
            await self._store.async_save(self._to_store())

    def diagnostics(self) -> Mapping[str, Any]:
        """Return what is known of the line and the meter, without any id."""
        return {
            **line_diagnostics(self._listener, self._latest),
            "connected": self._connected,
            "foreign_telegrams": self._identity.foreign,
            **counter_diagnostics(self._guard),
            "forwarding": self._forwarding.diagnostics(),
        }

    # What the client tells.

    @callback
    def _on_telegram(self, telegram: Telegram) -> None:
        if not self._identity.recognize(telegram):
            # The next one of ours is compared with this one, so look at all of it.
            self._inventory.refresh()
            self._guard.refresh()
            if (stranger := self._identity.stranger) is not None:
                self._another_meter(stranger)
            return
        now = monotonic()
        telegram = self._guard.check(telegram, now)
        if self._guard.exchanged:
            self._another_meter(None)
            return
        self._ours_again()
        previous, self._latest = self._latest, telegram
        self._forwarding.offer(partial(item_of, telegram))
        if not self._first.done():
            self._first.set_result(None)
        back, self._connected = not self._connected, True
        if back:
            self._recovered()
        if self._save_due is None:
            self._save_due = now + COUNTERS_SAVED
        elif now >= self._save_due:
            self._save_due = now + COUNTERS_SAVED
            self._store.async_delay_save(self._to_store, SAVE_DELAY)
        if self._sink is None:
            return
        delta = self._inventory.take(telegram, now)
        if back:
            delta = with_states(delta, {CONNECTED.key: True})
        if now >= self._counters_due:
            self._counters_due = now + COUNTERS_INTERVAL
            delta = with_states(delta, counter_states(self._listener.statistics))
        self._push(delta)
        if _MESSAGE in telegram.changed and previous is not None:
            self._announce(previous.text(_MESSAGE), telegram.text(_MESSAGE))

    def _push(self, delta: Delta) -> None:
        self._keep(delta)
        if self._sink and (delta.states or delta.devices or delta.topology):
            self._sink.push(delta)

    @property
    def _is_locked(self) -> bool:
        """Whether nothing is known until there is another key."""
        return isinstance(self._listener.link.error, AuthFailedError)

    @callback
    def _on_targets(self) -> None:
        topology = self._attach_targets()
        if self._sink and not self._is_locked:
            self._sink.push(Delta(states=self._forwarding.states, topology=topology))

    def _attach_targets(self) -> Topology:
        return self._inventory.attach(self._forwarding.devices, self._forwarding.points)

    def _announce(self, before: str | None, text: str | None) -> None:
        if self._sink and text and text != before:
            self._sink.event(MESSAGE_EVENT.key, MESSAGE_RECEIVED, {"text": text})

    @callback
    def _on_link(self, link: LinkState) -> None:
        if (error := link.error) is None:
            return
        if not self._first.done():
            self._first.set_exception(error)
            # Nobody waits any more when everything was known from before.
            self._first.exception()
        was_connected, self._connected = self._connected, False
        if self._sink is None:
            return
        if isinstance(error, AuthFailedError):
            # Only a new key ends this; until then there is nothing to add.
            self._cancel_grace()
            self._grace_over = True
            self._sink.lost(error)
        elif was_connected:
            self._lost()

    def _recovered(self) -> None:
        """Show everything again; telegrams of before say nothing about now."""
        self._cancel_grace()
        self._grace_over = False
        self._inventory.refresh()

    def _lost(self) -> None:
        """Take back what is no longer true, and later what may no longer be.

        The client has logged it.
        """
        states = self._inventory.stale(lasting=False)
        self._push(Delta(states={**states, CONNECTED.key: False}))
        self._start_grace()

    def _start_grace(self) -> None:
        self._cancel_grace()
        grace = self._entry.options.get(CONF_GRACE, DEFAULT_GRACE)

        @callback
        def over(_now: datetime) -> None:
            self._grace = None
            self._grace_over = True
            self._push(Delta(states=self._inventory.stale(lasting=True)))

        self._grace = async_call_later(self._hass, grace, over)

    def _cancel_grace(self) -> None:
        if self._grace is not None:
            self._grace()
            self._grace = None

    @callback
    def _on_ports(self, added: set[usb.USBDevice], removed: set[usb.USBDevice]) -> None:
        """Do not wait for the next attempt when something was plugged in."""
        if added and not self._connected:
            self._listener.retry_now()

    def _another_meter(self, number: str | None) -> None:
        """Show nothing of another meter: only a person may put it in our place.

        ``number`` is what it prints; None when only its counters tell it.
        """
        if self._other is not None and self._other.number == number:
            return
        self._other = other = OtherMeterError(self._identity.equipment, number)
        exchange.others_of(self._hass)[self._entry.entry_id] = number
        was_connected, self._connected = self._connected, False
        if not self._first.done():
            self._first.set_exception(other)
            # Nobody waits any more when everything was known from before.
            self._first.exception()
        if self._sink is None:
            return
        self._sink.report(exchange.exchange_issue(other))
        if was_connected:
            _LOGGER.warning(
                "Another meter answers on the port of %s; see its repair issue",
                self._entry.title,
            )
            self._lost()

    def _ours_again(self) -> None:
        """Note that the telegrams are our meter's, whatever came before."""
        if self._other is not None:
            self._other = None
            if self._sink is not None:
                self._sink.withdraw(exchange.EXCHANGE_ISSUE)
        if exchange.keep_number(self._hass, self._entry, self._identity.equipment):
            self._whose = whose_counters(self._entry)

    def _goes_on(self, telegram: Telegram, number: str) -> bool | None:
        """Tell whether a meter that prints a number now can be the one without before."""
        if exchange.is_taken(self._hass, self._entry, number):
            return False
        return self._guard.goes_on(telegram, monotonic())

    # What is remembered for the next start.

    def _keep(self, delta: Delta) -> None:
        if delta.topology is not None or delta.devices:
            self._unsaved = True
            self._store.async_delay_save(self._to_store, SAVE_DELAY)

    def _to_store(self) -> dict[str, Any]:
        self._unsaved = False
        return {
            _METER: self._meter,
            **stored_counters(self._guard, self._maker, self._whose),
            **self._inventory.remember(),
        }


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return DsmrBackend(hass, entry)


def _no_poll(entry: ConfigEntry[Any]) -> None:
    """Never poll: a meter sends by itself, and cannot be asked."""


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await store_of(hass, entry).async_remove()
    await forward.async_remove(hass, entry)


async def _resolve(
    hass: HomeAssistant, entry: ConfigEntry[Any], data: Mapping[str, str], choice: str
) -> None:
    """Carry out what was chosen, about a server's certificate or another meter."""
    carry_out = exchange.resolve if choice in exchange.CHOICES else forward.resolve
    await carry_out(hass, entry, data, choice)


INFO: Final = BackendInfo(
    name=NAME,
    title="P1 smart meter",
    platforms=(Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR),
    create=_create,
    poll_interval=_no_poll,
    actions=ACTIONS,
    # Something comes; the first whole telegram may take as long as the meter's interval.
    answers=lambda backend: backend.bytes_received > 0,
    issue=exchange.issue_for,
    resolve=_resolve,
    remove=_remove,
)
