"""Events of a run whose server is gone or slow: they are kept and told later, and no event is waited for by itself."""

import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos.processes import eventually
from tests.chaos.servers import PrefectServer, prefect_server
from tests.flows.helpers import TIMEOUT

_EMIT = """
import sys, time
from pathlib import Path
from flows.prefect_settings import prepare_prefect
prepare_prefect(Path(sys.argv[1]))
from prefect.events import emit_event
from prefect.events.clients import PrefectEventsClient
from flows.event_delivery import deliver_patiently
asked = []
reconnect = PrefectEventsClient._reconnect
async def counted(self):
    asked.append(1)
    await reconnect(self)
PrefectEventsClient._reconnect = counted
deliver_patiently()
for number in range(200):
    assert emit_event(event="kanit.test", resource={"prefect.resource.id": f"kanit.test.{number}"}) is not None
from prefect.events.worker import EventsWorker
EventsWorker.drain_all()
print(len(asked))
"""


def test_a_server_that_does_not_answer_is_not_asked_for_every_event(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _EMIT, str(tmp_path)],
        env={"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # The client asks some times when it is made, and as often for the first event.
    assert 0 < int(done.stdout) < 30


_TOLD = """
import sys
from pathlib import Path
from flows.prefect_settings import prepare_prefect
prepare_prefect(Path(sys.argv[1]))
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from flows.event_delivery import deliver_patiently
deliver_patiently()
for line in sys.stdin:
    emit_event(f"kanit.{line.strip()}", resource={"prefect.resource.id": "kanit.test"})
    EventsWorker.instance().wait_until_empty()
    print("told, or kept", flush=True)
"""


@pytest.mark.slow
def test_what_a_server_that_was_away_has_missed_is_told_at_the_end(tmp_path: Path) -> None:
    with prefect_server(tmp_path / "server") as server:
        told = subprocess.Popen(
            [sys.executable, "-c", _TOLD, str(tmp_path)],
            env={"PREFECT_API_URL": server.api_url, "PREFECT_HOME": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with told as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for word in ("first", "second", "third"):
                process.stdin.write(f"{word}\n")
                process.stdin.flush()
                assert process.stdout.readline() == "told, or kept\n"
                if word == "first":
                    assert eventually(lambda: _stored(server) == ["kanit.first"], TIMEOUT)
                    server.kill()
            server.start()
            process.stdin.close()
        assert process.returncode == 0
        assert eventually(lambda: len(_stored(server)) > 2, 20), _stored(server)
        assert _stored(server) == ["kanit.first", "kanit.second", "kanit.third"]


def _stored(server: PrefectServer) -> list[str]:
    query = {"filter": {"event": {"prefix": ["kanit."]}, "order": "ASC"}}
    return [event["event"] for event in server.ask("events/filter", query)["events"]]


_BUSY = """
import os, signal, sys, threading, time
from pathlib import Path
from flows.prefect_settings import prepare_prefect
prepare_prefect(Path(sys.argv[1]))
from prefect.events import emit_event
from prefect.server.api.server import SubprocessASGIServer
from flows.embedded import embedded_server
from flows.event_delivery import deliver_patiently
def stall(process):
    os.kill(process, signal.SIGSTOP)
    time.sleep(8)
    os.kill(process, signal.SIGCONT)
with embedded_server():
    deliver_patiently()
    emit_event("kanit.first", resource={"prefect.resource.id": "kanit.test"})
    time.sleep(1)
    threading.Thread(target=stall, args=(SubprocessASGIServer().server_process.pid,)).start()
    time.sleep(0.2)
    for number in range(500):
        emit_event("kanit.number", resource={"prefect.resource.id": "kanit.test"})
"""


@pytest.mark.slow
def test_the_embedded_server_ends_when_it_has_stored_what_it_was_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BUSY, str(tmp_path)],
        env={},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(tmp_path / "prefect" / "prefect.db")) as database:
        stored = Counter(name for (name,) in database.execute("SELECT event FROM events"))
    assert stored["kanit.number"] == 500
