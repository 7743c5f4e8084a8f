"""`kanit deploy` and `kanit serve` with a real server: what is deployed, and what the automations do."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from flows.deployment.automations import ALARMS
from flows.errors import Exit
from tests.flows.deployment.conftest import Served, serving, until
from tests.flows.helpers import kanit

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]

_BLOCK = """
import sys
from prefect.blocks.notifications import CustomWebhookNotificationBlock
CustomWebhookNotificationBlock(
    name="night", url=sys.argv[1], json_data={"subject": "{{subject}}", "body": "{{body}}"}
).save("night", overwrite=True)
"""
_EVENT = """
import sys
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
emit_event(event=sys.argv[1], resource={"prefect.resource.id": "kanit.night"}, payload={"flagged": 17})
EventsWorker.instance().drain()
"""
_PATIENCE = """
from datetime import timedelta
from flows.deployment.automations import Patience
from flows.deployment.deploying import deploy
deploy(patience=Patience(silence=timedelta(seconds=10), again=timedelta(hours=1)))
"""
# A run of one of our deployments, whose flow sleeps: heartbeats need a process that can be killed.
_SLEEPER = """
import sys, time
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow
from prefect.states import Pending

@flow(name="nightly")
def sleeper(spread):
    print("asleep", flush=True)
    time.sleep(1000)

with get_client(sync_client=True) as client:
    deployment = client.read_deployment_by_name("nightly/nightly")
    run = client.create_flow_run_from_deployment(deployment.id, state=Pending())  # not for the worker
