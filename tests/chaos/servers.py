"""Prefect's server and PostgreSQL as a round needs them: killed at any moment, and started again on what they kept."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from tenacity import Retrying, stop_after_delay, wait_fixed

from flows.prefect_settings import server_environment
from storage.settings import load_settings
from tests.chaos.processes import eventually, kill, kill_machine
from tests.chaos.world import stop
from tests.flows.deployment.test_prefect_settings import free_port
from tests.postgres import PostgresCluster, postgres_cluster

_STARTS_WITHIN = 180.0
DURABLE = ("shared_buffers=32MB", "listen_addresses=")
"""Options of a PostgreSQL that keeps what it has committed, as it does by default."""


class PrefectServer:
    """A server of Prefect's at one port, with one database in its home."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        home.mkdir(parents=True)

    @property
    def api_url(self) -> str:
        """URL of its API."""
        return f"http://127.0.0.1:{self._port}/api"

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self._process is None:
            command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(self._port)]
            environment = server_environment(load_settings(home=self._home))
            with (self._home / "server.log").open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    cwd=self._home,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        assert eventually(self._answers, _STARTS_WITHIN, 0.2), "Prefect's server did not start"

    def kill(self) -> None:
        """Kill it with SIGKILL, as the kernel does when memory is short."""
        if self._process is not None:
            kill_machine(self._process.pid)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            stop(self._process)
            self._process = None

    def ask(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Ask its API and return the answer; a busy server (503) is asked again, as Prefect's own clients do."""
        for attempt in Retrying(stop=stop_after_delay(60), wait=wait_fixed(1), reraise=True):
            with attempt:
                answer = httpx.request(
                    method, f"{self.api_url}/{path}", json=body or {}, timeout=60, trust_env=False
                )
                if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    answer.raise_for_status()
        return answer.raise_for_status().json()

    def running(self, *, deployed: bool = False) -> list[tuple[str, str]]:
        """Return id and name of the flow runs that it believes to be running, all or those of deployments."""
        body = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "CANCELLING"]}}}}
        return [
            (run["id"], run["name"])
            for run in self.ask("flow_runs/filter", body)
            if run["deployment_id"] or not deployed
        ]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.api_url}/health", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def prefect_server(home: Path) -> Iterator[PrefectServer]:
    """Run a server of Prefect's that can be killed."""
    server = PrefectServer(home)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Postgres:
    """A durable PostgreSQL and ways to hurt it."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self.cluster = cluster
        self.socket = cluster.server.socket

    def backends(self, database: str) -> list[int]:
        """Return the process ids of the connections to a database."""
        query = "select pid from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
        with psycopg.connect(self.cluster.server.url("postgres"), autocommit=True) as connection:
            return [pid for (pid,) in connection.execute(query, (database,))]

    def terminate(self, database: str) -> int:
        """End the connections to a database in good order, and return how many there were."""
        ended = self.backends(database)
        with psycopg.connect(self.cluster.server.url("postgres"), autocommit=True) as connection:
            for pid in ended:
                connection.execute("select pg_terminate_backend(%s)", (pid,))
        return len(ended)

    def kill_backend(self, database: str) -> int:
        """Kill one connection's process: PostgreSQL then starts all of them anew. Return how many were killed."""
        found = self.backends(database)[:1]
        return kill([psutil.Process(pid) for pid in found if psutil.pid_exists(pid)])

    def kill(self) -> None:
        """Kill the server's first process and all others with SIGKILL."""
        self.cluster.stop(signal.SIGKILL)
        assert eventually(lambda: not self._processes(), 60), "PostgreSQL's processes stay"

    def crash(self) -> None:
        """Stop the server at once, without a checkpoint (`immediate`)."""
        self.cluster.stop(signal.SIGQUIT)

    def start(self) -> None:
        """Start the server on what it kept."""
        self.cluster.start()

    def _processes(self) -> list[int]:
        here = os.fspath(self.socket / "data")
        return [
            each.pid
            for each in psutil.process_iter()
            if each.name() == "postgres" and each.status() != psutil.STATUS_ZOMBIE and _works_in(each, here)
        ]


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:
        return process.cwd() == folder
    except psutil.Error:
        return False


@contextmanager
def durable_postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL that keeps what it has committed; skip the test where it is not installed."""
    with postgres_cluster(DURABLE) as cluster:
        yield Postgres(cluster)
