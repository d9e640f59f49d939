"""Telegrams, clocks and lines for the tests of the DSMR backend."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import random
import re
from typing import Any, override

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, GCM

from custom_components.junction.backends.dsmr.client.clock import Clock
from custom_components.junction.backends.dsmr.client.crc import crc16_x25
from custom_components.junction.backends.dsmr.client.encryption import (
    PUBLIC_AUTHENTICATION_KEY,
    Keys,
)
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.backends.dsmr.client.transport import LineSettings
from custom_components.junction.errors import BackendError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "dsmr"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

CLEAR = sorted(path.stem for path in FIXTURES.glob("*.txt"))
VALID = [name for name in CLEAR if name != "v5_nl_bad_crc"]
ENCRYPTED = sorted(path.stem for path in FIXTURES.glob("*.bin"))


def wire(name: str) -> bytes:
    """Return the bytes of a captured telegram."""
    path = FIXTURES / f"{name}.txt"
    return (path if path.exists() else FIXTURES / f"{name}.bin").read_bytes()


def expected(name: str) -> dict[str, Any]:
    """Return the expected content of a captured telegram."""
    return json.loads((FIXTURES / f"{name}.json").read_text())  # type: ignore[no-any-return]


def crc_bitwise(data: bytes) -> int:
    """Return CRC-16/ARC by the definition, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def seal(body: bytes | str) -> bytes:
    """Return a telegram with the right last line; ``body`` ends with its ``!``."""
    data = body.encode() if isinstance(body, str) else body
    return data + b"%04X\r\n" % crc_bitwise(data)


def telegram(
    *lines: str, header: str = "/ISK5\\2M550T-1099", crc: bool = True
) -> bytes:
    """Return a telegram of these lines."""
    body = "\r\n".join([header, "", *lines, "!"])
    return seal(body) if crc else body.encode() + b"\r\n"


def replace_line(raw: bytes, head: str, line: str | None) -> bytes:
    """Return the telegram with another line in place of one, and the right CRC.

    Without a check sum it stays so. ``line`` None leaves the line out.
    """
    lines = raw.split(b"\r\n")
    at = next(i for i, old in enumerate(lines) if old.startswith(head.encode()))
    lines[at : at + 1] = [] if line is None else [line.encode()]
    return reseal(b"\r\n".join(lines))


def reseal(raw: bytes) -> bytes:
    """Return the telegram with the right CRC, if it has any."""
    end = raw.index(b"\n!") + 2
    if raw[end:].startswith(b"\r"):
        return raw
    return seal(raw[:end])


_VALUE = re.compile(
    rb"(1-\d:(?!0\.|99|98|94|96)[\d.]+(?:\*255)?\(-?|0-\d:24\.2\.[13]\(\d{12}[SW]\)\()"
    rb"([\d.]+)(?=[*)])"
)


def vary(raw: bytes, rnd: random.Random, share: float = 0.3) -> bytes:
    """Return the telegram with other digits in some of its values."""

    def digits(match: re.Match[bytes]) -> bytes:
        if rnd.random() > share:
            return match[0]
        fresh = bytes(rnd.choice(b"0123456789") if c != 0x2E else c for c in match[2])
        return match[1] + fresh

    return reseal(_VALUE.sub(digits, raw))


def stamped(second: int) -> bytes:
    """Return a telegram of so many seconds after NOW."""
    at = datetime(2026, 3, 1, 13, tzinfo=UTC) + timedelta(seconds=second)
    return replace_line(
        wire("v5_nl_3phase_gas"), "0-0:1.0.0", f"0-0:1.0.0({at:%y%m%d%H%M%S}W)"
    )


PLAIN = wire("v5l_luxembourg_clear")
KEY = bytes.fromhex(expected("msn_luxembourg_encrypted")["encryption_key"])
KEYS = Keys(KEY)
TITLE = b"SAGg0123"


def encrypted(
    counter: int = 1,
    plain: bytes = PLAIN,
    *,
    key: bytes = KEY,
    authentication: bytes = PUBLIC_AUTHENTICATION_KEY,
    title: bytes = TITLE,
    control: int = 0x30,
    length: str = "82",
) -> bytes:
    """Return a frame as a meter makes it."""
    count = counter.to_bytes(4)
    if control == 0x30:
        mode = GCM(title + count, min_tag_length=12)
        encryptor = Cipher(AES(key), mode).encryptor()
        encryptor.authenticate_additional_data(bytes([control]) + authentication)
        body = encryptor.update(plain) + encryptor.finalize() + encryptor.tag[:12]
    else:
        ctr = Cipher(AES(key), CTR(title + count + b"\0\0\0\2")).encryptor()
        body = ctr.update(plain) + ctr.finalize()
    rest = bytes([control]) + count + body
    size = {
        "82": b"\x82" + len(rest).to_bytes(2),
        "81": b"\x81" + bytes([len(rest) % 256]),
    }
    return b"\xdb\x08" + title + size.get(length, bytes([len(rest) % 256])) + rest