print(run.id, flush=True)
run_flow(sleeper, flow_run=run)
"""


def deployed(served: Served, **more: str) -> dict[str, str]:
    """Run `kanit deploy` and return what became of everything by its name."""
    printed = kanit(["deploy", "--json"], {**served.environment, **more})
    assert printed.code == Exit.OK, printed.err
    return {line["name"]: line["done"] for line in printed.lines}


def unchanged(served: Served) -> bool:
    return set(deployed(served).values()) == {"unchanged"}


def deployment(served: Served, name: str) -> Any:
    return served.ask(f"deployments/name/{name}", method="GET")


def test_a_second_deployment_changes_nothing_and_neither_does_prefects_own(served: Served) -> None:
    assert unchanged(served), "`kanit serve` has deployed"
    before = deployment(served, "nightly/nightly")
    prefect = str(Path(sys.executable).with_name("prefect"))
    command = [prefect, "--no-prompt", "deploy", "--all"]
    environment = {**os.environ, **served.environment, "PREFECT_HOME": str(served.home / "client")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=240)
    assert unchanged(served)
    assert deployment(served, "nightly/nightly")["id"] == before["id"]


def test_the_night_is_scheduled_at_half_past_one_in_istanbul(served: Served) -> None:
    """Also that the scheduler works at all: with SQLAlchemy 2.1 it silently creates no runs."""
    identifier = deployment(served, "nightly/nightly")["id"]
    wanted = {
        "deployments": {"id": {"any_": [identifier]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    runs = until(lambda: served.ask("flow_runs/filter", wanted), served.log)
    starts = [datetime.fromisoformat(run["expected_start_time"]).astimezone(UTC) for run in runs]
    assert {(start.hour, start.minute) for start in starts} == {(22, 30)}
    assert {run["parameters"]["spread"] for run in runs} == {True}


def test_what_is_wrong_is_mended_and_what_is_no_longer_ours_is_removed(served: Served) -> None:
    ours, flow = deployment(served, "recheck/weekly"), "recheck"
    changed = {"parameters": {"older_than": 1}, "schedules": []}
    served.ask(f"deployments/{ours['id']}", changed, "PATCH")
    old = {"name": "old", "flow_id": ours["flow_id"], "tags": ["kanit"], "work_pool_name": "kanit"}
    foreign = {"name": "foreign", "flow_id": ours["flow_id"], "work_pool_name": "kanit"}
    for body in (old, foreign):
        served.ask("deployments/", body)
    left_over = {**served.automation("no night"), "name": "kanit: left over"}
    served.ask("automations/", {name: left_over[name] for name in ("name", "trigger", "actions")})
    done = deployed(served)
    mended = {name: what for name, what in done.items() if what != "unchanged"}
    assert mended == {f"{flow}/weekly": "updated", f"{flow}/old": "removed", "kanit: left over": "removed"}
    assert deployment(served, f"{flow}/weekly")["parameters"] == {}
    assert deployment(served, f"{flow}/foreign")["name"] == "foreign"
    assert unchanged(served)


def test_what_an_operator_paused_stays_paused(served: Served) -> None:
    night = deployment(served, "nightly/nightly")
    (schedule,) = night["schedules"]
    path = f"deployments/{night['id']}/schedules/{schedule['id']}"
    automation = served.automation("no night")
    served.ask(path, {"active": False}, "PATCH")
    served.ask(f"automations/{automation['id']}", {"enabled": False}, "PATCH")
    served.ask(f"deployments/{night['id']}", {"description": "another"}, "PATCH")
    assert deployed(served)["nightly/nightly"] == "updated"
    (schedule,) = deployment(served, "nightly/nightly")["schedules"]
    assert schedule["active"] is False
    assert served.automation("no night")["enabled"] is False
    served.ask(f"deployments/{night['id']}/schedules/{schedule['id']}", {"active": True}, "PATCH")
    served.ask(f"automations/{automation['id']}", {"enabled": True}, "PATCH")


@contextmanager
def _told() -> Iterator[tuple[str, list[Any]]]:
    """Listen for notifications; yield the address and what was told."""
    told: list[Any] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", told
        finally:
            server.shutdown()
            thread.join()


def test_an_alarm_is_told_through_the_block_of_the_settings(served: Served) -> None:
    with _told() as (url, told):
        served.python(_BLOCK, url)
        done = deployed(served, KANIT_NOTIFY_BLOCK="custom-webhook/night")
        assert done["kanit: alarm failures"] == "updated"
        assert done["kanit: silent run"] == "unchanged"
        for name in ALARMS:
            served.python(_EVENT, f"kanit.alarm.{name}")
        until(lambda: len(told) == len(ALARMS), served.log)
    assert {each["subject"] for each in told} == {f"kanit: alarm {name}" for name in ALARMS}
    assert all("17" in each["body"] for each in told)
    assert deployed(served)["kanit: alarm failures"] == "updated", (
        "without the setting nobody is told any more"
    )


def test_a_block_that_is_not_there_is_one_clear_line(served: Served) -> None:
    environment = {**served.environment, "KANIT_NOTIFY_BLOCK": "slack-webhook/nowhere"}
    printed = kanit(["deploy", "--lang", "en"], environment)
    assert printed.code == Exit.USAGE
    assert "slack-webhook/nowhere" in printed.err
    assert "NOTIFY_BLOCK_MISSING" in printed.err
    assert unchanged(served), "everything else was done"


def test_a_run_that_falls_silent_is_marked_as_crashed_and_the_night_begins_again(served: Served) -> None:
    served.python(_PATIENCE)
    environment = {**os.environ, **served.environment, "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
    environment["PREFECT_HOME"] = str(served.home / "client")
    command = [sys.executable, "-c", _SLEEPER]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run = process.stdout.readline().strip()
        assert process.stdout.readline() == "asleep\n"
        mine = {
            "event": {"prefix": ["prefect.flow-run.heartbeat"]},
            "resource": {"id": [f"prefect.flow-run.{run}"]},
        }
        until(lambda: served.ask("events/filter", {"filter": mine})["events"], served.log)
        process.kill()
    crashed = until(
        lambda: (
            (state := served.ask(f"flow_runs/{run}", method="GET")["state"])["type"] == "CRASHED" and state
        ),
        served.log,
    )
    assert "No sign of life" in crashed["message"]
    night = deployment(served, "nightly/nightly")["id"]
    wanted = {"deployments": {"id": {"any_": [night]}}, "sort": "EXPECTED_START_TIME_ASC"}
    again = until(
        lambda: [
            each
            for each in served.ask("flow_runs/filter", wanted)
            if each["id"] != run and not each["auto_scheduled"]
        ],
        served.log,
    )
    assert [each["state_type"] for each in again] == ["SCHEDULED"]
    served.ask(f"flow_runs/{again[0]['id']}", method="DELETE")
    assert deployed(served)["kanit: silent run"] == "updated"


def test_a_worker_alone_takes_work_and_ends_in_good_order(served: Served, tmp_path: Path) -> None:
    with serving(tmp_path, served.environment, "--worker-only", "--name", "second") as second:
        found = until(
            lambda: [
                each
                for each in served.ask("work_pools/kanit/workers/filter", {})
                if each["name"] == "second" and each["status"] == "ONLINE"
            ],
            second.log,
        )
    assert len(found) == 1
    assert "Everything has ended." in second.log.read_text("utf-8")


def test_a_server_with_a_password_asks_for_it(tmp_path: Path) -> None:
    with serving(tmp_path, {"KANIT_PREFECT_AUTH": "officer:a-password"}, "--host", "0.0.0.0") as served:  # noqa: S104 - that is what is tested
        path = f"{served.base}/api/deployments/name/nightly/nightly"
        assert httpx.get(path).status_code == httpx.codes.UNAUTHORIZED
        assert httpx.get(path, auth=("officer", "wrong")).status_code == httpx.codes.UNAUTHORIZED
        assert httpx.get(path, auth=served.auth).is_success
        assert unchanged(served)
        refused = kanit(
            ["deploy", "--lang", "en"], {**served.environment, "KANIT_PREFECT_AUTH": "officer:wrong"}
        )
        assert refused.code == Exit.INTERNAL
        assert "HTTP 401" in refused.err
        until(lambda: served.ask("work_pools/kanit/workers/filter", {}), served.log)
    assert "a-password" not in served.log.read_text("utf-8")
