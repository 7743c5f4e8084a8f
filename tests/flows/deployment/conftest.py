"""One `kanit serve` for the tests of the deployment, and ways to ask its server."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.deployment.test_prefect_settings import free_port
from tests.flows.helpers import KANIT, TIMEOUT


@dataclass(frozen=True)
class Served:
    """A `kanit serve` that runs."""

    process: "subprocess.Popen[bytes]"
    home: Path
    port: int
    log: Path
    auth: tuple[str, str] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        auth = {"KANIT_PREFECT_AUTH": ":".join(self.auth)} if self.auth else {}
        return {"PREFECT_API_URL": f"{self.base}/api", "KANIT_HOME": str(self.home), **auth}

    def ask(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Ask the server's API and return its answer."""
        answer = httpx.request(method, f"{self.base}/api/{path}", json=body, timeout=60, auth=self.auth)
        return answer.raise_for_status().json() if answer.content else None

    def python(self, script: str, *arguments: object) -> str:
        """Run a script of Python with this server as Prefect's and return what it printed."""
        command = [sys.executable, "-c", script, *map(str, arguments)]
        environment = {**os.environ, **self.environment, "PREFECT_HOME": str(self.home / "client")}
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT, check=True
        )
        return done.stdout

    def automation(self, name: str) -> Any:
        """Return the one automation of a name."""
        (found,) = [each for each in self.ask("automations/filter", {}) if each["name"] == f"kanit: {name}"]
        return found


def until(condition: Callable[[], Any], log: Path) -> Any:
    """Return the first true answer. Reaching the time limit is a failure."""
    deadline = time.monotonic() + TIMEOUT
    while not (answer := condition()):
        assert time.monotonic() < deadline, log.read_text("utf-8", "replace")
        time.sleep(0.5)
    return answer


@contextmanager
def serving(folder: Path, environment: Mapping[str, str], *options: str) -> Iterator[Served]:
    """Run `kanit serve` until the end of the block; then it must end by itself, and well."""
    port = free_port()
    auth = environment.get("KANIT_PREFECT_AUTH", "").partition(":")
    log = folder / "serve.log"
    command = [str(KANIT), "serve", "--port", str(port), "--drain", "0", "--lang", "en", *options]
    settings = {"KANIT_HOME": str(folder / "home"), **environment}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **settings}, stdout=output, stderr=output
        )
    served = Served(process, folder / "home", port, log, (auth[0], auth[2]) if auth[1] else None)
    try:
        until(lambda: "Ctrl-C ends" in log.read_text("utf-8") or process.poll() is not None, log)
        assert process.poll() is None, log.read_text("utf-8")
        yield served
        process.terminate()
        assert process.wait(TIMEOUT) == 0, log.read_text("utf-8")
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run `kanit serve` for this test session."""
    with serving(tmp_path_factory.mktemp("served"), {}) as server:
        yield server
