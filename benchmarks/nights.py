"""Whole nights of kanit for the benchmarks: `kanit batch` as a user runs it, beside a Prefect server that is up.

OCR is off, since the other contestants read no text of pictures either.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drawn import Inbox

KANIT = Path(sys.executable).with_name("kanit")

_SERVE = """
import sys
from pathlib import Path
from flows.prefect_settings import prepare_prefect
prepare_prefect(Path(sys.argv[1]))
from flows.embedded import embedded_server
from prefect.server.api.server import SubprocessASGIServer
with embedded_server():
    print(SubprocessASGIServer().api_url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Night:
    """What one night did. `seconds` from discovery to the last judgement, `command` from start to end of `kanit`."""

    applications: int
    verified: int
    flagged: int
    seconds: float
    command: float

    @property
    def rate(self) -> float:
        """Applications a second."""
        return self.applications / self.seconds


@contextmanager
def prefect_server(environment: Mapping[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """Run a Prefect server of its own, with these variables too; yield the URL of its API and the process above it."""
    with tempfile.TemporaryDirectory(prefix="kanit-prefect-") as home:
        command = [sys.executable, "-c", _SERVE, home]
        variables = {**os.environ, **(environment or {})}
        with subprocess.Popen(
            command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().strip(), process.pid
            finally:
                process.communicate()


def night(inbox: Inbox, server: str, cores: int) -> Night:
    """Run the earlier night, then the night itself, into a new registry, on so many cores; return the second."""
    with tempfile.TemporaryDirectory(prefix="kanit-night-") as home:
        environment = {"KANIT_HOME": home, "PREFECT_API_URL": server, "KANIT_OCR": "false"}
        _batch(inbox.earlier, environment, cores)
        return _batch(inbox.path, environment, cores)


def _batch(inbox: Path, environment: Mapping[str, str], cores: int) -> Night:
    mine = sorted(os.sched_getaffinity(0))[:cores]
    started = time.perf_counter()
    done = subprocess.run(
        ["taskset", "-c", ",".join(map(str, mine)), KANIT, "batch", inbox, "--json", "--workers", str(cores)],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    command = time.perf_counter() - started
    told = json.loads(done.stdout)
    assert told["failed"] == 0, told
    return Night(told["applications"], told["verified"], told["flagged"], told["seconds"], command)
