"""`kanit deploy`: makes a Prefect server hold what the catalogue says and nothing else of ours.

A second run changes nothing. What operators decide in the UI stays: a paused work pool, deployment, schedule or
automation is not set going again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any
from uuid import UUID

import httpx
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from flows.deployment.automations import PREFIX, Patience, automations
from flows.deployment.catalogue import CATALOGUE, ISTANBUL, POOL, TAG, Planned
from flows.errors import NotifyBlockMissing, PrefectUnusable


class Done(StrEnum):
    """What became of one thing on the server."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of `kanit deploy`."""

    kind: str
    """`work_pool`, `deployment` or `automation`."""
    name: str
    done: Done


def deploy(notify_block: str = "", patience: Patience | None = None) -> list[Change]:
    """Bring the server of PREFECT_API_URL up to date and tell what was done.

    `notify_block` is the slug and name of a notification block, `slack-webhook/night`; empty: nobody is told. Raises
    PrefectUnusable; and NotifyBlockMissing after everything else was done.
    """
    try:
        with get_client(sync_client=True) as client:
            return list(_deploy(client, notify_block, patience or Patience()))
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        hint = ", KANIT_PREFECT_AUTH" if status == httpx.codes.UNAUTHORIZED else ""
        raise PrefectUnusable(reason=f"HTTP {status}{hint}") from error
    except (
        httpx.HTTPError,
        RuntimeError,
    ) as error:  # Prefect's client turns a refused connection into the latter
        raise PrefectUnusable(reason=type(error).__name__) from error


def _deploy(client: SyncPrefectClient, notify_block: str, patience: Patience) -> Iterator[Change]:
    notify = _block(client, notify_block) if notify_block else None
    yield from _everything(client, notify, patience)
    if notify_block and notify is None:  # only now: without telling anybody, everything works all the same
        raise NotifyBlockMissing(block=notify_block)


def _everything(client: SyncPrefectClient, notify: UUID | None, patience: Patience) -> Iterator[Change]:
    yield _pool(client)
    deployed: dict[UUID, Planned] = {}
    for planned in CATALOGUE:
        identifier, change = _deployment(client, planned)
        deployed[identifier] = planned
        yield change
    yield from _without_others(client, deployed)
    yield from _automations(client, list(automations(deployed, notify, patience)))


def _block(client: SyncPrefectClient, notify_block: str) -> UUID | None:
    slug, _, name = notify_block.partition("/")
    try:
        return client.read_block_document_by_name(name, slug).id
    except ObjectNotFound:
        return None


def _pool(client: SyncPrefectClient) -> Change:
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(
            WorkPoolCreate(name=POOL, type=ProcessWorker.type, base_job_template=template)
        )
        return Change("work_pool", POOL, Done.CREATED)
    return Change("work_pool", POOL, Done.UNCHANGED)


def _deployment(client: SyncPrefectClient, planned: Planned) -> tuple[UUID, Change]:
    flow = _flow(planned)
    wanted = _wanted(planned, flow)
    name = f"{flow.name}/{planned.name}"
    present = _present(client, name)
    if present is not None and _shape(present) == _shape_of(wanted):
        return present.id, Change("deployment", name, Done.UNCHANGED)
    if present is not None:
        wanted["schedules"] = [_as_active(each, present) for each in wanted["schedules"]]
    identifier = client.create_deployment(flow_id=client.create_flow_from_name(flow.name), **wanted)
    return identifier, Change("deployment", name, Done.CREATED if present is None else Done.UPDATED)


def _flow(planned: Planned) -> Flow[..., Any]:
    module, _, name = planned.entrypoint.partition(":")
    flow: Flow[..., Any] = getattr(import_module(module), name)
    return flow


def _present(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _wanted(planned: Planned, flow: Flow[..., Any]) -> dict[str, Any]:
    schedule = planned.cron and CronSchedule(cron=planned.cron, timezone=ISTANBUL)
    return {
        "name": planned.name,
        "description": planned.description,
        "entrypoint": planned.entrypoint,
        "parameters": dict(planned.parameters),
        "parameter_openapi_schema": _schema(parameter_schema(flow).model_dump_for_openapi()),
        "enforce_parameter_schema": True,
        "pull_steps": [],  # None would be steps that look for a folder
        "tags": [TAG],
        "work_pool_name": POOL,
        "concurrency_limit": 1 if planned.alone else None,
        "concurrency_options": _CANCEL_NEW if planned.alone else None,
        "schedules": [DeploymentScheduleCreate(schedule=schedule, slug=planned.name)] if schedule else [],
    }


def _schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    # `prefect deploy` leaves them out where there are none.
    return {name: value for name, value in schema.items() if value or name != "definitions"}


_CANCEL_NEW = ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def _shape_of(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {**wanted, "schedules": [(each.slug, each.schedule) for each in wanted["schedules"]]}


def _shape(present: DeploymentResponse) -> dict[str, Any]:
    limit = present.global_concurrency_limit
    return {
        "name": present.name,
        "description": present.description,
        "entrypoint": present.entrypoint,
        "parameters": present.parameters,
        "parameter_openapi_schema": _schema(present.parameter_openapi_schema or {}),
        "enforce_parameter_schema": present.enforce_parameter_schema,
        "pull_steps": present.pull_steps,
        "tags": present.tags,
        "work_pool_name": present.work_pool_name,
        "concurrency_limit": limit.limit if limit else None,
        "concurrency_options": present.concurrency_options,
        "schedules": [(each.slug, each.schedule) for each in present.schedules],
    }


def _as_active(schedule: DeploymentScheduleCreate, present: DeploymentResponse) -> DeploymentScheduleCreate:
    """Keep an operator's pause of the schedule of the same name."""
    active = {each.slug: each.active for each in present.schedules}.get(schedule.slug, True)
    return schedule.model_copy(update={"active": active})


def _without_others(client: SyncPrefectClient, ours: Mapping[UUID, Planned]) -> Iterator[Change]:
    tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    for deployment in client.read_deployments(deployment_filter=tagged):
        if deployment.work_pool_name == POOL and deployment.id not in ours:
            flow = client.read_flow(deployment.flow_id)
            client.delete_deployment(deployment.id)
            yield Change("deployment", f"{flow.name}/{deployment.name}", Done.REMOVED)


def _automations(client: SyncPrefectClient, wanted: Sequence[AutomationCore]) -> Iterator[Change]:
    present = [each for each in client.read_automations() if each.name.startswith(PREFIX)]
    for automation in wanted:
        same_name = [each for each in present if each.name == automation.name]
        yield Change("automation", automation.name, _automation(client, automation, same_name))
    names = {each.name for each in wanted}
    for automation in (each for each in present if each.name not in names):
        client.delete_automation(automation.id)
        yield Change("automation", automation.name, Done.REMOVED)


def _automation(client: SyncPrefectClient, wanted: AutomationCore, present: Sequence[Automation]) -> Done:
    if present:
        wanted = wanted.model_copy(update={"enabled": present[0].enabled})
        if len(present) == 1 and _plain(present[0]) == _plain(wanted):
            return Done.UNCHANGED
    for old in present:
        client.delete_automation(old.id)
    client.create_automation(wanted)
    return Done.UPDATED if present else Done.CREATED


def _plain(automation: AutomationCore) -> Any:
    """Return what an automation says, without the ids that the server gives it and without the order of sets."""
    return _sorted(automation.model_dump(mode="json"))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(each) for name, each in value.items() if name != "id"}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return sorted((_sorted(each) for each in value), key=repr)
    return value
