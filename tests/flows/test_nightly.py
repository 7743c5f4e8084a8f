"""The nightly flow under Prefect: real servers, real kills. One server serves most of these tests."""

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from flows.errors import Exit
from storage.database import open_database
from storage.models import Run, RunEnd
from storage.settings import load_settings
from tests.flows.helpers import KANIT, TIMEOUT, dump, everything_at, kanit
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox

# One worker of a parallel test run has all of them, so that there is one server.
pytestmark = pytest.mark.slow


def registry(environment: Mapping[str, str], inbox: Path) -> dict[str, Any]:
    """Dump the registry that a `kanit` with this environment wrote."""
    settings = load_settings(
        home=environment["KANIT_HOME"], database_url=environment.get("KANIT_DATABASE_URL")
    )
    with closing(open_database(settings)) as database:
        return dump(database, inbox)


def test_a_batch_prints_its_figures_and_a_second_one_does_nothing(
    server: str, small_inbox: Path, tmp_path: Path
) -> None:
    environment = {"KANIT_HOME": str(tmp_path / "home"), "PREFECT_API_URL": server}
    printed = kanit(["batch", small_inbox, "--json"], environment)
    assert printed.code == Exit.OK, printed.err
    (figures,) = printed.lines
    assert set(figures) == {"run", "applications", "verified", "flagged", "unchanged", "failed", "seconds"}
    assert (
        figures["verified"] + figures["flagged"]
        == figures["applications"]
        == len(list(small_inbox.iterdir()))
    )
    again = kanit(["batch", small_inbox, "--lang", "en"], environment)
    assert f"{figures['applications']}  unchanged" in again.out
    entered = registry(environment, small_inbox)
    told = everything_at(server) + printed.err + again.err
    assert "nightly-20" in told
    assert "NO_LINK" in told
    for number, given_name, *_ in entered["people"]:
        assert number not in told
        assert given_name not in told


def flow_runs(environment: Mapping[str, str]) -> dict[str, RunEnd | None]:
    """Return how the registry's runs ended, by Prefect's ids of them; Prefect may never have heard of the killed."""
    settings = load_settings(
        home=environment["KANIT_HOME"], database_url=environment.get("KANIT_DATABASE_URL")
    )
    with closing(open_database(settings)) as database:
        rows = database.read(lambda work: work.session.execute(select(Run.flow_run_id, Run.ended)).all())
    return {row.flow_run_id: row.ended for row in rows if row.flow_run_id}


def states_of(server: str, runs: Mapping[str, RunEnd | None]) -> dict[RunEnd | None, set[str]]:
    """Return the states that Prefect's flow runs have, by how the registry says that they ended."""
    asked = {"flow_runs": {"id": {"any_": list(runs)}}}
    states: dict[RunEnd | None, set[str]] = defaultdict(set)
    for each in httpx.post(f"{server}/flow_runs/filter", json=asked).json():
        states[runs[each["id"]]].add(each["state_type"])
    return dict(states)


@contextmanager
def _started(inbox: Path, environment: Mapping[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Start a batch in a process group of its own and yield it when it reads; whatever is left is killed."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(KANIT), "batch", str(inbox)],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        deadline = time.monotonic() + TIMEOUT
        while "reading: 0 of" not in log.read_text("utf-8") and process.poll() is None:
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.02)
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.timeout(600)
def test_a_batch_that_is_killed_again_and_again_ends_in_the_same_registry(
    server: str, database_url: str, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 24)
    undisturbed = {"KANIT_HOME": str(tmp_path / "undisturbed")}
    run(inbox, load_settings(home=undisturbed["KANIT_HOME"]))
    killed = {
        "KANIT_HOME": str(tmp_path / "killed"),
        "KANIT_DATABASE_URL": database_url,
        "KANIT_CHUNK_SIZE": "3",
        "PREFECT_API_URL": server,
    }
    moments = Random(20261120)
    interrupted = 0
    for attempt in range(3):
        with _started(inbox, killed, tmp_path / f"log-{attempt}") as process:
            time.sleep(moments.uniform(0.1, 1.5))
            interrupted += process.poll() is None
            os.killpg(process.pid, signal.SIGKILL)
    printed = kanit(["batch", inbox, "--json"], killed)
    assert printed.code == Exit.OK, printed.err
    assert interrupted, "no batch was killed before its end"
    assert printed.lines[0]["failed"] == 0
    assert registry(killed, inbox) == registry(undisturbed, inbox)
    assert states_of(server, flow_runs(killed)) == {
        RunEnd.INTERRUPTED: {"CRASHED"},
        RunEnd.FINISHED: {"COMPLETED"},
    }


def _descendants(process: int) -> set[int]:
    """Return the processes that a process started, and theirs."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended just now
        parents[int(status.parent.name)] = int(fields[1])
    found, grown = {process}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found, grown = found | more, bool(more)
    return found - {process}


def _alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return False


def test_nothing_outlives_a_killed_batch(tmp_path: Path) -> None:
    """Killed with all it has running: the embedded server, the fork server, the children of the sandbox."""
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 24)
    with _started(inbox, {"KANIT_HOME": str(tmp_path / "home")}, tmp_path / "log") as process:
        family: set[int] = set()
        while len(family) < 5 and process.poll() is None:  # server, its watch, fork server, tracker, a child
            family |= _descendants(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert len(family) >= 5
    deadline = time.monotonic() + 60
    while (left := {each for each in family if _alive(each)}) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == set()


def test_the_demonstration_runs_twice_and_leaves_the_registry_alone(tmp_path: Path) -> None:
    first = kanit(["demo", "--lang", "en"], {})
    assert first.code == Exit.OK, first.err
    assert "Flagged" in first.out
    assert "QR_MISSING: " in first.out
    assert "From the registry" in first.out
    assert sorted(path.name for path in (tmp_path / ".kanit").iterdir()) == ["demo"]
    second = kanit(["demo", "--lang", "en"], {})
    assert second.code == Exit.OK, second.err
    assert "     0  verified" in second.out
    assert first.out.partition("Flagged")[2] == second.out.partition("Flagged")[2]
    sound = next(line for line in first.out.splitlines() if " verify demo-inbox" in line).split()[-1]
    assert kanit(["verify", sound], {}).code == Exit.OK


def test_a_registry_that_cannot_be_opened_is_one_clear_line(tmp_path: Path, small_inbox: Path) -> None:
    environment = {"KANIT_DATABASE_URL": f"postgresql://nobody@/nothing?host={tmp_path}"}
    printed = kanit(["batch", small_inbox, "--lang", "en"], environment)
    assert printed.code == Exit.INTERNAL
    assert printed.out == ""
    assert "cannot be used" in printed.err
    assert "Traceback" not in printed.err


def test_an_evidence_store_that_fails_ends_the_batch_with_one_clear_line_and_parks_nothing(
    server: str, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 2, only=["statement"])
    environment = {"KANIT_HOME": str(tmp_path / "home"), "PREFECT_API_URL": server}
    broken = {**environment, "KANIT_EVIDENCE_URL": "/proc/nowhere/evidence"}
    printed = kanit(["batch", inbox, "--lang", "en"], broken)
    assert printed.code == Exit.INTERNAL
    assert printed.out == ""
    assert "/proc/nowhere/evidence" in printed.err.splitlines()[-1]
    assert "Traceback" not in printed.err
    assert "/proc/nowhere" not in everything_at(server), "Prefect is told the type of an error alone"
    mended = kanit(["batch", inbox, "--json"], environment)
    assert mended.lines[0]["verified"] == mended.lines[0]["applications"]
