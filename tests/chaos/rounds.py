"""Rounds of chaos: an inbox, an undisturbed night over it, then disturbed ones that must end the same."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from benchmarks.crowd import crowd
from storage.columns import now
from storage.database import open_database
from storage.models import Run
from storage.queue import LEASE
from tests.chaos.disk import disk_full
from tests.chaos.faults import ON_ANY, ON_NETWORK, ON_POSTGRES, ON_PREFECT, Fault, Site
from tests.chaos.fleet import worker_killed
from tests.chaos.invariants import broken
from tests.chaos.network import network_to
from tests.chaos.processes import eventually
from tests.chaos.servers import Postgres, PrefectServer, durable_postgres, prefect_server
from tests.chaos.world import WITH_PREFECT, World, batch
from tests.flows.helpers import dump
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox

DISK = "the disk is full"
WORKER = "one of three workers"
FAULTS: dict[str, Fault] = {
    **ON_ANY,
    **ON_PREFECT,
    **ON_POSTGRES,
    **ON_NETWORK,
    DISK: disk_full,
    WORKER: worker_killed,
}
"""Every fault by its name."""
_ZOMBIES_END_WITHIN = 240.0
WITHOUT_PREFECT = [name for name in FAULTS if name not in {WORKER, *ON_PREFECT}]
"""Those that a batch without Prefect can meet."""


@dataclass(frozen=True)
class Round:
    """What came of one round: how often the fault met a batch at work, and what did not hold afterwards."""

    fault: str
    database: str
    strikes: int
    seconds: float
    broken: list[str]


@dataclass(frozen=True)
class Chaos:
    """An inbox, what an undisturbed night made of it, and the servers that the rounds share."""

    folder: Path
    inbox: Path
    undisturbed: dict[str, Any]
    prefect: PrefectServer
    postgres: Postgres
    figures: Mapping[str, Any]

    def round(self, fault: str, dice: Random, program: tuple[str, ...] = WITH_PREFECT) -> Round:
        """Disturb a new installation by a fault, run it to the end, and check it."""
        began = time.monotonic()
        with self._site(fault, dice, program) as site:
            wrong = self._play(fault, site, dice)
            kind = make_url(site.world.direct_url).get_backend_name()
            return Round(fault, kind, site.strikes, time.monotonic() - began, wrong)

    def zombies(self) -> list[str]:
        """Return the runs of killed workers that Prefect still calls running when its automation had time enough."""
        if eventually(lambda: not self.prefect.running(deployed=True), _ZOMBIES_END_WITHIN, 1):
            return []
        return [f"Prefect believes that {name} is running" for _, name in self.prefect.running(deployed=True)]

    def _play(self, fault: str, site: Site, dice: Random) -> list[str]:
        try:
            FAULTS[fault](site, dice)
            self.prefect.start()
            self.postgres.cluster.server.recover()
            _finish(site.world)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            return [f"{type(error).__name__}: {error}"]
        return [*broken(site.world, self.undisturbed), *_running(site.world, self.prefect)]

    @contextmanager
    def _site(self, fault: str, dice: Random, program: tuple[str, ...]) -> Iterator[Site]:
        folder = self.folder / f"world-{len(list(self.folder.glob('world-*')))}"
        folder.mkdir()
        on_postgres = fault != DISK and (
            fault in ON_POSTGRES or fault in ON_NETWORK or fault == WORKER or dice.random() < 0.4
        )
        with ExitStack() as stack:
            url = f"sqlite:///{folder / 'home' / 'kanit.db'}"
            if on_postgres:
                url = stack.enter_context(self.postgres.cluster.server.database())
            world = World(
                self.inbox,
                folder,
                folder / "home",
                url,
                url,
                self.prefect.api_url,
                folder / "key",
                self.figures,
                program,
            )
            site = Site(world, self.prefect, self.postgres, database=make_url(url).database or "")
            if fault in ON_NETWORK:
                site.network = stack.enter_context(network_to(self.postgres.socket))
                world.database_url = f"postgresql://postgres@127.0.0.1:{site.network.port}/{site.database}"
            yield site
        shutil.rmtree(folder, ignore_errors=True)


def _finish(world: World) -> None:
    """Run the next night's batch."""
    _let_time_pass(world)
    with batch(world) as running:
        assert running.end() == 0, running.log[-3000:]


def _let_time_pass(world: World) -> None:
    """Make what is there old: only then it counts as left by somebody who was killed."""
    for draft in (world.evidence / ".drafts").glob("*"):
        os.utime(draft, (0, 0))
    if world.home.is_dir():
        with closing(open_database(world.settings())) as database, database.unit_of_work() as work:
            finished = update(Run).where(Run.finished_at.is_not(None))
            work.session.execute(finished.values(finished_at=now() - 2 * LEASE))
            work.commit()


def _running(world: World, prefect: PrefectServer) -> list[str]:
    """Return which of the world's runs Prefect's server believes to be running; it serves other worlds, too."""
    with closing(open_database(world.settings())) as database, database.reading() as work:
        known = set(work.session.scalars(select(Run.flow_run_id)))
    return [f"Prefect believes that {name} is running" for key, name in prefect.running() if key in known]


@contextmanager
def chaos(folder: Path, applications: int, samples: int) -> Iterator[Chaos]:
    """Write an inbox of cheap applications and of varied ones, run it undisturbed, and start the servers."""
    inbox = _inbox(folder, applications, samples)
    world = World(
        inbox, folder, folder / "home", "", f"sqlite:///{folder / 'undisturbed.db'}", None, folder / "key"
    )
    figures = run(inbox, world.settings()).as_json()
    with closing(open_database(world.settings())) as database:
        undisturbed = dump(database, inbox)
    with prefect_server(folder / "server") as prefect, durable_postgres() as postgres:
        yield Chaos(folder, inbox, undisturbed, prefect, postgres, figures)


def _inbox(folder: Path, applications: int, samples: int) -> Path:
    written = crowd(folder / "crowd", applications)
    for application in written.earlier.iterdir():
        application.rename(written.path / application.name)
    write_sample_inbox(written.path, samples)
    return written.path
