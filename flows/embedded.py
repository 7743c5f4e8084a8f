"""Prefect's embedded server, so that it ends with the batch that started it, however that ends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen, TimeoutExpired
from typing import Any

import httpx
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.server.api.server import SubprocessASGIServer

from flows.deployment.watch import watched
from flows.errors import PrefectUnusable
from flows.event_delivery import PatientEvents

STORED_WITHIN = 60.0
"""Seconds that the server has to store what it was told last; on an idle machine it takes one."""
ENDS_WITHIN = 60.0
"""Seconds that it has to end by itself; Prefect would kill it after five, with what it has not written yet."""
_LAST = "embedded-server.ends"


@contextmanager
def embedded_server() -> Iterator[None]:
    """Run the embedded server that Prefect's client will find in this process. Raises PrefectUnusable.

    At the end the events that this process emitted are in its database, unless it takes more than a minute.
    """
    server = SubprocessASGIServer()
    try:
        server.start()
    except RuntimeError as error:
        raise PrefectUnusable(reason=str(error).splitlines()[0]) from error
    process = server.server_process
    assert process is not None  # noqa: S101 - it has been started
    with watched(process.pid):  # Prefect would leave it running for ever
        try:
            yield
        finally:
            try:
                _let_it_store_all(process)
            finally:
                _let_it_end(process)
                server.stop()


def _let_it_store_all(process: "Popen[Any]") -> None:
    """Tell it a last event, and wait until that one is stored: the server takes them in their order."""
    if process.poll() is not None:
        PatientEvents.patience = 0.0  # somebody has killed it
        return
    deadline = time.monotonic() + STORED_WITHIN
    last = emit_event(_LAST, resource={"prefect.resource.id": "kanit.embedded-server"})
    EventsWorker.drain_all(timeout=STORED_WITHIN)
    if last is None:
        return
    query = {"filter": {"id": {"id": [str(last.id)]}}}
    with get_client(sync_client=True) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.request("POST", "/events/filter", json=query).json()["events"]:
                    return
            except (httpx.HTTPError, ValueError, KeyError):
                pass  # it is too busy to answer
            time.sleep(0.05)


def _let_it_end(process: "Popen[Any]") -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except TimeoutExpired:
        process.kill()
