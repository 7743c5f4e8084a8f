"""What kanit runs on a Prefect server: one entry a deployment. The root's prefect.yaml says the same.

A test compares the two; `kanit deploy` reads this one, since an installed wheel has no root.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

POOL = "kanit"
"""The work pool of kind `process` whose workers run everything here, one flow run at a time each."""
TAG = "kanit"
"""Marks what `kanit deploy` has made, and so what it may remove again."""
ISTANBUL = "Europe/Istanbul"


@dataclass(frozen=True, slots=True)
class Planned:
    """A deployment: a flow, when it runs, and with which parameters."""

    entrypoint: str
    """Module and flow, `flows.nightly:nightly`."""
    name: str
    description: str
    parameters: Mapping[str, bool] = field(default_factory=dict)
    cron: str | None = None
    """Istanbul time; None: only when somebody asks for it."""
    alone: bool = False
    """While one run goes on, another one is cancelled."""
    again: bool = False
    """A run that crashed is started anew."""


CATALOGUE = (
    Planned(
        "flows.nightly:nightly",
        "nightly",
        "Every night at 01:30: verify what is new or changed in the inbox, on every worker there is.",
        parameters={"spread": True},
        cron="30 1 * * *",
        alone=True,
        again=True,
    ),
    Planned(
        "flows.nightly:nightly",
        "manual",
        "A batch asked for by hand, with an inbox, a policy or a limit of its own.",
    ),
    Planned(
        "flows.nightly:nightly_slice",
        "slice",
        "The part of a night that one worker takes; the nightly run offers it, nobody needs to start it.",
    ),
    Planned(
        "flows.recheck:recheck",
        "weekly",
        "Every Monday at 07:00: count the employments that rest on old evidence.",
        cron="0 7 * * 1",
        alone=True,
    ),
    Planned(
        "flows.retention:retention",
        "monthly",
        "On the first of the month at 20:00: destroy what has been kept as long as the settings say.",
        cron="0 20 1 * *",
        alone=True,
    ),
)
