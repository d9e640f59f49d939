"""Queue on disk of telegrams that wait for servers: one SQLite file for each meter.

All methods block; run them in an executor, one at a time. Rows are small (a telegram
packs to about 0.5 kB) and written in batches, each batch in one transaction. The
write-ahead log makes a committed batch outlive a killed process; after a power cut the
last batches may be missing, but the file is whole.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
import json
import logging
import math
from pathlib import Path
import sqlite3
from typing import Any, Final
import zlib

_LOGGER: Final = logging.getLogger(__name__)

DISK_ERRORS: Final = (sqlite3.Error, OSError)
"""What all methods but ``open`` raise when the disk is full or broken."""

_SCHEMA: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA auto_vacuum = INCREMENTAL;
CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting_by_target ON waiting (target, id);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counted (
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (target, name)
);
"""

# What there must be in a file that was made by another version, or by nobody.
_COLUMNS: Final = (
    "id, target, at, kind, body FROM waiting",
    "id, target, at, kind, body, reason FROM refused",
    "target, name, value FROM counted",
)

RAW: Final = "raw"
PARSED: Final = "parsed"
KINDS: Final = (RAW, PARSED)

MAX_ITEM: Final = 256 * 1024
"""Bytes of one item; a telegram has a few thousand."""

MAX_REFUSED: Final = 50
"""Refused telegrams that are kept per server, for whoever wants to know why."""


@dataclass(slots=True)
class Item:
    """Something to send: a telegram (``kind`` "raw") or a reading as JSON ("parsed").

    ``at`` is when the meter said it (Unix time), ``row`` where it is on disk, None while
    it is in memory only.
    """

    at: float
    kind: str
    body: str
    row: int | None = None


