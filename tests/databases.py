"""Database servers that the recorder supports beside SQLite, started for a test.

Each has a folder of its own that is deleted afterwards, and is reached from this machine
only. ``scripts/setup databases`` installs the programs.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import count
import os
from pathlib import Path
import pwd
import shutil
from signal import SIGKILL, SIGQUIT
from socket import socket
import subprocess
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import IO

import psycopg2
import pymysql

# Servers refuse to run as root.
_NOBODY = "nobody"
_PATIENCE = 60


class NoServerError(Exception):
    """The programs of a server are not installed."""


type Make = Callable[[], str]
"""Makes an empty database, and returns the address for the recorder."""


@contextmanager
def mariadb() -> Generator[Make]:
    """Run a MariaDB. Raises NoServerError."""
    server, install, _ = (
        _program(name, "/usr/sbin")
        for name in ("mariadbd", "mariadb-install-db", "my_print_defaults")
    )
    with _folder("mariadb") as folder:
        data, port = folder / "data", _free_port()
        # Not the settings of the machine's own server, if it has one.
        common = ["--no-defaults", f"--datadir={data}"]
        _run([install, *common, "--auth-root-authentication-method=normal"], folder)
        words = [server, *common, f"--socket={folder / 'socket'}", f"--port={port}"]
        words.append("--bind-address=127.0.0.1")
        numbers = count()

        def make() -> str:
            name = f"home_assistant_{next(numbers)}"
            with (
                pymysql.connect(host="127.0.0.1", port=port, user="root") as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            return f"mysql+pymysql://root@127.0.0.1:{port}/{name}?charset=utf8mb4"

        with _served(words, folder, b"ready for connections"):
            yield make


@contextmanager
def postgresql() -> Generator[Make]:
    """Run a PostgreSQL. Raises NoServerError."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    server, install = (
        _program(name, *map(str, reversed(places))) for name in ("postgres", "initdb")
    )
    with _folder("postgresql") as folder:
        data = folder / "data"
        _run(
            [install, "-D", str(data), "-U", "root", "-A", "trust", "-E", "UTF8", "-N"],
            folder,
        )
        words = [server, "-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
        numbers = count()

        def make() -> str:
            name = f"home_assistant_{next(numbers)}"
            connection = psycopg2.connect(
                host=str(folder), user="root", dbname="postgres"
            )
            # It refuses to make one inside of a transaction.
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
            connection.close()
            return f"postgresql://root@/{name}?host={folder}"

        with _served(words, folder, b"ready to accept connections"):
            yield make


SERVERS = {"mariadb": mariadb, "postgresql": postgresql}


def _program(name: str, *places: str) -> str:
    path = os.pathsep.join([*places, os.environ["PATH"]])
    if (found := shutil.which(name, path=path)) is None:
        msg = f"{name} is not installed: scripts/setup databases"
        raise NoServerError(msg)
    return found


@contextmanager
def _folder(name: str) -> Generator[Path]:
    """Make a folder that is the server's, and near the root: sockets have short names."""
    with TemporaryDirectory(prefix=f"junction-{name}-", dir="/tmp") as made:
        if user := _user():
            os.chown(made, pwd.getpwnam(user).pw_uid, -1)
        yield Path(made)


def _user() -> str | None:
    return _NOBODY if os.geteuid() == 0 else None


def _start(
    words: Sequence[str], folder: Path, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    user = _user()
    return subprocess.Popen(
        words,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        user=user,
        extra_groups=None if user is None else [],
    )


def _run(words: Sequence[str], folder: Path) -> None:
    with (folder / "log").open("ab") as log, _start(words, folder, log) as process:
        code = process.wait(_PATIENCE)
    if code:
        raise RuntimeError(_last_words(folder))


@contextmanager
def _served(words: Sequence[str], folder: Path, ready: bytes) -> Generator[None]:
    """Run a server, and yield once it is ready."""
    place = folder / "log"
    before = place.stat().st_size
    with place.open("ab") as log, _start(words, folder, log) as process:
        try:
            patience = monotonic() + _PATIENCE
            while ready not in place.read_bytes()[before:]:
                if process.poll() is not None or monotonic() > patience:
                    raise RuntimeError(_last_words(folder))
                sleep(0.05)
            yield
        finally:
            # At once: nobody needs what is not on the disk yet. PostgreSQL's processes
            # end together only by this signal.
            process.send_signal(SIGQUIT if "postgres" in words[0] else SIGKILL)
            process.wait(_PATIENCE)


def _free_port() -> int:
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _last_words(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")[-2000:]
