"""A night over several workers: a real server, a real worker with a home of its own, and whoever offers it slices."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows import batch as steps
from flows import spreading
from flows.bounds import Bounds
from flows.progress import LogProgress
from storage.columns import now
from storage.database import open_database
from storage.queue import claim
from storage.settings import load_settings
from tests.flows.helpers import TIMEOUT, dump
from tests.flows.test_batch import registrations, run
from tests.papers.inbox import write_sample_inbox
from validators.policy import load_policy

ROOT = Path(__file__).resolve().parents[2]
PREFECT = Path(sys.executable).with_name("prefect")

COORDINATOR = """
import json, sys, time
from pathlib import Path
from flows.prefect_settings import prepare_prefect
from storage.settings import load_settings
prepare_prefect(load_settings().home)
from flows import nightly, reading
from storage.queue import backlog
read_chunk, total = reading.read_chunk, int(sys.argv[2])
def dawdle(batch, size):
    # So that another worker reads something, too, however slowly it starts.
    while True:
        left = backlog(batch.database, batch.name)
        if left.free + left.claimed < total:
            return read_chunk(batch, size)
        time.sleep(0.2)
reading.read_chunk = dawdle
print(json.dumps(nightly.nightly(sys.argv[1], spread=True).as_json()))
"""


def _prefect(environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [str(PREFECT), "--no-prompt", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _worker(environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run a worker that takes one flow run at a time, and end it."""
    command = [str(PREFECT), "worker", "start", "--pool", "kanit", "--limit", "1", "--name", "another-host"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=log.parent, stdout=output, stderr=output
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _slices(server: str) -> list[dict[str, Any]]:
    names = {"flows": {"name": {"any_": ["nightly-slice"]}}}
    found: list[dict[str, Any]] = httpx.post(f"{server}/flow_runs/filter", json=names).json()
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_worker_takes_a_slice_of_the_night_and_the_registry_is_the_same(
    server: str, postgres_url: str, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 16)
    total = len(list(inbox.iterdir()))
    alone = load_settings(home=tmp_path / "alone", workers=2)
    expected = run(inbox, alone)
    shared = {
        "PREFECT_API_URL": server,
        "KANIT_DATABASE_URL": postgres_url,
        "KANIT_EVIDENCE_URL": str(tmp_path / "evidence"),
        "KANIT_KEY_FILE": str(tmp_path / "key"),
        "KANIT_CHUNK_SIZE": "2",
        "KANIT_WORKERS": "1",
    }
    hosts = [
        shared | {"KANIT_HOME": str(tmp_path / host), "PREFECT_HOME": str(tmp_path / host / "prefect")}
        for host in ("one", "another")
    ]
    _prefect(hosts[0], "work-pool", "create", "kanit", "--type", "process", "--overwrite")
    _prefect(hosts[0], "deploy", "--name", "slice")
    with _worker(hosts[1], tmp_path / "worker.log"):
        night = subprocess.run(
            [sys.executable, "-c", COORDINATOR, str(inbox), str(total)],
            env={**os.environ, **hosts[0]},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert night.returncode == 0, night.stderr + (tmp_path / "worker.log").read_text("utf-8")
        deadline = time.monotonic() + TIMEOUT
        while any(each["state_type"] in ("PENDING", "RUNNING") for each in _slices(server)):
            assert time.monotonic() < deadline, (tmp_path / "worker.log").read_text("utf-8")
            time.sleep(0.5)
    slices = _slices(server)
    assert {each["state_type"] for each in slices} == {"COMPLETED"}, "no offer is left in the pool"
    assert slices[0]["parameters"]["inbox"] == str(inbox)
    assert {"slice", "inbox: inbox"} <= set(slices[0]["tags"])
    assert all(each["name"].endswith(("application", "applications")) for each in slices)
    assert not [word for word in map(str, slices) if postgres_url in word], "parameters hold no secrets"
    settings = load_settings(
        home=hosts[0]["KANIT_HOME"], database_url=postgres_url, key_file=shared["KANIT_KEY_FILE"]
    )
    with closing(open_database(settings)) as many, closing(open_database(alone)) as single:
        assert dump(many, inbox) == dump(single, inbox)
    assert f'"verified": {expected.counts.verified}, "flagged": {expected.counts.flagged},' in night.stdout


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Return an inbox of four applications without papers."""
    registrations(tmp_path / "inbox", 4)
    return tmp_path / "inbox"


def test_another_reader_is_wanted_while_a_whole_chunk_is_free(inbox: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home", workers=1, chunk_size=3)
    with steps.open_batch(inbox, settings, load_policy(), LogProgress()) as batch:
        assert not spreading.is_wanted(batch)
        steps.discover_applications(batch)
        assert spreading.is_wanted(batch)
        batch.bounds = Bounds(until=now())
        assert not spreading.is_wanted(batch), "its hour has come"
        batch.bounds = Bounds()
        claim(batch.database, batch.name, batch.owner, 2)
        assert not spreading.is_wanted(batch)


def test_a_slice_is_told_a_folder_in_full_and_until_when(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(inbox.parent)
    settings = load_settings(home=tmp_path / "home", inbox="inbox")
    until = now()
    with steps.open_batch("inbox", settings, load_policy(), LogProgress(), Bounds(until)) as batch:
        told = spreading.slice_parameters(
            batch, {"inbox": "inbox", "workers": 3, "policy": None, "limit": None}
        )
    assert told == {"inbox": str(inbox), "workers": 3, "policy": None, "until": until.isoformat()}


def test_a_slice_is_not_told_a_url_of_the_settings(inbox: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home", inbox="s3://key:secret@bucket/inbox")
    with steps.open_batch(inbox, settings, load_policy(), LogProgress()) as batch:
        told = spreading.slice_parameters(batch, {"inbox": None})
    assert told == {"inbox": None, "workers": None, "policy": None, "until": None}
