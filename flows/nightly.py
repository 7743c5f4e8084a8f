"""The nightly batch as a Prefect flow. Bodies are thin: plain functions do the work, our database is the truth.

Prefect's parameters, names and artifacts hold ids and counts, never personal data. A task run is a chunk of
applications; tasks are neither retried nor cached, since a chunk that fails is claimed again. A task gets its work as
a callable: Prefect walks through its arguments and would copy a batch.
"""

from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import partial

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import PositiveInt

from flows import artifacts, judging, night_events, reading
from flows import batch as steps
from flows.batch import Batch
from flows.bounds import Bounds, next_moment
from flows.crash_limit import refuse_endless_crashes
from flows.event_delivery import deliver_patiently
from flows.lost_runs import end_lost_runs
from flows.progress import current
from flows.spreading import offered
from flows.steps import flow_settings, told_by_type
from flows.summary import Summary
from storage.columns import now
from storage.errors import SettingsInvalid
from storage.nights import ToDo, look_back, to_do
from storage.settings import Settings
from validators.application import ISTANBUL
from validators.policy_series import find_policies

CHUNKS_AT_A_TIME = 2
"""While one chunk's last applications are read, the next one keeps the cores busy."""


def _run_name() -> str:
    started = flow_run.get_scheduled_start_time() or datetime.now(ISTANBUL)
    return f"{flow_run.get_flow_name()}-{started.astimezone(ISTANBUL):%Y-%m-%d-%H%M}"


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
def nightly(
    inbox: str | None = None,
    workers: PositiveInt | None = None,
    policy: str | None = None,
    limit: PositiveInt | None = None,
    spread: bool = False,
) -> Summary:
    """Verify every new or changed application of an inbox into the registry.

    What is not given is as the settings say. At most `limit` readings are begun. With `spread`, other workers of the
    pool read, too, unless there is a limit; this run alone judges.
    """
    deliver_patiently()
    with told_by_type():
        settings = flow_settings(inbox=inbox, workers=workers, policy=policy)
        bounds = Bounds(next_moment(settings.night_until, now()), limit)
        return _run(settings, bounds, spread=spread and limit is None)


@flow(
    name="nightly-slice",
    flow_run_name=_run_name,
    task_runner=ThreadPoolTaskRunner(max_workers=CHUNKS_AT_A_TIME),  # type: ignore[arg-type]  # as above
    persist_result=False,
    retries=0,
)
def nightly_slice(
    inbox: str | None = None,
    workers: PositiveInt | None = None,
    policy: str | None = None,
    until: datetime | None = None,
) -> int:
    """Read what is free in an inbox, as a part of a run that judges it; return how many readings were begun.

    Nothing is claimed after `until`. What is not given is as the settings of this machine say.
    """
    deliver_patiently()
    with told_by_type():
        settings = flow_settings(inbox=inbox, workers=workers, policy=policy)
        policies = find_policies(settings.policy, settings.policies)
        with steps.open_slice(_inbox(settings), settings, policies, current(), Bounds(until)) as batch:
            begun = _read_all(batch, reading.plan_slice)
            artifacts.name_run(begun, *artifacts.tags_of(batch, "slice"))
            return begun


def _inbox(settings: Settings) -> str:
    if not settings.inbox:
        raise SettingsInvalid(text="inbox_not_named")
    return settings.inbox


def _run(settings: Settings, bounds: Bounds, *, spread: bool) -> Summary:
    policies = find_policies(settings.policy, settings.policies)
    with steps.open_batch(_inbox(settings), settings, policies, current(), bounds) as batch:
        steps.run_by_prefect(batch, str(flow_run.get_id()))
        end_lost_runs(batch.database, flow_run.get_parameters().get("inbox"))
        refuse_endless_crashes(batch.database, batch.name)
        steps.discover_applications(batch)
        work = _announce(batch)
        with artifacts.shown_progress(batch, work):
            with offered(batch, flow_run.get_parameters()) if spread else nullcontext():
                _read_all(batch, reading.plan_reading)
            for number, chunk in enumerate(judging.chunks_to_judge(batch), 1):
                judge_chunk(number, partial(judging.judge_chunk, batch, chunk))
        summary = steps.finish(batch)
        _report(batch, summary)
        return summary


def _announce(batch: Batch) -> ToDo:
    """Show and tell what the night has before it."""
    found = batch.database.read(lambda work: to_do(work, batch.name))
    ahead = ToDo(batch.bounds.room(found.unread), found.unjudged)
    artifacts.name_run(ahead.total, *artifacts.tags_of(batch, "coordinator"))
    night_events.tell_start(str(batch.run_id), ahead)
    return ahead


def _report(batch: Batch, summary: Summary) -> None:
    """Show and tell what came of the night."""
    back = batch.database.read(lambda work: look_back(work, summary.run))
    artifacts.show_end(summary, back, batch.settings.review_url)
    night_events.tell_end(summary, back, batch.settings)


def _read_all(batch: Batch, plan: Callable[[Batch], reading.ReadingPlan | None]) -> int:
    """Read by chunks, so many at a time, until nothing is planned any more; return how many readings were begun."""
    number = begun = 0
    while wave := plan(batch):
        step = partial(reading.read_chunk, batch, wave.size)
        ahead: deque[PrefectFuture[int]] = deque()
        for _ in range(wave.chunks):
            number += 1
            ahead.append(read_chunk.submit(number, step))
            if len(ahead) > CHUNKS_AT_A_TIME:
                claimed = ahead.popleft().result()
                begun += claimed
                if not claimed:
                    break  # others have claimed the rest
        begun += sum(future.result() for future in ahead)
    return begun
