"""One round's installation: a home, a registry and an evidence store of its own, and batches that are disturbed."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from storage.settings import Settings, load_settings
from tests.chaos.processes import MARK, eventually, kill_machine
from tests.flows.helpers import KANIT

LONGEST = 300.0
"""Seconds that one batch may take on a busy machine, its patience included; reaching it counts as hanging."""
WITH_PREFECT = (str(KANIT), "batch", "--json")
"""The program of a batch."""
PLAIN = (sys.executable, "-m", "tests.chaos.plain")
"""That of a batch without Prefect."""
STARTING = 4.0
"""Seconds from the start of a batch within which its first moments are."""
_PARTS = {"reading": 0.7, "judging": 0.2}
"""Share of an undisturbed batch within which the moments of a phase are."""


@dataclass
class World:
    """An installation. `database_url` is what batches are told, `direct_url` where the registry really is."""

    inbox: Path
    folder: Path
    home: Path
    """Its KANIT_HOME."""
    database_url: str
    direct_url: str
    api_url: str | None
    key_file: Path
    figures: Mapping[str, Any] = field(default_factory=dict)
    """What an undisturbed batch prints."""
    program: tuple[str, ...] = WITH_PREFECT
    within: tuple[str, ...] = ()
    """Command that runs another one in a namespace; empty: there is none."""
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    batches: int = 0

    @property
    def evidence(self) -> Path:
        """The folder of its evidence store."""
        return self.folder / "evidence"

    def environment(self) -> dict[str, str]:
        """Return what a process of this world has in its environment, and nothing of the developer's."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("KANIT_", "PREFECT_"))
        }
        served = {"PREFECT_API_URL": self.api_url} if self.api_url else {}
        return {
            **inherited,
            **served,
            MARK: self.mark,
            "KANIT_HOME": str(self.home),
            "KANIT_DATABASE_URL": self.database_url,
            "KANIT_EVIDENCE_URL": str(self.evidence),
            "KANIT_KEY_FILE": str(self.key_file),
            "KANIT_CHUNK_SIZE": "8",
            "KANIT_WORKERS": "2",
            "KANIT_LANG": "en",
            "PREFECT_HOME": str(self.folder / "prefect"),
        }

    def settings(self) -> Settings:
        """Return settings for looking into the registry from outside."""
        return load_settings(
            home=self.home,
            database_url=self.direct_url,
            evidence_url=str(self.evidence),
            key_file=self.key_file,
        )


class Batch:
    """A `kanit batch` that runs. Its log is what it printed, both streams."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, seconds: float) -> None:
        self.process = process
        self._log = log
        self._spans = {"start": STARTING, **{phase: part * seconds for phase, part in _PARTS.items()}}

    @property
    def log(self) -> str:
        """What it has printed so far."""
        return self._log.read_text("utf-8", "replace")

    def reach(self, phase: str, dice: Random) -> bool:
        """Wait for a random moment of a phase; False when the batch ended before it."""
        if phase != "start":
            self.begin(phase)
        time.sleep(dice.uniform(0, self._spans[phase]))
        return self.process.poll() is None

    def begin(self, phase: str) -> None:
        """Wait until a phase begins."""
        eventually(lambda: f"{phase}: " in self.log or self.process.poll() is not None, LONGEST)

    def end(self) -> int:
        """Wait until it ends by itself and return its exit code. Raises TimeoutExpired when it hangs."""
        return self.process.wait(LONGEST)

    def survive(self, figures: Mapping[str, Any]) -> None:
        """Wait until it ends in good order, and compare what it printed with the figures of an undisturbed one."""
        assert self.end() == 0, self.log[-3000:]
        (printed,) = (line for line in self.log.splitlines() if line.startswith("{"))
        found = _steady(json.loads(printed))
        assert found == _steady(figures), f"the batch printed {found}"


def _steady(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a batch that do not differ from batch to batch."""
    return {name: value for name, value in figures.items() if name not in {"run", "seconds"}}


@contextmanager
def batch(world: World, extra: Mapping[str, str] | None = None) -> Iterator[Batch]:
    """Run a batch in a session of its own; whatever of it is left at the end is killed."""
    world.batches += 1
    path = world.folder / f"batch-{world.batches}.log"
    with path.open("wb") as output:
        process = subprocess.Popen(
            [*world.within, *world.program, str(world.inbox)],
            cwd=world.folder,
            env={**world.environment(), **(extra or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield Batch(process, path, world.figures.get("seconds", 0.0))
        finally:
            if process.poll() is None:
                kill_machine(process.pid)
            process.wait()


def pause_then(dice: Random, longest: float) -> None:
    """Let some time pass, at most so many seconds."""
    time.sleep(dice.uniform(0, longest))


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process in good order, or kill it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
