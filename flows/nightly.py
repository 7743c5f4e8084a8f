"""The nightly batch as a Prefect flow. Bodies are thin: `flows.batch` does the work, our database is the truth.

Prefect's parameters, names and artifacts hold ids and counts, never personal data. A task run is a chunk of
applications; tasks are neither retried nor cached, since a chunk that fails is claimed again. A task gets its work as
a callable: Prefect walks through its arguments and would copy a batch.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from flows import batch as steps
from flows.batch import Batch
from flows.progress import current
from flows.steps import told_by_type
from flows.summary import Summary
from storage.settings import Settings, load_settings
from validators.application import ISTANBUL
from validators.policy_series import find_policies

CHUNKS_AT_A_TIME = 2
"""While one chunk's last applications are read, the next one keeps the cores busy."""


def _run_name() -> str:
    started = flow_run.get_scheduled_start_time() or datetime.now(ISTANBUL)
    return f"nightly-{started.astimezone(ISTANBUL):%Y-%m-%d-%H%M%S}"


@task(
    name="read-chunk", task_run_name="read-{number}", cache_policy=NO_CACHE, persist_result=False, retries=0
)
def read_chunk(number: int, step: Callable[[], int]) -> int:  # noqa: ARG001 - the number names the task run
    """Read one chunk of applications in the sandbox and store the facts."""
    with told_by_type():
        return step()


@task(
    name="judge-chunk", task_run_name="judge-{number}", cache_policy=NO_CACHE, persist_result=False, retries=0
)
def judge_chunk(number: int, step: Callable[[], int]) -> int:  # noqa: ARG001 - as above
    """Enter the judgements on one chunk of applications."""
    with told_by_type():
        return step()


@flow(
    name="nightly",
    flow_run_name=_run_name,
    task_runner=ThreadPoolTaskRunner(max_workers=CHUNKS_AT_A_TIME),  # type: ignore[arg-type]  # Prefect's own generics
    persist_result=False,
    retries=0,
)
def nightly(inbox: str, workers: int | None = None) -> Summary:
    """Verify every new or changed application of an inbox into the registry."""
    with told_by_type():
        summary = _run(Path(inbox), load_settings(workers=workers))
    table = [dict(row) for row in summary.rows()]
    create_table_artifact(key="nightly", table=table, description=_description(summary))
    return summary


def _run(inbox: Path, settings: Settings) -> Summary:
    policies = find_policies(settings.policy, settings.policies)
    with steps.open_batch(inbox, settings, policies, current()) as batch:
        steps.discover_applications(batch)
        _read_all(batch)
        for number, chunk in enumerate(steps.chunks_to_judge(batch), 1):
            judge_chunk(number, partial(steps.judge_chunk, batch, chunk))
        return steps.finish(batch)


def _read_all(batch: Batch) -> None:
    number = 0
    while plan := steps.plan_reading(batch):
        step = partial(steps.read_chunk, batch, plan.size)
        futures = [read_chunk.submit(number + n, step) for n in range(1, plan.chunks + 1)]
        number += plan.chunks
        for future in futures:
            future.result()


def _description(summary: Summary) -> str:
    counts = summary.counts
    return f"{counts.verified} verified, {counts.flagged} flagged, {counts.unchanged} unchanged, {counts.failed} failed"
