"""Fixtures of the command line's tests."""

import os
from pathlib import Path

import pytest

from tests.papers.inbox import write_sample_inbox


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


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the KANIT_HOME that commands use by default in a test."""
    return tmp_path / ".kanit"
