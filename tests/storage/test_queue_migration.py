"""A registry of the version before the order of work and the ends of runs is brought to the present schema."""

import pytest
from sqlalchemy import select, text

from storage.database import connect, make_engine
from storage.models import ApplicationRow, Run, RunEnd
from storage.queue import claim
from storage.runs import interrupt_lost
from tests.storage.migrated import migrate
from tests.storage.samples import KEYS

AT, SIGNED = "2026-11-01 09:00:00+00:00", "2026-10-05 08:00:00+00:00"
BEFORE = (
    (
        "INSERT INTO applications"
        " (id, application_id, inbox, signature, fingerprint, state, attempts, claims, created_at)"
        " VALUES (1, 'A-1', '/i', 'x', 'now', 'pending', 0, 0, :at), (2, 'A-2', '/i', 'x', 'now', 'judged', 0, 1, :at)"
    ),
    (
        "INSERT INTO versions (id, application_key, fingerprint, submitted_at, read_at)"
        " VALUES (1, 2, 'before', :at, :at), (2, 2, 'now', :signed, :at)"
    ),
    (
        "INSERT INTO runs (id, inbox, policy, pipeline_version, started_at, finished_at)"
        " VALUES ('done', '/i', 'kilavuz-v3', '1', :at, :at), ('killed', '/i', 'kilavuz-v3', '1', :at, NULL)"
    ),
)


@pytest.fixture
def url(database_url: str) -> str:
    """A database as it was before, with a run that ended and one that was killed."""
    engine = make_engine(database_url)
    migrate(engine, "0005")
    with engine.begin() as connection:
        for row in BEFORE:
            values = {"at": AT, "signed": SIGNED}
            connection.execute(text(row), {name: values[name] for name in values if f":{name}" in row})
    engine.dispose()
    return database_url


def test_what_was_read_before_knows_when_it_was_signed_and_runs_how_they_ended(url: str) -> None:
    database = connect(url, KEYS)
    rows = database.read(lambda work: list(work.session.scalars(select(ApplicationRow)).all()))
    signed = {row.application_id: row.submitted_at and row.submitted_at.isoformat(" ") for row in rows}
    assert signed == {"A-1": None, "A-2": SIGNED}
    assert {row.not_before for row in rows} == {None}
    assert [each.application_id for each in claim(database, "/i", "owner", 5)] == ["A-1"]
    interrupt_lost(database)
    runs = database.read(lambda work: dict(work.session.execute(select(Run.id, Run.ended)).tuples().all()))
    assert runs == {"done": RunEnd.FINISHED, "killed": RunEnd.INTERRUPTED}
    database.close()