class DiskQueue:
    """A file of queues, one for each target; targets are told apart by their id."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self.path = path
        self.was_damaged = False
        """Whether a file was put aside because it could not be read."""
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the file, or make it. One that is damaged is put aside, and made anew.

        Where it cannot be opened at all (a disk that is full, or may only be read), the
        queue is in memory: telegrams are sent, and those that wait are lost with a restart.
        """
        try:
            self._open(self.path)
        except sqlite3.DatabaseError as err:
            if _is_damage(err):
                _LOGGER.warning("The queue is damaged and begun anew: %s", err)
                self._put_aside()
                self._open(self.path)
                return
            _LOGGER.warning("Telegrams wait in memory only, %s: %s", self.path, err)
            self.close()
            self._open(":memory:")

    def _put_aside(self) -> None:
        self.close()
        self.path.replace(self.path.with_suffix(".damaged"))
        self._side_files(self.path)
        self.was_damaged = True

    def _open(self, database: Path | str) -> None:
        self._connection = connection = sqlite3.connect(
            database, check_same_thread=False, timeout=10
        )
        connection.executescript(_SCHEMA)
        for columns in _COLUMNS:
            connection.execute(f"SELECT {columns} LIMIT 1").fetchone()

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @classmethod
    def delete(cls, path: Path) -> None:
        """Delete a file that is closed, if there is one."""
        path.unlink(missing_ok=True)
        path.with_suffix(".damaged").unlink(missing_ok=True)
        cls._side_files(path)

    @staticmethod
    def _side_files(path: Path) -> None:
        for end in ("-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)

    @property
    def _db(self) -> sqlite3.Connection:
        assert self._connection is not None, "not open"
        return self._connection

    def add(self, target: str, items: Sequence[Item]) -> None:
        """Write items behind those that are there, and give them their rows."""
        rows = []
        with self._db as db, closing(db.cursor()) as cursor:
            for item in items:
                cursor.execute(
                    "INSERT INTO waiting (target, at, kind, body) VALUES (?, ?, ?, ?)",
                    (target, item.at, item.kind, _pack(item.body)),
                )
                rows.append(cursor.lastrowid)
        # Not before all of it is there.
        for item, row in zip(items, rows, strict=True):
            item.row = row

    def first(self, target: str, limit: int) -> list[Item]:
        """Return the oldest items, which stay. Damaged ones are left out."""
        rows = self._db.execute(
            "SELECT at, kind, body, id FROM waiting WHERE target = ?"
            " ORDER BY id LIMIT ?",
            (target, limit),
        )
        return [item for row in rows if (item := _item(*row)) is not None]

    def drop_damaged(self, target: str, limit: int) -> int:
        """Put aside what cannot be read of the oldest items; return how many those were.

        One damaged row would otherwise be the first for ever.
        """
        rows = self._db.execute(
            "SELECT at, kind, body, id FROM waiting WHERE target = ?"
            " ORDER BY id LIMIT ?",
            (target, limit),
        ).fetchall()
        damaged = [row for row in rows if _item(*row) is None]
        with self._db as db:
            for _, _, body, row in damaged:
                db.execute(
                    "INSERT INTO refused (target, at, kind, body, reason)"
                    " VALUES (?, 0, 'damaged', ?, 'damaged')",
                    (target, body if isinstance(body, bytes) else b""),
                )
                db.execute("DELETE FROM waiting WHERE id = ?", (row,))
        return len(damaged)

    def remove(self, rows: Iterable[int]) -> None:
        """Forget items that were sent."""
        with self._db as db:
            db.executemany("DELETE FROM waiting WHERE id = ?", [(row,) for row in rows])
        db.execute("PRAGMA incremental_vacuum(64)").fetchall()

    def size(self, target: str) -> tuple[int, float | None]:
        """Return how many items wait, and when the meter said the oldest."""
        count, oldest = self._db.execute(
            "SELECT count(*), min(at) FROM waiting WHERE target = ?", (target,)
        ).fetchone()
        return count, oldest

    def trim(self, target: str, size: float, since: float) -> int:
        """Drop what is older than ``since``, and the oldest beyond ``size`` (bytes).

        The size is the target's share of the file, for which nothing has to be read.
        """
        with self._db as db:
            old = db.execute(
                "DELETE FROM waiting WHERE target = ? AND at < ?", (target, since)
            ).rowcount
            own, everything = db.execute(
                "SELECT count(*) FILTER (WHERE target = ?), count(*) FROM waiting",
                (target,),
            ).fetchone()
            share = self._used() * own / max(everything, 1)
            if share <= size:
                return old
            many = db.execute(
                "DELETE FROM waiting WHERE target = ? AND id IN ("
                " SELECT id FROM waiting WHERE target = ? ORDER BY id LIMIT ?)",
                (target, target, math.ceil(own * (1 - size / share))),
            ).rowcount
        return old + many

    def _used(self) -> int:
        """Return the bytes of the file that hold something."""
        pages, free, size = (
            int(self._db.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def set_aside(self, target: str, item: Item, reason: str) -> None:
        """Keep an item that was refused for good; the last ``MAX_REFUSED`` stay."""
        with self._db as db:
            db.execute(
                "INSERT INTO refused (target, at, kind, body, reason)"
                " VALUES (?, ?, ?, ?, ?)",
                (target, item.at, item.kind, _pack(item.body), reason),
            )
            db.execute(
                "DELETE FROM refused WHERE target = ? AND id <= ("
                " SELECT id FROM refused WHERE target = ?"
                " ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (target, target, MAX_REFUSED),
            )

    def refused(self, target: str) -> list[tuple[Item, str]]:
        """Return what was refused, oldest first, each with the reason."""
        rows = self._db.execute(
            "SELECT at, kind, body, reason FROM refused WHERE target = ? ORDER BY id",
            (target,),
        )
        return [
            (item, reason)
            for at, kind, body, reason in rows
            if (item := _item(at, kind, body)) is not None
        ]

    def counters(self, target: str) -> dict[str, float]:
        """Return what ``count`` was told last."""
        rows = self._db.execute(
            "SELECT name, value FROM counted WHERE target = ?", (target,)
        )
        return {name: float(n) for name, n in rows if isinstance(n, int | float)}

    def count(self, target: str, counters: dict[str, float]) -> None:
        """Keep counters over a restart."""
        with self._db as db:
            db.executemany(
                "INSERT OR REPLACE INTO counted (target, name, value) VALUES (?, ?, ?)",
                [(target, name, value) for name, value in counters.items()],
            )

    def forget(self, kept: Iterable[str]) -> None:
        """Delete everything of targets that are not among those kept."""
        names = list(kept)
        marks = ",".join("?" * len(names))
        with self._db as db:
            for table in ("waiting", "refused", "counted"):
                db.execute(
                    f"DELETE FROM {table} WHERE target NOT IN ({marks})",  # noqa: S608 - constants
                    names,
                )


def _pack(body: str) -> bytes:
    return zlib.compress(body.encode(), 6)


def _item(at: Any, kind: Any, body: Any, row: int | None = None) -> Item | None:  # noqa: ANN401 - SQLite keeps no types
    """Return what a row says, None if it is damaged."""
    if not isinstance(at, int | float) or kind not in KINDS:
        return None
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(body, MAX_ITEM).decode()
        if not unpacker.eof or (kind == PARSED and not json.loads(text)["reading"]):
            return None
    except zlib.error, ValueError, TypeError, LookupError, RecursionError:
        return None
    return Item(at, kind, text, row)


def _is_damage(err: sqlite3.DatabaseError) -> bool:
    """Return whether it is the file that is wrong, and not the disk below it."""
    code = getattr(err, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
