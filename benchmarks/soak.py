"""A night of very many applications, watched: throughput, memory and databases over time.

    python -m benchmarks.soak FOLDER [APPLICATIONS]       # 100,000 unless told otherwise

FOLDER keeps the inboxes for the next time, about 60 kB an application, and at the end `soak.csv` and `soak.svg`. The
registry and Prefect's database are in a PostgreSQL of the benchmark's own; registry, evidence and databases are made
anew and removed. People register in an earlier batch, which is not counted.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import LiteralString

import matplotlib.pyplot as plt
import psutil
import psycopg

from benchmarks.crowd import Crowd, crowd
from benchmarks.nights import KANIT, prefect_server
from tests.postgres import PostgresServer, postgres_server

APPLICATIONS = 100_000
EVERY_SECONDS = 10.0
REGISTRY, PREFECT = "kanit", "prefect"
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen at one moment.

    Seconds since the start, applications read and judged so far, memory of the batch with its readers and of Prefect's
    server in MiB, size of both databases in MiB.
    """

    seconds: float
    read: int
    judged: int
    batch_mib: float
    server_mib: float
    registry_mib: float
    prefect_mib: float


def resident_mib(process: psutil.Process) -> float:
    """Return the memory of a process and all its descendants that no other process shares, in MiB."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_full_info().uss
        except psutil.NoSuchProcess:
            continue
    return total / _MIB


class Watch:
    """Looks at a batch that runs; counts what was read and judged since it was made."""

    def __init__(self, postgres: PostgresServer, registry: str, prefect: str, server: psutil.Process) -> None:
        self._registry = psycopg.connect(postgres.url(registry), autocommit=True)
        self._names = (registry, prefect)
        self._server = server
        self._before = self._counts()
        self._since = time.monotonic()

    def sample(self, batch: psutil.Process) -> Sample:
        """Take one sample."""
        read, judged = (now - before for now, before in zip(self._counts(), self._before, strict=True))
        memory = resident_mib(batch), resident_mib(self._server)
        sizes = [self._number("SELECT pg_database_size(%s)", name) / _MIB for name in self._names]
        return Sample(time.monotonic() - self._since, read, judged, *memory, *sizes)

    def _counts(self) -> tuple[int, int]:
        return self._number("SELECT count(*) FROM versions"), self._number("SELECT count(*) FROM judgements")

    def _number(self, query: LiteralString, *values: str) -> int:
        row = self._registry.execute(query, values).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def machinery(home: Path) -> Iterator[tuple[PostgresServer, dict[str, str], psutil.Process]]:
    """Run PostgreSQL with both databases and Prefect's server on it; yield a batch's environment too."""
    with postgres_server() as postgres:
        for name in (REGISTRY, PREFECT):
            postgres.create(name)
        url = postgres.url(PREFECT).replace("postgresql:", "postgresql+asyncpg:")
        with prefect_server({"PREFECT_SERVER_DATABASE_CONNECTION_URL": url}) as (api, process):
            environment = {
                **os.environ,
                "KANIT_HOME": str(home),
                "KANIT_DATABASE_URL": postgres.url(REGISTRY),
                "KANIT_OCR": "false",
                "PREFECT_API_URL": api,
            }
            yield postgres, environment, psutil.Process(process)


def watched(
    inbox: Path, environment: Mapping[str, str], watch: Watch
) -> tuple[list[Sample], dict[str, object]]:
    """Run a batch to its end; return the samples, one every ten seconds, and what it told."""
    command = [str(KANIT), "batch", str(inbox), "--json"]
    samples = []
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as batch:
        process = psutil.Process(batch.pid)
        while batch.poll() is None:
            samples.append(watch.sample(process))
            print("  ".join(f"{value:9.1f}" for value in astuple(samples[-1])), flush=True)
            with suppress(subprocess.TimeoutExpired):
                batch.wait(EVERY_SECONDS)
        told, _ = batch.communicate()
    assert batch.returncode == 0
    return samples, json.loads(told)


def prepared(folder: Path, applications: int) -> Crowd:
    """Return the inboxes in the folder, written now unless they are there."""
    here = folder / f"crowd-{applications}"
    found = Crowd(here / "inbox", here / "earlier", applications)
    return found if here.exists() else crowd(here, applications)


def write_csv(path: Path, samples: Sequence[Sample]) -> None:
    """Write the samples, a column a field."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(field.name for field in fields(Sample))
        rows.writerows(tuple(round(value, 1) for value in astuple(sample)) for sample in samples)


def draw(path: Path, samples: Sequence[Sample]) -> None:
    """Draw throughput, memory and databases over time, below each other."""
    figure, (rate, memory, sizes) = plt.subplots(3, 1, figsize=(8, 9), sharex=True, layout="constrained")
    minutes = [sample.seconds / 60 for sample in samples]
    rates = [
        (after.read - before.read) / (after.seconds - before.seconds) for before, after in pairwise(samples)
    ]
    rate.plot(minutes[1:], rates, label="read")
    rates = [
        (after.judged - before.judged) / (after.seconds - before.seconds)
        for before, after in pairwise(samples)
    ]
    rate.plot(minutes[1:], rates, label="judged")
    rate.set_ylabel("applications a second")
    memory.plot(minutes, [sample.batch_mib for sample in samples], label="batch with its readers")
    memory.plot(minutes, [sample.server_mib for sample in samples], label="Prefect's server")
    memory.set_ylabel("memory of its own, MiB")
    sizes.plot(minutes, [sample.registry_mib for sample in samples], label="registry")
    sizes.plot(minutes, [sample.prefect_mib for sample in samples], label="Prefect's database")
    sizes.set_ylabel("PostgreSQL, MiB")
    sizes.set_xlabel("minutes")
    for axes in (rate, memory, sizes):
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Run the soak and print what it told."""
    folder = Path(sys.argv[1])
    applications = int(sys.argv[2]) if len(sys.argv) > 2 else APPLICATIONS
    inboxes = prepared(folder, applications)
    print("  ".join(f"{field.name:>9}" for field in fields(Sample)))
    with (
        tempfile.TemporaryDirectory(dir=folder) as home,
        machinery(Path(home)) as (postgres, environment, server),
    ):
        subprocess.run([KANIT, "batch", inboxes.earlier], env=environment, check=True, capture_output=True)
        samples, told = watched(inboxes.path, environment, Watch(postgres, REGISTRY, PREFECT, server))
    write_csv(folder / "soak.csv", samples)
    draw(folder / "soak.svg", samples)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
