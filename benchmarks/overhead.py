"""What Prefect costs a night: the same work with and without it, by turns, in one run.

    python -m benchmarks.overhead [--applications N] [--rounds N]      # 2,000 and 2 unless told otherwise

Without: the batch's plain functions, two chunks at a time. With: the flow `nightly` beside a server that is up, from
its call to its return, artifacts included. Each round begins with a new registry, in which the people registered in an
earlier batch. Besides: how much Prefect's database (SQLite) and the memory of its server grow.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.drawn import Inbox, inbox
from benchmarks.nights import prefect_server

_PLAIN = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from flows import batch as steps, judging, reading
from flows.progress import current
from storage.settings import load_settings
from validators.policy_series import find_policies

def night(address):
    settings = load_settings()
    policies = find_policies(settings.policy, settings.policies)
    with steps.open_batch(address, settings, policies, current()) as batch:
        steps.discover_applications(batch)
        with ThreadPoolExecutor(2) as threads:
            while wave := reading.plan_reading(batch):
                list(threads.map(lambda _: reading.read_chunk(batch, wave.size), range(wave.chunks)))
        for chunk in judging.chunks_to_judge(batch):
            judging.judge_chunk(batch, chunk)
        return steps.finish(batch)
"""
_FLOW = """
import sys, time
from pathlib import Path
from flows.prefect_settings import prepare_prefect
prepare_prefect(Path())
from flows.nightly import nightly as night
"""
_TIMED = """
started = time.perf_counter()
summary = night(sys.argv[1])
print(time.perf_counter() - started, summary.counts.applications)
"""
_MIB, _KIB = 1 << 20, 1 << 10


@dataclass(slots=True)
class Figures:
    """Seconds of each round without and with Prefect, and what its server held after each round."""

    plain: list[float] = field(default_factory=list)
    flow: list[float] = field(default_factory=list)
    database_bytes: list[int] = field(default_factory=list)
    server_bytes: list[int] = field(default_factory=list)


def night(program: str, inboxes: Inbox, environment: Mapping[str, str]) -> float:
    """Run the earlier batch and then the night, each in a process of its own; return the second's seconds."""
    with tempfile.TemporaryDirectory(prefix="kanit-overhead-") as home:
        variables = {**os.environ, **environment, "KANIT_HOME": home, "KANIT_OCR": "false"}
        _run(program, inboxes.earlier, variables)
        seconds, applications = _run(program, inboxes.path, variables).split()
        assert int(applications) == inboxes.applications
        return float(seconds)


def _run(program: str, path: Path, environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-c", program + _TIMED, str(path)]
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return done.stdout.decode().splitlines()[-1]


@contextmanager
def server(home: Path) -> Iterator[tuple[str, psutil.Process, Path]]:
    """Run Prefect's server; yield its address, its process, and its database."""
    database = home / "prefect.db"
    url = f"sqlite+aiosqlite:///{database}"
    with prefect_server({"PREFECT_SERVER_DATABASE_CONNECTION_URL": url}) as (address, process):
        yield address, psutil.Process(process), database


def compare(inboxes: Inbox, rounds: int, home: Path) -> Figures:
    """Run the rounds, each without and then with Prefect."""
    figures = Figures()
    with server(home) as (address, process, database):
        for _ in range(rounds):
            figures.plain.append(night(_PLAIN, inboxes, {}))
            figures.flow.append(night(_FLOW, inboxes, {"PREFECT_API_URL": address}))
            figures.database_bytes.append(sum(path.stat().st_size for path in home.glob(f"{database.name}*")))
            figures.server_bytes.append(
                sum(each.memory_info().rss for each in [process, *process.children(recursive=True)])
            )
            print(f"without {figures.plain[-1]:.1f} s, with {figures.flow[-1]:.1f} s", flush=True)
    return figures


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kanit-overhead-") as folder:
        inboxes = inbox(Path(folder), asked.applications)
        figures = compare(inboxes, asked.rounds, Path(folder))
    plain, flow = min(figures.plain), min(figures.flow)
    print(
        f"{inboxes.applications} applications: {plain:.1f} s without Prefect, {flow:.1f} s with it:"
        f" {100 * (flow - plain) / flow:.1f} % of the wall time"
    )
    print(
        "Prefect's database MiB after each round:", *(f"{size / _MIB:.2f}" for size in figures.database_bytes)
    )
    if asked.rounds > 1:
        grown = (figures.database_bytes[-1] - figures.database_bytes[0]) / (asked.rounds - 1)
        print(f"growth: {grown / _KIB / inboxes.applications:.2f} KiB an application")
    print("server MiB after each round:", *(f"{size / _MIB:.0f}" for size in figures.server_bytes))


if __name__ == "__main__":
    main()
