"""Adapter between a P1 meter and Home Assistant."""

import asyncio
from collections.abc import Collection, Mapping
from functools import partial
import logging
from time import monotonic
from typing import Any, Final

from homeassistant.components import usb
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ...errors import AuthFailedError, BackendError
from ...model import Delta, PointKey, Snapshot, Topology
from ..base import Backend, BackendInfo, Sink
from ..forward import adapter as forward
from ..tasks import start_watched
from .actions import ACTIONS
from .client.errors import NoDataError, OtherMeterError
from .client.listener import LinkState
from .client.models import Telegram
from .entities import exchange
from .entities.connection import CONNECTED, counter_states, with_states
from .entities.description import METER
from .entities.diagnostics import counter_diagnostics, line_diagnostics
from .entities.events import MESSAGE_EVENT, MESSAGE_RECEIVED
from .entities.forwarding import item_of
from .entities.grace import GracePeriod
from .entities.our_meter import OurMeter
from .entities.stored import MeterMemory, store_of
from .settings import CONF_GRACE, DEFAULT_GRACE, NAME, inventory_for, listener_for

_LOGGER: Final = logging.getLogger(__name__)

# Seconds that setup waits for a first telegram; meters send every 1 to 10 s.
FIRST_TELEGRAM: Final = 35.0
# Seconds that setup waits for an error if the devices are known from before.
FIRST_ERROR: Final = 2.0

COUNTERS_INTERVAL: Final = 30.0

_MESSAGE: Final = "0-0:96.13.0"


