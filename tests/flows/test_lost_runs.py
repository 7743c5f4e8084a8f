"""Flow runs that Prefect believes to be running, and of which the registry knows better, or nothing."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import connect
from storage.models import RunEnd
from storage.runs import Counts, Outcome, Sources, break_run, finish_run, name_flow_run, start_run
from tests.flows.helpers import TIMEOUT
from tests.storage.samples import KEYS

pytestmark = pytest.mark.slow

_BEGIN = """
import json, sys
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.states import Running
@flow(name="nightly")
def nightly(inbox): pass
with get_client(sync_client=True) as client:
    runs = [client.create_flow_run(nightly, parameters={"inbox": inbox}, state=Running()) for inbox in sys.argv[1:]]
print(json.dumps([str(run.id) for run in runs]))
"""
_END = """
import json, sys
from datetime import timedelta
from uuid import UUID
from prefect.client.orchestration import get_client
from flows import lost_runs
from storage import runs
from storage.database import connect
from tests.storage.samples import KEYS
lost_runs.LEASE = runs.LEASE = timedelta(0)
lost_runs.end_lost_runs(connect(sys.argv[1], KEYS), "inbox")
with get_client(sync_client=True) as client:
    print(json.dumps([client.read_flow_run(UUID(key)).state.type.value for key in sys.argv[2:]]))
"""


def _asked(script: str, server: str, folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={"PREFECT_API_URL": server, "PREFECT_HOME": str(folder / "client")},
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )
    answer: list[str] = json.loads(done.stdout)
    return answer


def test_each_run_is_told_to_prefect_as_it_ended(server: str, sqlite_url: str, tmp_path: Path) -> None:
    inboxes = ["inbox", "inbox", "inbox", "inbox", "another's"]
    killed, finished, alive, nameless, strange = _asked(_BEGIN, server, tmp_path, *inboxes)
    with closing(connect(sqlite_url, KEYS)) as database:
        for flow_run in (killed, finished, alive):
            run = start_run(database, "inbox", "kilavuz-2026", flow_run)
            name_flow_run(database, run, flow_run)
            if flow_run == killed:
                break_run(database, run, RunEnd.INTERRUPTED)
            if flow_run == finished:
                finish_run(database, run, Outcome(Counts(0, 0, 0, 0, 0), Sources({}, {}), {}))
    ended = _asked(_END, server, tmp_path, sqlite_url, killed, finished, alive, nameless, strange)
    assert ended == ["CRASHED", "COMPLETED", "RUNNING", "CRASHED", "RUNNING"]
