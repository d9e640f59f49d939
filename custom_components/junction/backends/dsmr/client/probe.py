"""Listen to a port once and identify what is there, for the config flow."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from ....errors import BackendError
from .carrier import Carrier
from .clock import Clock
from .dialect import Dialect, manufacturer_flag, p1_version
from .dlms.models import ListKind
from .encryption import Keys
from .errors import (
    EncryptedError,
    NoDataError,
    NoiseError,
    NoTelegramError,
    OnlyCrcErrorsError,
    WrongKeyError,
)
from .identity import EQUIPMENT_KEYS, number_of
from .line_kinds import LineKind, error_of
from .mbus import live_devices
from .models import MBusDevice, Telegram
from .stream import P1Stream
from .transport import (
    SETTINGS,
    SLOWEST,
    Connection,
    LineSettings,
    Opener,
    has_speed,
    open_port,
)

TIMEOUT: Final = 75.0
# Seconds for one telegram of the slowest meter: an interval of ten, and three for the
# longest telegram at 2400 baud.
SPEED_TRIAL: Final = 14.0
# Number of telegrams that determine the interval, one less for slow meters.
_TELEGRAMS: Final = 3
_SLOW: Final = 5.0
# Seconds after the first telegram: slightly more than twice the longest interval.
_LONGEST_WAIT: Final = 22.0
# Seconds; meters with lists send their number every ten seconds, or never.
_NUMBER_WAIT: Final = 15.0
_TICK: Final = 1.0
# Power, current, voltage of L1 to L3.
_PER_PHASE: Final = (("21", "41", "61"), ("31", "51", "71"), ("32", "52", "72"))


class ProbePhase(StrEnum):
    """Phase of a probe."""

    OPENING = "opening"
    LISTENING = "listening"
    """Waiting for the first telegram."""
    MEASURING = "measuring"
    """Received one telegram; waiting for two more."""


@dataclass(frozen=True, slots=True)
class ProbeProgress:
    """Progress of a probe: ``fraction`` is 0 to 1 and never decreases."""

    phase: ProbePhase
    fraction: float
    baudrate: int
    telegrams: int = 0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Result of probing a port.

    ``manufacturer`` are the three FLAG letters of the header. ``equipment_id`` is the
    meter's number as printed, which never changes and is part of unique ids;
    ``printed`` are all contents of number lines, ``serial`` the readable number. Meters
    without an id (Sweden, Austria) have None; ``system_title`` (hex) identifies a meter
    that encrypts. ``interval`` is in seconds, None if only one telegram arrived in
    time. ``devices`` are the active M-Bus meters. ``phases`` is 1 to 3, or 0 if
    unknown. ``standard_offset`` is the UTC offset of winter time, None if the clock did
    not determine it. ``authenticated`` is False for an encrypted meter whose tag could
    not be verified.
    """

    header: str
    manufacturer: str | None
    equipment_id: str | None
    printed: frozenset[str]
    serial: str | None
    system_title: str | None
    dialect: Dialect
    version: str | None
    line: LineSettings
    carrier: Carrier
    list_kind: ListKind | None
    authenticated: bool
    interval: float | None
    devices: tuple[MBusDevice, ...]
    phases: int
    standard_offset: timedelta | None
    telegram: Telegram


async def probe(
    url: str,
    *,
    keys: Keys | None = None,
    timeout: float = TIMEOUT,
    lines: tuple[LineSettings, ...] = (*SETTINGS, SLOWEST),
    speed_trial: float = SPEED_TRIAL,
    on_progress: Callable[[ProbeProgress], None] | None = None,
    opener: Opener = open_port,
    clock: Clock | None = None,
) -> ProbeResult:
    """Return what is on the port: after three telegrams, or after one and a wait.

    Each of ``lines`` but the last is tried for ``speed_trial`` seconds, unless
    something like a telegram arrives; all of it takes at most ``timeout`` seconds. If a
    meter sends its number only in some of its lists, wait for one of these.

    Raises what ``open_port`` raises, and NoDataError, NoTelegramError,
    OnlyCrcErrorsError, NotP1Error, EncryptedError, WrongKeyError.
    """
    run = _Probe(
        url,
        timeout=timeout,
        lines=lines if has_speed(url) else lines[:1],
        speed_trial=speed_trial,
        on_progress=on_progress,
        clock=clock or Clock(),
        keys=keys,
    )
    return await run.run(opener)


