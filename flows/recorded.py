"""The verdict on an application that the registry holds."""

from collections.abc import Mapping
from contextlib import closing

from flows.errors import ApplicationNotJudged, ApplicationUnknown
from flows.looks import Look, enter
from flows.verdict import OfficerRuling, Verdict
from storage.database import open_database
from storage.desk.asks import Reject, Return, Wait
from storage.desk.audit import Action
from storage.desk.history import Event
from storage.models import RulingKind
from storage.settings import Settings
from storage.verdicts import StoredVerdict, state_of, stored_verdict

RULINGS: Mapping[RulingKind, str] = {
    RulingKind.APPROVE: "approved",
    RulingKind.REJECT: "refused",
    RulingKind.RETURN: "returned",
    RulingKind.WAIT: "waiting",
    RulingKind.CORRECT: "corrected",
    RulingKind.MARK_KIND: "kind_changed",
    RulingKind.REOPEN: "reopened",
}
"""What `flows.verdict.OfficerRuling` calls the kinds of rulings."""


def recorded_verdict(application_id: str, settings: Settings, look: str, *, reveal: bool) -> Verdict:
    """Return the stored verdict, after the look at it was entered into the audit trail.

    Raises ApplicationUnknown, ApplicationNotJudged, StorageError.
    """
    with closing(open_database(settings)) as database:
        with database.reading() as work:
            found, state = stored_verdict(work, application_id), state_of(work, application_id)
        if found is not None:
            looks = [Look(Action(look), "application", application_id)]
            database.transact(lambda work: enter(work, looks, reveal=reveal))
    if found is not None:
        return as_verdict(found)
    if state is None:
        raise ApplicationUnknown(application=application_id)
    raise ApplicationNotJudged(application=application_id)


def as_verdict(found: StoredVerdict) -> Verdict:
    """Return a stored verdict as what explains it and writes its letter takes it."""
    return Verdict(
        found.judgement,
        found.application,
        found.policy_version,
        found.pipeline_version,
        found.judged_at,
        stored=True,
        rulings=tuple(map(_ruling, found.decisions)),
        stands=_ruling(found.stands) if found.stands is not None else None,
        evidence_destroyed_at=found.evidence_destroyed_at,
        facts_destroyed_at=found.facts_destroyed_at,
    )


def _ruling(event: Event) -> OfficerRuling:
    ask = event.ask
    return OfficerRuling(
        RULINGS[event.kind],
        event.seconded_at or event.ruled_at,
        event.reason,
        event.state.value,
        ask.until if isinstance(ask, Wait) else None,
        ask.letter if isinstance(ask, Return | Reject) else "",
    )