class DsmrBackend:
    """Backend of one meter: receives telegrams, and pushes changes.

    Everything is pushed; ``fetch`` and ``read`` only return known states.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is opened before ``connect``."""
        self._hass = hass
        self._entry = entry
        self._meter = OurMeter(hass, entry)
        self._inventory = inventory_for(entry.options, None)
        self._listener = listener_for(
            entry.data, entry.options, self._on_telegram, self._on_link
        )
        self._memory = MeterMemory(
            hass,
            entry,
            self._meter.guard,
            self._listener.stream.builder,
            self._remember,
        )
        self._forwarding = forward.Forwarding(
            hass, entry, METER, self._on_targets, lambda: not self._is_locked
        )
        self._sink: Sink | None = None
        self._latest: Telegram | None = None
        self._first: asyncio.Future[None] = hass.loop.create_future()
        self._connected = False
        self._grace = GracePeriod(
            hass, entry.options.get(CONF_GRACE, DEFAULT_GRACE), self._on_grace_over
        )
        self._counters_due = 0.0
        self._stop_watching_ports: CALLBACK_TYPE | None = None

    @property
    def bytes_received(self) -> int:
        """Return the number of bytes received since the port was opened."""
        return self._listener.statistics.bytes_received

    async def connect(self) -> None:
        """Open the port, and wait for a first telegram or an error.

        Raises the error of the port, or NoDataError after ``FIRST_TELEGRAM`` seconds.
        """
        known = await self._memory.load()
        self._inventory = inventory_for(self._entry.options, known)
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
        """Return the states of the last telegram, as far as they are still valid."""
        if isinstance(error := self._listener.link.error, AuthFailedError):
            raise error
        inventory = self._inventory
        states: dict[PointKey, object] = {}
        if self._latest is not None:
            inventory.refresh()
            delta = inventory.take(self._latest, monotonic())
            self._keep(delta)
            states |= delta.states
        elif not self._grace.is_over:
            states |= inventory.waiting()
        if not self._connected:
            states |= inventory.stale(lasting=False)
            if self._grace.is_over:
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
        """Return nothing: there are no commands to confirm."""
        return Delta()

    def subscribe(self, sink: Sink) -> None:
        """Start to push, beginning with telegrams since the fetch."""
        self._sink = sink
        self._forwarding.subscribe(sink)
        self._stop_watching_ports = usb.async_register_port_event_callback(
            self._hass, self._on_ports
        )
        if (other := self._meter.other) is not None:
            sink.report(exchange.exchange_issue(other))
        error = self._listener.link.error
        if isinstance(error, AuthFailedError):
            sink.lost(error)
        elif self._connected and self._latest is not None:
            self._settle_exchange()
            self._inventory.refresh()
            self._push(self._inventory.take(self._latest, monotonic()))
        else:
            self._lost()

    async def close(self) -> None:
        """Stop listening."""
        self._sink = None
        self._grace.cancel()
        if self._stop_watching_ports is not None:
            self._stop_watching_ports()
            self._stop_watching_ports = None
        await self._listener.close()
        await self._forwarding.close()
        await self._memory.save()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return information about the line and the meter, without ids."""
        return {
            **line_diagnostics(self._listener, self._latest),
            "connected": self._connected,
            "foreign_telegrams": self._meter.foreign,
            **counter_diagnostics(self._meter.guard),
            "forwarding": self._forwarding.diagnostics(),
        }

    # Reports of the client.

    @callback
    def _on_telegram(self, telegram: Telegram) -> None:
        now, meter = monotonic(), self._meter
        before = meter.other
        ours = meter.check(telegram, now)
        if meter.other is not before:
            self._show_other(meter.other)
        if ours is None:
            # The next telegram of this meter differs from this one, so compare all of
            # it.
            self._inventory.refresh()
            return
        if meter.keep_number():
            self._memory.renew()
        previous, self._latest, telegram = self._latest, ours, ours
        self._forwarding.offer(partial(item_of, telegram))
        if not self._first.done():
            self._first.set_result(None)
        back, self._connected = not self._connected, True
        if back:
            self._recovered()
        self._memory.keep_counters(now)
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

    def _remember(self) -> dict[str, Any]:
        return self._inventory.remember()

    def _keep(self, delta: Delta) -> None:
        if delta.topology is not None or delta.devices:
            self._memory.keep()

    @property
    def _is_locked(self) -> bool:
        """Return whether the telegrams cannot be read without another key."""
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
        self._give_up(error)
        was_connected, self._connected = self._connected, False
        if self._sink is None:
            return
        if isinstance(error, AuthFailedError):
            # Only a new key ends this state.
            self._grace.skip()
            self._sink.lost(error)
        elif was_connected:
            self._lost()

    def _give_up(self, error: BackendError) -> None:
        """Pass an error to the setup that waits for the first telegram."""
        if not self._first.done():
            self._first.set_exception(error)
            # Nobody may be waiting, so mark the exception as retrieved.
            self._first.exception()

    def _recovered(self) -> None:
        """Push all states again after the connection was restored."""
        self._settle_exchange()
        self._grace.end()
        self._inventory.refresh()

    def _settle_exchange(self) -> None:
        """Withdraw the issue if the meter is recognized by its number.

        It outlasts a restart, but the user may have answered it in another dialog.
        """
        if self._sink is not None and self._meter.has_number:
            self._sink.withdraw(exchange.EXCHANGE_ISSUE)

    def _lost(self) -> None:
        """Push which states are no longer valid, the lasting ones after a grace period.

        The client has logged the error.
        """
        states = self._inventory.stale(lasting=False)
        self._push(Delta(states={**states, CONNECTED.key: False}))
        self._grace.begin()

    def _on_grace_over(self) -> None:
        self._push(Delta(states=self._inventory.stale(lasting=True)))

    @callback
    def _on_ports(self, added: set[usb.USBDevice], removed: set[usb.USBDevice]) -> None:
        """Reconnect at once when a USB device was plugged in."""
        if added and not self._connected:
            self._listener.retry_now()

    def _show_other(self, other: OtherMeterError | None) -> None:
        """Stop showing states when another meter answers, until the user decides.

        None means that the telegrams are from the original meter again.
        """
        if other is None:
            if self._sink is not None:
                self._sink.withdraw(exchange.EXCHANGE_ISSUE)
            return
        was_connected, self._connected = self._connected, False
        self._give_up(other)
        if self._sink is None:
            return
        self._sink.report(exchange.exchange_issue(other))
        if was_connected:
            _LOGGER.warning(
                "Another meter answers on the port of %s; see its repair issue",
                self._entry.title,
            )
            self._lost()


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return DsmrBackend(hass, entry)


def _no_poll(entry: ConfigEntry[Any]) -> None:
    """Return None: a meter sends by itself, and cannot be polled."""


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await store_of(hass, entry).async_remove()
    await forward.async_remove(hass, entry)


async def _resolve(
    hass: HomeAssistant, entry: ConfigEntry[Any], data: Mapping[str, str], choice: str
) -> None:
    """Carry out the user's choice about a server's certificate or another meter."""
    carry_out = exchange.resolve if choice in exchange.CHOICES else forward.resolve
    await carry_out(hass, entry, data, choice)


INFO: Final = BackendInfo(
    name=NAME,
    title="P1 smart meter",
    platforms=(Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR),
    create=_create,
    poll_interval=_no_poll,
    actions=ACTIONS,
    # The first complete telegram may take as long as the meter's interval.
    answers=lambda backend: backend.bytes_received > 0,
    issue=exchange.issue_for,
    resolve=_resolve,
    remove=_remove,
)