class _Probe:
    """One run of ``probe``."""

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        lines: tuple[LineSettings, ...],
        speed_trial: float,
        on_progress: Callable[[ProbeProgress], None] | None,
        clock: Clock,
        keys: Keys | None,
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._lines = lines
        self._speed_trial = speed_trial
        self._on_progress = on_progress
        self._clock = clock
        self._stream = P1Stream(keys, now=clock.now, monotonic=clock.monotonic)
        self._line = lines[0]
        self._began = clock.monotonic()
        self._first_at: float | None = None
        self._fraction = 0.0
        self._encrypted_at: float | None = None
        self._lost: BackendError | None = None
        self._news = asyncio.Event()

    async def run(self, opener: Opener) -> ProbeResult:
        self._report(ProbePhase.OPENING)
        connection = await opener(self._url, self._line, self._received, self._ended)
        try:
            return await self._listen(connection)
        finally:
            await connection.close()

    async def _listen(self, connection: Connection) -> ProbeResult:
        for line in self._lines:
            if line != self._line:
                self._line = line
                self._stream.reset()
                await connection.set_line(line)
            self._report(ProbePhase.LISTENING)
            until = self._began + self._timeout
            if line != self._lines[-1]:
                until = min(until, self._clock.monotonic() + self._speed_trial)
            if await self._wait_for_telegrams(until):
                return self._result()
            if self._clock.monotonic() >= self._began + self._timeout:
                break
        raise self._diagnosis()

    async def _wait_for_telegrams(self, until: float) -> bool:
        """Return whether enough telegrams arrived. Raises if there never will be."""
        while True:
            self._news.clear()
            now = self._clock.monotonic()
            stream = self._stream
            if self._is_enough(now):
                return True
            self._raise_what_is_certain()
            if stream.frames_seen or stream.is_other:
                # The speed is right; the next telegram may take ten seconds.
                until = self._began + self._timeout
            deadline = until
            if self._first_at is not None:
                deadline = min(until, self._first_at + _LONGEST_WAIT)
            if now >= deadline:
                return self._first_at is not None
            await self._sleep(min(_TICK, deadline - now))
            waiting = self._first_at is None
            self._report(ProbePhase.LISTENING if waiting else ProbePhase.MEASURING)

    def _is_enough(self, now: float) -> bool:
        telegrams = self._stream.statistics.telegrams
        if self._first_at is None:
            return False
        if self._lost is not None:
            return True
        if self._is_number_due(now):
            return False
        if telegrams >= _TELEGRAMS:
            return True
        return telegrams >= _TELEGRAMS - 1 and now - self._first_at >= _SLOW

    def _is_number_due(self, now: float) -> bool:
        """Return whether another list of the meter may still contain its number."""
        telegram, stream = self._stream.last, self._stream
        assert telegram is not None and self._first_at is not None
        if stream.list_kind is None or stream.system_title is not None:
            return False
        return number_of(telegram) is None and now - self._first_at < _NUMBER_WAIT

    def _raise_what_is_certain(self) -> None:
        """Raise errors that further waiting cannot change."""
        stream = self._stream
        if (kind := stream.other_kind) is not None:
            raise error_of(kind, stream.unknown_list)
        if stream.wrong_key:
            raise WrongKeyError
        if stream.key_needed:
            # The frame around it may belong to another protocol, so wait for its end.
            now = self._clock.monotonic()
            if self._encrypted_at is None:
                self._encrypted_at = now
            if stream.cipher_frames > 1 or now - self._encrypted_at >= _TICK:
                raise EncryptedError
        if self._lost is not None and self._first_at is None:
            raise self._lost

    async def _sleep(self, seconds: float) -> None:
        """Wait for data, at most so many seconds."""
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait([sleep, news], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            news.cancel()

    def _received(self, data: bytes) -> None:
        telegrams = self._stream.feed(data)
        if telegrams and self._first_at is None:
            self._first_at = self._clock.monotonic()
        self._news.set()

    def _ended(self, error: BackendError) -> None:
        self._lost = error
        self._news.set()

    def _report(self, phase: ProbePhase) -> None:
        if self._on_progress is None:
            return
        telegrams = self._stream.statistics.telegrams
        elapsed = (self._clock.monotonic() - self._began) / self._timeout
        done = max(self._fraction, elapsed, telegrams / _TELEGRAMS)
        self._fraction = min(1.0, done)
        self._on_progress(
            ProbeProgress(phase, self._fraction, self._line.baudrate, telegrams)
        )

    def _diagnosis(self) -> BackendError:
        """Return the reason why there was no telegram."""
        statistics = self._stream.statistics
        if statistics.bytes_received == 0:
            return NoDataError()
        if self._stream.is_other:
            kind = self._stream.other_kind or LineKind.HDLC
            return error_of(kind, self._stream.unknown_list)
        if self._stream.key_needed:
            return EncryptedError()
        if statistics.decode_errors:
            return WrongKeyError()
        if statistics.crc_errors:
            return OnlyCrcErrorsError()
        return NoiseError() if self._stream.is_noise else NoTelegramError()

    def _result(self) -> ProbeResult:
        stream = self._stream
        telegram = stream.last
        assert telegram is not None  # a first telegram arrived
        equipment = number_of(telegram)
        text = equipment.value if equipment else None
        return ProbeResult(
            header=telegram.header,
            manufacturer=manufacturer_flag(telegram),
            equipment_id=equipment.raw if equipment else None,
            printed=frozenset(
                raw
                for key in EQUIPMENT_KEYS
                if (line := telegram.readings.get(key)) and (raw := line.raw)
            ),
            serial=text if isinstance(text, str) else None,
            system_title=stream.system_title.hex() if stream.system_title else None,
            dialect=stream.dialect,
            version=p1_version(telegram),
            line=self._line,
            carrier=stream.carrier,
            list_kind=stream.list_kind,
            authenticated=stream.statistics.unauthenticated == 0,
            interval=stream.statistics.interval,
            devices=live_devices(telegram.mbus),
            phases=_phases(telegram),
            standard_offset=stream.standard_offset,
            telegram=telegram,
        )


def _phases(telegram: Telegram) -> int:
    return max(
        sum(f"1-0:{c}.7.0" in telegram.readings for c in quantity)
        for quantity in _PER_PHASE
    )
