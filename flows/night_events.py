"""Tells Prefect's event feed that a night started and finished, and which alarms it rang. Ids and counts only.

The automations of `kanit deploy` wait for these names (`flows.deployment.automations`).
"""

from dataclasses import asdict

from prefect.events import emit_event

from flows.alarms import Payload, alarms
from flows.summary import Summary
from storage.nights import LookBack, ToDo
from storage.settings import Settings

RESOURCE = {"prefect.resource.id": "kanit.night", "prefect.resource.name": "night"}


def tell_start(run: str, work: ToDo) -> None:
    """Tell that a night has begun and what it has before it."""
    _tell("night.started", {"run": run, "to_read": work.unread, "to_judge": work.unjudged})


def tell_end(summary: Summary, back: LookBack, settings: Settings) -> None:
    """Tell what came of a night, and then every alarm that it rings."""
    figures = {**asdict(summary.counts), "seconds": round(summary.seconds, 1), "parked": back.parked}
    _tell("night.finished", {"run": summary.run, **figures})
    for alarm in alarms(back, settings):
        _tell(f"alarm.{alarm.name}", {"run": summary.run, **alarm.payload})


def _tell(name: str, payload: Payload) -> None:
    emit_event(f"kanit.{name}", resource=RESOURCE, payload=dict(payload))
