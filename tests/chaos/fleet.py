"""Several machines: workers with homes of their own, one Prefect server, one registry, one evidence store."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psutil
from sqlalchemy import func, select, update

from storage.columns import now
from storage.database import open_database
from storage.models import ApplicationRow, Run
from storage.queue import LEASE
from tests.chaos.faults import Site
from tests.chaos.processes import eventually, kill_machine, sandbox_children
from tests.chaos.servers import PrefectServer
from tests.chaos.world import LONGEST, World, stop
from tests.flows.helpers import KANIT

MACHINES = 3
_SLOW = {
    "KANIT_CHUNK_SIZE": "2",
    "KANIT_WORKERS": "1",
    "KANIT_DOCUMENT_TIMEOUT": "300",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
}
"""Small steps, so that a night over a small inbox is long enough for several machines."""


@dataclass
class Machine:
    """A worker with a home and a working directory of its own."""

    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def home(self) -> Path:
        """Its KANIT_HOME."""
        return self.folder / "home"


def _environment(world: World, folder: Path) -> dict[str, str]:
    own = {"KANIT_HOME": str(folder / "home"), "PREFECT_HOME": str(folder / "prefect")}
    return {**world.environment(), **_SLOW, **own}


@contextmanager
def machine(world: World, name: str) -> Iterator[Machine]:
    """Run a worker for the world's Prefect server."""
    folder = world.folder / name
    folder.mkdir()
    with (folder / "log").open("wb") as output:
        process = subprocess.Popen(
            [str(KANIT), "serve", "--worker-only", "--name", f"{name}-{world.mark}", "--drain", "0"],
            cwd=folder,
            env=_environment(world, folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Machine(folder, process)
    finally:
        if process.poll() is None:
            stop(process)


def worker_killed(site: Site, dice: Random) -> None:
    """Kill one of three workers with its flow run in mid-night; another one comes later, and the night ends well."""
    assert site.prefect is not None
    world = site.world
    with ExitStack() as stack:
        machines = [stack.enter_context(machine(world, f"machine-{number}")) for number in range(MACHINES)]
        night = _begin_night(world, site.prefect)
        assert eventually(lambda: _joined(machines) or _state(site, night) in _ENDS, LONGEST, 0.1)
        time.sleep(dice.uniform(0, 2))
        if working := _at_work(machines):
            victim = dice.choice(working)
            kill_machine(victim.process.pid)
            site.strikes += 1
            machines.append(stack.enter_context(machine(world, "machine-added")))
            _let_time_pass(world, victim)
            world.home = victim.home  # the machine comes back, and must tidy what it left
        assert eventually(lambda: _state(site, night) in _ENDS or _was_coordinator(world), LONGEST, 0.5)
        # The slices of a coordinator that was killed go on without it.
        assert eventually(lambda: not _at_work(machines), LONGEST, 0.5)


_ENDS = {"COMPLETED", "CRASHED", "FAILED", "CANCELLED"}


def _begin_night(world: World, prefect: PrefectServer) -> str:
    """Deploy, start a night by its deployment and return the id of its flow run."""
    folder = world.folder / "deploying"
    folder.mkdir()
    command = [str(KANIT), "deploy", "--json"]
    subprocess.run(
        command, cwd=folder, env=_environment(world, folder), check=True, capture_output=True, timeout=LONGEST
    )
    deployment = prefect.ask("deployments/name/nightly/manual", method="GET")
    asked = {"parameters": {"inbox": str(world.inbox), "spread": True}}
    run: dict[str, Any] = prefect.ask(f"deployments/{deployment['id']}/create_flow_run", asked)
    return str(run["id"])


def _state(site: Site, night: str) -> str:
    assert site.prefect is not None
    return str(site.prefect.ask(f"flow_runs/{night}", method="GET")["state"]["type"])


def _at_work(machines: list[Machine]) -> list[Machine]:
    """Return the machines on which an owner of claims is alive."""
    return [each for each in machines if each.process.poll() is None and _owners(each)]


def _joined(machines: list[Machine]) -> bool:
    """Return whether a second machine is at work; hold the readers of the first one until then.

    A night over a small inbox would be over before another machine has so much as loaded its programs.
    """
    joined = len(_at_work(machines)) > 1
    for child in (child for each in machines for child in sandbox_children(each.process.pid)):
        with suppress(psutil.NoSuchProcess):
            child.resume() if joined else child.suspend()
    return joined


def _owners(one: Machine) -> list[str]:
    folder = one.home / "workers"
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _let_time_pass(world: World, victim: Machine) -> None:
    """Let the lease of a killed machine run out at once: nobody else can see that it is dead."""
    owners = _owners(victim)
    with closing(open_database(world.settings())) as database, database.unit_of_work() as work:
        long_ago = now() - 2 * LEASE
        claims = update(ApplicationRow).where(ApplicationRow.owner.in_(owners))
        work.session.execute(claims.values(leased_until=long_ago))
        work.session.execute(update(Run).where(Run.owner.in_(owners)).values(heard_at=long_ago))
        work.commit()


def _was_coordinator(world: World) -> bool:
    """Return whether the killed machine's run was the night itself: then the next one takes up the rest."""
    with closing(open_database(world.settings())) as database, database.reading() as work:
        silent = select(func.count()).where(Run.ended.is_(None), Run.heard_at < now() - LEASE)
        return bool(work.session.scalar(silent))