def rfxtrx(raw: bytes, size: int = 32, foreign: bytes = b"") -> bytes:
    """Return a telegram as an RFXtrx sends it."""
    packets = bytearray()
    for n, piece in enumerate(chunks(raw, size)):
        packets += bytes([len(piece) + 3, 0x62, 0x01, n % 256]) + piece + foreign
    return bytes(packets)


def framed(body: bytes) -> bytes:
    """Return an HDLC frame with its check sums."""
    size = len(body) + 10
    head = bytes([0xA0 | size >> 8, size & 0xFF, 0x41, 0x08, 0x83, 0x13])
    data = head + crc16_x25(head).to_bytes(2, "little") + body
    return b"\x7e" + data + crc16_x25(data).to_bytes(2, "little") + b"\x7e"


def hdlc(size: int) -> bytes:
    """Return an HDLC frame with something else than a list of values."""
    return framed(b"\xe6\xe7\x00\xc4" + bytes(i % 100 for i in range(size)))


def even_parity(text: bytes) -> bytes:
    """Return seven-bit text as a line with even parity carries it."""
    return bytes(byte | (byte.bit_count() % 2) << 7 for byte in text)


def chunks(data: bytes, *sizes: int) -> Iterable[bytes]:
    """Cut data into pieces of these sizes, over and over."""
    at = 0
    while at < len(data):
        for size in sizes:
            yield data[at : at + size]
            at += size


class FakeClock(Clock):
    """A clock that moves only when a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        """Start at a time of day, and at 1000 s."""
        self.time = 1000.0
        self.chance = 0.0
        self._start = now
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    @override
    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.time - 1000)

    @override
    def monotonic(self) -> float:
        return self.time

    @override
    def random(self) -> float:
        return self.chance

    @override
    async def sleep(self, seconds: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, waiter))
        await waiter

    @property
    def waits(self) -> list[float]:
        """How long the sleepers still sleep."""
        return sorted(
            at - self.time for at, waiter in self._sleepers if not waiter.done()
        )

    async def move(self, seconds: float) -> None:
        """Let time pass, waking every sleeper at its time."""
        end = self.time + seconds
        while True:
            await settle()
            self._sleepers = [s for s in self._sleepers if not s[1].done()]
            due = min((at for at, _ in self._sleepers), default=end + 1)
            if due > end:
                break
            self.time = due
            for at, waiter in self._sleepers:
                if at <= due and not waiter.done():
                    waiter.set_result(None)
        self.time = end
        await settle()


async def settle() -> None:
    """Let every task run until it waits for something from outside."""
    for _ in range(20):
        await asyncio.sleep(0)


class FakePort:
    """An opener of ports whose other end is the test."""

    def __init__(self) -> None:
        """Start with a port that opens."""
        self.opened: list[int] = []
        self.closed = 0
        self.speeds: list[int] = []
        self.parities: list[bool] = []
        self.error: BackendError | None = None
        self._on_data: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[BackendError], None] | None = None

    async def __call__(
        self,
        url: str,
        line: LineSettings,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[BackendError], None],
    ) -> FakePort:
        """Open the port."""
        self.opened.append(line.baudrate)
        if self.error is not None:
            raise self.error
        self._on_data, self._on_lost = on_data, on_lost
        return self

    async def set_line(self, line: LineSettings) -> None:
        """Note the settings."""
        self.speeds.append(line.baudrate)
        self.parities.append(line.even)

    async def close(self) -> None:
        """Close the port."""
        self.closed += 1
        self._on_data = None

    @property
    def is_open(self) -> bool:
        """Return whether a server listens."""
        return self._on_data is not None

    def send(self, data: bytes) -> None:
        """Let data arrive."""
        assert self._on_data is not None
        self._on_data(data)

    def lose(self, error: BackendError) -> None:
        """Let the connection break."""
        assert self._on_lost is not None
        self._on_lost(error)


def stream(**arguments: Any) -> P1Stream:
    """Return a stream whose clocks stand still."""
    arguments.setdefault("now", lambda: NOW)
    arguments.setdefault("monotonic", lambda: 0.0)
    return P1Stream(**arguments)
