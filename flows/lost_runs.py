"""What our registry knows of killed nights: which of Prefect's running flow runs are lost, and when to give up."""

import logging
from collections.abc import Iterator, Sequence
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import PrefectException
from prefect.states import Completed, Crashed

from storage.columns import now
from storage.database import Database
from storage.queue import LEASE
from storage.runs import finished_flow_runs, lost_flow_runs, unknown_flow_runs

log = logging.getLogger(__name__)

_NIGHTS = FlowFilter(name=FlowFilterName(any_=["nightly"]))
_RUNNING = FlowRunFilter(
    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.CANCELLING]))
)


def end_lost_runs(database: Database, inbox: str | None) -> None:
    """Set the flow runs of batches that were killed, or never heard from again, to Crashed.

    So is a run over the same `inbox` (the parameter) that was killed before the registry knew of it, and one that ended
    well while the server was away is set to Completed. A server that does not answer now is told by the next batch.
    """
    try:
        with get_client(sync_client=True) as client:
            running = client.read_flow_runs(flow_filter=_NIGHTS, flow_run_filter=_RUNNING)
            for key, state in _ends(database, running, inbox):
                client.set_flow_run_state(key, state, force=True)
    except (PrefectException, httpx.HTTPError) as error:
        log.warning("Prefect was not told which runs are lost: %s", type(error).__name__)


def _ends(
    database: Database, running: Sequence[FlowRun], inbox: str | None
) -> Iterator[tuple[UUID, State[object]]]:
    ids = [str(run.id) for run in running]
    nameless = unknown_flow_runs(database, [str(run.id) for run in running if _is_old(run, inbox)])
    lost = lost_flow_runs(database, ids) | nameless
    finished = finished_flow_runs(database, ids)
    for run in running:
        if str(run.id) in lost:
            yield run.id, Crashed(message="The process of this run ended without a word.")
        elif str(run.id) in finished:
            yield run.id, Completed(message="This run ended well, but could not say so.")


def _is_old(run: FlowRun, inbox: str | None) -> bool:
    """Return whether a run over the same inbox began so long ago that the registry must know it."""
    same = run.parameters.get("inbox") == inbox
    return same and run.start_time is not None and run.start_time < now() - LEASE
