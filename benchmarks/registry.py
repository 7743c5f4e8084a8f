"""What the registry's database can take: workers that claim and store at full speed and read nothing.

    python -m benchmarks.registry [--applications N] [--workers N …]      # 10,000, with 1, 2, 4 and 10 workers

Stands for many machines on one: a machine's work but for claiming, packing and storing is its own. Each worker is a
process; one application is read once, and its reading stored for every claim. Told are applications a second, and what
PostgreSQL itself used of a core for each, since here the workers take the rest.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from benchmarks.crowd import crowd
from extractors.sandbox import Sandbox
from flows.verification import Reading as ApplicationRead
from flows.verification import read_application
from storage.database import Database, open_database
from storage.folders import LocalInbox
from storage.inbox import discover
from storage.queue import Reading, backlog, claim, store_readings
from storage.settings import Settings, load_settings
from tests.postgres import PostgresServer, postgres_server
from validators.policy_series import find_policies

CHUNK = 100


def work(url: str, home: str, sample: str) -> None:
    """Claim and store until nothing is free; what one worker process does."""
    read = _sample(Path(sample))
    inbox = LocalInbox(Path(sample).parent)
    with closing(open_database(_settings(url, Path(home)))) as database:
        print("ready", flush=True)
        sys.stdin.readline()
        owner = str(os.getpid())
        while claims := claim(database, inbox.name, owner, CHUNK):
            store_readings(
                database,
                owner,
                [Reading(each, read.application, read.problems, read.uploads) for each in claims],
            )


def _sample(folder: Path) -> ApplicationRead:
    with Sandbox(1) as sandbox:
        return read_application(folder, sandbox, find_policies("kilavuz", None), named_by_id=True, ocr=False)


def _settings(url: str, home: Path) -> Settings:
    return load_settings(database_url=url, home=home)


def measure(postgres: PostgresServer, inbox: Path, workers: int) -> tuple[float, float]:
    """Return the seconds in which so many workers did a new queue, and the processor seconds PostgreSQL used."""
    with tempfile.TemporaryDirectory() as home, postgres.database() as url:
        with closing(open_database(_settings(url, Path(home)))) as database:
            discover(database, LocalInbox(inbox))
            with _workers(url, home, min(inbox.iterdir()), workers) as processes:
                used, started = _postgres_seconds(), time.perf_counter()
                for process in processes:
                    process.communicate("go\n")
                seconds, used = time.perf_counter() - started, _postgres_seconds() - used
            _all_done(database, LocalInbox(inbox))
        return seconds, used


@contextmanager
def _workers(url: str, home: str, sample: Path, count: int) -> Iterator[list["subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "benchmarks.registry", "--work", url, home, str(sample)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _all_done(database: Database, inbox: LocalInbox) -> None:
    left = backlog(database, inbox.name)
    assert left.free + left.claimed == 0, left


def _postgres_seconds() -> float:
    """Return the processor seconds of PostgreSQL's processes, also of those that have ended."""
    total = 0.0
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def main() -> None:
    """Print a line for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=10_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 10])
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        work(*asked.work)
        return
    with tempfile.TemporaryDirectory(prefix="kanit-registry-") as folder, postgres_server() as postgres:
        inbox = crowd(Path(folder), asked.applications).path
        for workers in asked.workers:
            seconds, used = measure(postgres, inbox, workers)
            rate, core = asked.applications / seconds, 1000 * used / asked.applications
            print(
                f"{workers:3} workers: {rate:6.0f} a second; PostgreSQL {core:.2f} ms of a core each",
                flush=True,
            )


if __name__ == "__main__":
    main()
