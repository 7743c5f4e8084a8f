"""A real PostgreSQL for tests: made in a temporary folder, reached over a Unix socket only, gone afterwards.

PostgreSQL refuses to run as root; then it runs as the user `postgres` that its Debian package makes.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"
_STARTS_WITHIN = 60  # seconds
# Nothing of this server need survive a power failure, and a few connections are enough.
_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "listen_addresses=",
)


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `socket` is the folder of its Unix socket."""

    socket: Path

    def url(self, database: str) -> str:
        """URL of a database, in the form that users write."""
        return f"postgresql://{_USER}@/{database}?host={self.socket}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database, yield its URL, and drop it."""
        name = f"test_{uuid.uuid4().hex}"
        self.create(name)
        try:
            yield self.url(name)
        finally:
            self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def create(self, name: str) -> None:
        """Make an empty database that lasts as long as the server."""
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def recover(self) -> None:
        """Wait until it answers again after a crash that a test has caused."""
        self._connected().close()

    def _execute(self, statement: sql.Composed) -> None:
        with self._connected() as connection:
            connection.execute(statement)

    def _connected(self) -> psycopg.Connection[Any]:
        """Connect; wait while the server recovers."""
        deadline = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                return psycopg.connect(self.url("postgres"), autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def programs() -> Path | None:
    """Return the folder of PostgreSQL's newest programs, or None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = [path.parent for path in _DEBIAN.glob("*/bin/initdb")]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


class PostgresCluster:
    """A server that can be stopped and started again, with what it holds. It is there while the block runs."""

    def __init__(self, binaries: Path, home: Path, options: Sequence[str] = _FAST) -> None:
        self.server = PostgresServer(home)
        self._binaries = binaries
        self._home = home
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        # The kernel ends the server with the thread that started it, so all starts are one thread's.
        self._starter = ThreadPoolExecutor(1, "postgres")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._starter.submit(self._start).result()

    def _start(self) -> None:
        options = [part for option in self._options for part in ("-c", option)]
        program = [str(self._binaries / "postgres"), "-D", str(self._home / "data"), "-k", str(self._home)]
        log = self._home / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                _unprivileged([*program, *options]), stdout=output, stderr=output, cwd=self._home
            )
        _await(self.server, self._process, log)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: its connections are ended; with SIGQUIT at once, as in a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None

    def close(self) -> None:
        """Stop the server for good."""
        self.stop()
        self._starter.shutdown()


@contextmanager
def postgres_cluster(options: Sequence[str] = _FAST) -> Iterator[PostgresCluster]:
    """Run a server that can be stopped and started; skip the test where PostgreSQL is not installed.

    By default it is fast, and keeps nothing through a power failure.
    """
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL's programs (initdb, postgres) are not installed")
    # A socket's path has at most 107 characters, which a long temporary folder would exceed.
    home = Path(tempfile.mkdtemp(prefix="kanit-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, _USER, _USER)
        initdb = (binaries / "initdb", "-D", home / "data", "-U", _USER, "--auth=trust", "--no-sync")
        _run(*initdb, "-E", "UTF8", "--locale=C")
        cluster = PostgresCluster(binaries, home, options)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server; skip the test where PostgreSQL is not installed."""
    with postgres_cluster() as cluster:
        yield cluster.server


def _await(server: PostgresServer, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def _run(program: Path, *arguments: str | Path) -> None:
    command = _unprivileged([str(program), *map(str, arguments)])
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=program.anchor)
    if done.returncode:
        raise RuntimeError(f"{program.name} failed:\n{done.stdout}{done.stderr}")


def _unprivileged(command: list[str]) -> list[str]:
    """Run as an ordinary user, and end with the tests however they end."""
    as_user = ["--reuid", _USER, "--regid", _USER, "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *as_user, "--pdeathsig", "INT", *command]
