"""The verdict on an application that the registry holds."""

from contextlib import closing

from flows.errors import ApplicationNotJudged, ApplicationUnknown
from flows.verdict import OfficerRuling, Verdict
from storage.database import open_database
from storage.settings import Settings
from storage.verdicts import StoredVerdict, state_of, stored_verdict


def recorded_verdict(application_id: str, settings: Settings) -> Verdict:
    """Return the stored verdict. Raises ApplicationUnknown, ApplicationNotJudged, StorageError."""
    with closing(open_database(settings)) as database, database.reading() as work:
        found = stored_verdict(work, application_id)
        state = state_of(work, application_id)
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
        rulings=tuple(OfficerRuling(r.decision.value, r.decided_at, r.note) for r in found.decisions),
        evidence_destroyed_at=found.evidence_destroyed_at,
        facts_destroyed_at=found.facts_destroyed_at,
    )
