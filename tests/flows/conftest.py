"""Fixtures of the command line's tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.settings import load_settings
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox

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


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test its own working directory, home and settings; nothing of the developer's reaches it."""
    for name in [name for name in os.environ if name.startswith(("KANIT_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def small_inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an inbox of a dozen applications, sound and faulty, with the registrations they need."""
    inbox = tmp_path_factory.mktemp("small") / "inbox"
    write_sample_inbox(inbox, 12)
    return inbox


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a Prefect server for this test session and yield the URL of its API."""
    home = tmp_path_factory.mktemp("prefect")
    command = [sys.executable, "-c", _SERVE, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        yield url
        process.communicate(timeout=60)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the KANIT_HOME that commands use by default in a test."""
    return tmp_path / ".kanit"


@pytest.fixture
def declared(tmp_path: Path, home: Path) -> dict[str, str]:
    """Enter one sound application into the registry and return what was declared in it."""
    write_sample_inbox(tmp_path / "inbox", 1, only=["statement"])
    run(tmp_path / "inbox", load_settings(home=home))
    content = json.loads((tmp_path / "inbox" / "TS-2026-000001" / "application.json").read_text("utf-8"))
    (person,) = content["people"]
    return {**person, "title": content["provider"]["title"], "tax_number": content["provider"]["tax_number"]}
