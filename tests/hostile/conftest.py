"""What the hostile tests share: a world of their own."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test its own working directory and settings; nothing of the developer's reaches it."""
    for name in [name for name in os.environ if name.startswith(("KANIT_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
