"""Queue on disk of telegrams for servers: one SQLite file per meter.

All methods block; run them in an executor, one at a time. Rows are small (a telegram
packs to about 0.5 kB) and written in batches, one transaction each. The write-ahead log
keeps committed batches if the process is killed; after a power cut the last batches may
be missing, but the file is intact.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import product
import json
import logging
import math
from pathlib import Path
import sqlite3
from typing import Any, Final
import zlib

_LOGGER: Final = logging.getLogger(__name__)

DISK_ERRORS: Final = (sqlite3.Error, OSError)
"""What all methods except ``open`` raise if the disk is full or broken."""

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

# Required columns; a file of another version, or a foreign one, may lack them.
_COLUMNS: Final = (
    "id, target, at, kind, body FROM waiting",
    "id, target, at, kind, body, reason FROM refused",
    "target, name, value FROM counted",
)

RAW: Final = "raw"
PARSED: Final = "parsed"
KINDS: Final = (RAW, PARSED)

MAX_ITEM: Final = 256 * 1024
"""Maximum size of one item in bytes; a telegram has a few thousand."""

MAX_REFUSED: Final = 50
"""Number of refused telegrams that are kept per server for troubleshooting."""


@dataclass(slots=True)
class Item:
    """Item to send: a telegram (``kind`` "raw") or a reading as JSON ("parsed").

    ``at`` is the meter's time (Unix time), ``row`` its row on disk, None while it is in
    memory only.
    """

    at: float
    kind: str
    body: str
    row: int | None = None


class DiskQueue:
    """File with one queue per target; ``target`` is its id."""

    def __init__(self, path: Path) -> None:
        """Store the path; nothing is opened yet."""
        self.path = path
        self.was_damaged = False
        """Whether a file was set aside because it could not be read."""
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open or create the file. A damaged file is set aside and replaced.

        If the file cannot be opened at all (disk full or read-only), the queue is in
        memory: telegrams are sent, but waiting ones are lost at a restart.
        """
        try:
            self._open(self.path)
        except sqlite3.DatabaseError as err:
            if _is_damage(err):
                _LOGGER.warning("The queue is damaged and begun anew: %s", err)
                self._renew()
                return
            _LOGGER.warning("Telegrams wait in memory only, %s: %s", self.path, err)
            self.close()
            self._open(":memory:")

    def recover(self, err: Exception) -> bool:
        """Replace a file that turned out to be damaged; return whether it was.

        ``err`` is what a method raised. What can be read is kept.
        """
        damaged = isinstance(err, sqlite3.DatabaseError) and _is_damage(err)
        return damaged and self._is_renewed()

    def _is_renewed(self) -> bool:
        """Replace the file if it is damaged, perhaps in the middle; return whether it was."""
        with suppress(sqlite3.DatabaseError):
            if self._db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
                return False
        _LOGGER.warning("The queue is damaged, what can be read is kept")
        self._renew()
        return True

    def _renew(self) -> None:
        """Put the file aside, and take what can be read into a new one."""
        self.close()
        aside = self.path.with_suffix(".damaged")
        self.path.replace(aside)
        self._side_files(self.path)
        self.was_damaged = True
        self._open(self.path)
        with closing(sqlite3.connect(aside)) as damaged, self._db as db:
            for columns, order in product(_COLUMNS, ("ASC", "DESC")):
                names, _, table = columns.partition(" FROM ")
                marks = ",".join("?" * len(names.split(",")))
                db.executemany(
                    f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - constants
                    _readable(damaged, f"SELECT {columns} ORDER BY rowid {order}"),
                )

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
        """Delete a closed file, if it exists."""
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
        """Append items to the queue, and set their ``row``."""
        rows = []
        with self._db as db, closing(db.cursor()) as cursor:
            for item in items:
                cursor.execute(
                    "INSERT INTO waiting (target, at, kind, body) VALUES (?, ?, ?, ?)",
                    (target, item.at, item.kind, _pack(item.body)),
                )
                rows.append(cursor.lastrowid)
        # Only after the commit.
        for item, row in zip(items, rows, strict=True):
            item.row = row

    def first(self, target: str, limit: int) -> list[Item]:
        """Return up to ``limit`` of the oldest items, which stay; damaged ones are skipped."""
        rows = self._db.execute(
            "SELECT at, kind, body, id FROM waiting WHERE target = ?"
            " ORDER BY id LIMIT ?",
            (target, limit),
        )
        return [item for row in rows if (item := _item(*row)) is not None]

    def drop_damaged(self, target: str, limit: int) -> int:
        """Remove the damaged ones among the ``limit`` oldest items; return their number.

        A damaged row would otherwise stay the first forever.
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
        """Delete sent items."""
        with self._db as db:
            db.executemany("DELETE FROM waiting WHERE id = ?", [(row,) for row in rows])
        db.execute("PRAGMA incremental_vacuum(64)").fetchall()

    def size(self, target: str) -> tuple[int, float | None]:
        """Return the number of waiting items, and the time of the oldest (Unix time)."""
        count, oldest = self._db.execute(
            "SELECT count(*), min(at) FROM waiting WHERE target = ?", (target,)
        ).fetchone()
        return count, oldest

    def trim(self, target: str, size: float, since: float) -> int:
        """Drop items older than ``since``, and the oldest beyond ``size`` (bytes).

        The size is estimated as the target's share of the file, which needs no reading.
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
        """Return the used bytes of the file."""
        pages, free, size = (
            int(self._db.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def keep_refused(self, target: str, item: Item, reason: str) -> None:
        """Keep a refused item; the last ``MAX_REFUSED`` stay."""
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
        """Return the refused items, oldest first, each with its reason."""
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
        """Return the counters last stored by ``count``."""
        rows = self._db.execute(
            "SELECT name, value FROM counted WHERE target = ?", (target,)
        )
        return {name: float(n) for name, n in rows if isinstance(n, int | float)}

    def count(self, target: str, counters: dict[str, float]) -> None:
        """Store counters, so that they survive a restart."""
        with self._db as db:
            db.executemany(
                "INSERT OR REPLACE INTO counted (target, name, value) VALUES (?, ?, ?)",
                [(target, name, value) for name, value in counters.items()],
            )

    def forget(self, kept: Iterable[str]) -> None:
        """Delete everything of the targets that are not in ``kept``."""
        names = list(kept)
        marks = ",".join("?" * len(names))
        with self._db as db:
            for table in ("waiting", "refused", "counted"):
                db.execute(
                    f"DELETE FROM {table} WHERE target NOT IN ({marks})",  # noqa: S608 - constants
                    names,
                )


def _readable(connection: sqlite3.Connection, query: str) -> Iterator[Any]:
    """Yield rows up to the first one that cannot be read."""
    with suppress(sqlite3.DatabaseError):
        yield from connection.execute(query)


def _pack(body: str) -> bytes:
    return zlib.compress(body.encode(), 6)


def _item(at: Any, kind: Any, body: Any, row: int | None = None) -> Item | None:  # noqa: ANN401 - SQLite keeps no types
    """Return the item of a row, None if it is damaged."""
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
    """Return whether the file is damaged, as opposed to the disk."""
    code = getattr(err, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
