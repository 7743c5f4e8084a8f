"""The catalogue, the root's prefect.yaml and the flows say the same."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.deployment.catalogue import CATALOGUE, ISTANBUL, POOL, TAG, Planned

PREFECT_YAML = Path(__file__).resolve().parents[3] / "prefect.yaml"


def entry(planned: Planned) -> dict[str, Any]:
    """Return what prefect.yaml has to say of a deployment."""
    schedule = {"cron": planned.cron, "timezone": ISTANBUL, "active": True, "slug": planned.name}
    limit = {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    return {
        "name": planned.name,
        "entrypoint": planned.entrypoint,
        "description": planned.description,
        "tags": [TAG],
        "parameters": dict(planned.parameters),
        "work_pool": {"name": POOL},
        "schedules": [schedule] if planned.cron else [],
    } | ({"concurrency_limit": limit} if planned.alone else {})


def test_prefect_yaml_says_what_the_catalogue_says() -> None:
    said = yaml.safe_load(PREFECT_YAML.read_text("utf-8"))
    assert said["pull"] == []
    assert said["deployments"] == [entry(planned) for planned in CATALOGUE]


@pytest.mark.parametrize("planned", CATALOGUE, ids=lambda planned: planned.name)
def test_a_deployment_gives_its_flow_only_what_the_flow_takes(planned: Planned) -> None:
    module, _, name = planned.entrypoint.partition(":")
    flow = getattr(import_module(module), name)
    inspect.signature(flow.fn).bind_partial(**planned.parameters)


def test_the_manual_deployment_can_be_asked_for_an_inbox_a_policy_and_a_limit() -> None:
    (manual,) = (planned for planned in CATALOGUE if planned.name == "manual")
    taken = inspect.signature(import_module("flows.nightly").nightly.fn).parameters
    assert {"inbox", "policy", "limit"} <= taken.keys()
    assert all(each.default is not inspect.Parameter.empty for each in taken.values())
    assert manual.cron is None
