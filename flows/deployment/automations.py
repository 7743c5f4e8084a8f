"""What Prefect does by itself: runs that died, nights that did not start, and alarms, told through a block.

The numbers behind an alarm are compared by kanit (`flows.night_events`); an automation only reacts to its name. All
conditions on flow runs are bound to our deployments: the one against silent runs would end anybody's suspended run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState, DoNothing, RunDeployment, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from flows.deployment.catalogue import TAG, Planned

PREFIX = "kanit: "
"""Begins the name of every automation that `kanit deploy` has made, and so may remove again."""
NIGHT = "kanit.night"
"""Resource of the events about a night."""
ALARMS = {
    "flagged-share": "The share of flagged applications jumped against the last seven nights.",
    "failures": "More applications failed technically than the setting alarm_failures allows.",
    "queue-age": "The oldest waiting application is older than the setting alarm_queue_days allows.",
}
"""Alarm -> what it says; the event is called kanit.alarm.NAME."""

_ABOUT_A_RUN = "Flow run {{ flow_run.name }} ({{ flow_run.state.name }}): {{ flow_run.state.message }}"
_ABOUT_AN_EVENT = "{{ event.event }} at {{ event.occurred }}: {{ event.payload }}"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the automations wait."""

    silence: timedelta = timedelta(seconds=90)
    """Without a heartbeat, which a flow run sends every 30 seconds, it counts as dead; at least ten seconds."""
    night: timedelta = timedelta(hours=25)
    """Without a night that started, somebody is told."""
    again: timedelta = timedelta(minutes=1)
    """Before a crashed night is started anew: one that crashes at once must not keep a worker busy."""


def automations(
    deployments: Mapping[UUID, Planned], notify: UUID | None, patience: Patience
) -> Iterable[AutomationCore]:
    """Return every automation for the deployments of these ids. `notify` is the block that tells people."""
    yield _silent_runs(deployments, patience)
    for deployment, planned in deployments.items():
        if planned.again:
            yield _again(deployment, planned, patience)
    yield _automation(
        "run died",
        "A flow run crashed or failed.",
        _of_runs({"prefect.flow-run.Crashed", "prefect.flow-run.Failed"}, deployments),
        _tell(notify, "a run died", _ABOUT_A_RUN),
    )
    yield _no_night(notify, patience)
    for name, meaning in ALARMS.items():
        yield _automation(
            f"alarm {name}",
            meaning,
            EventTrigger(expect={f"kanit.alarm.{name}"}, posture=Posture.Reactive, threshold=1),
            _tell(notify, f"alarm {name}", f"{meaning}\n{_ABOUT_AN_EVENT}"),
        )


def _silent_runs(deployments: Iterable[UUID], patience: Patience) -> AutomationCore:
    trigger = EventTrigger(
        after={"prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.*"},
        match=_resource("prefect.flow-run.*"),
        match_related=_related(deployments),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=patience.silence,
    )
    message = (
        f"No sign of life for {patience.silence.total_seconds():.0f} seconds; its machine or worker died."
    )
    return _automation(
        "silent run",
        "Mark a flow run as crashed whose heartbeat ended.",
        trigger,
        ChangeFlowRunState(state=StateType.CRASHED, message=message),
    )


def _again(deployment: UUID, planned: Planned, patience: Patience) -> AutomationCore:
    return _automation(
        f"{planned.name} again",
        "Start a crashed night anew; it takes up what is left. Applications that kill their reader are parked.",
        _of_runs({"prefect.flow-run.Crashed"}, [deployment]),
        RunDeployment(source="selected", deployment_id=deployment, schedule_after=patience.again),
    )


def _no_night(notify: UUID | None, patience: Patience) -> AutomationCore:
    trigger = EventTrigger(
        expect={"kanit.night.started"},
        match=_resource(NIGHT),
        posture=Posture.Proactive,
        threshold=1,
        within=patience.night,
    )
    hours = patience.night.total_seconds() / 3600
    text = f"No night has started for {hours:.0f} hours. Is a worker running, and is the schedule active?"
    return _automation(
        "no night", "The night did not start.", trigger, _tell(notify, "no night has started", text)
    )


def _of_runs(events: set[str], deployments: Iterable[UUID]) -> EventTrigger:
    return EventTrigger(
        expect=events,
        match=_resource("prefect.flow-run.*"),
        match_related=_related(deployments),
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
    )


def _resource(identifier: str) -> ResourceSpecification:
    return ResourceSpecification({"prefect.resource.id": [identifier]})


def _related(deployments: Iterable[UUID]) -> ResourceSpecification:
    identifiers = [f"prefect.deployment.{each}" for each in deployments]
    return ResourceSpecification(
        {"prefect.resource.id": identifiers, "prefect.resource.role": ["deployment"]}
    )


def _tell(notify: UUID | None, subject: str, body: str) -> ActionTypes:
    # Without a block the automation still shows in the event feed that it was triggered.
    if notify is None:
        return DoNothing()
    return SendNotification(block_document_id=notify, subject=f"{PREFIX}{subject}", body=body)


def _automation(name: str, description: str, trigger: EventTrigger, action: ActionTypes) -> AutomationCore:
    return AutomationCore(
        name=f"{PREFIX}{name}", description=description, tags=[TAG], trigger=trigger, actions=[action]
    )
