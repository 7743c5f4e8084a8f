"""A registry of the version before removals and decisions is brought to the present schema with all that it holds."""

import pytest
from sqlalchemy import Connection, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from storage.columns import now
from storage.database import connect, make_engine
from storage.employments import Ending, end_employments
from storage.models import Employment, JudgedPerson, Person, RecordDecision, RegistryState, Version
from tests.storage.migrated import migrate
from tests.storage.samples import KEYS

PERSON, PROVIDER, HASH = b"p" * 32, b"t" * 32, "a" * 64
BEFORE = """
INSERT INTO applications VALUES (1, 'A-1', '/i', :hash, :hash, 'judged', 0, 0, NULL, NULL, NULL, :at);
INSERT INTO versions (id, application_key, fingerprint, procedure, submitted_at, read_at)
    VALUES (1, 1, :hash, 'personnel_addition', :at, :at);
INSERT INTO judgements (id, application_key, version_key, run_key, decision, policy, policy_version,
    pipeline_version, current, created_at)
    VALUES (1, 1, 1, :hash, 'verified', 'kilavuz-v3', '1', '1', true, :at);
INSERT INTO judged_people (judgement_key, position, national_id, person_index, decision, registered)
    VALUES (1, 0, :person, :person, 'verified', true);
INSERT INTO people (id, national_id, person_index, given_name, family_name, name_index, as_of, state, registered_at)
    VALUES (1, :person, :person, :person, :person, :person, :at, 'active', :at);
INSERT INTO providers (id, tax_number, tax_index, title, as_of) VALUES (1, :tax, :tax, :tax, :at);
INSERT INTO employments (id, person_key, provider_key, application_key, judgement_key, basis, state, created_at)
    VALUES (1, 1, 1, 1, 1, 'post_hoc', 'active', :at)
"""


@pytest.fixture
def url(database_url: str) -> str:
    """A database as it was before, with one employment in it."""
    engine = make_engine(database_url)
    migrate(engine, "0002")
    values = {"hash": HASH, "person": PERSON, "tax": PROVIDER, "at": "2026-11-01 09:00:00+00:00"}
    with engine.begin() as connection:
        for row in BEFORE.split(";"):
            connection.execute(text(row), {name: values[name] for name in values if f":{name}" in row})
    engine.dispose()
    return database_url


def test_what_was_there_stays_and_nothing_is_deleted_or_ended(url: str) -> None:
    database = connect(url, KEYS)
    with database.reading() as work:
        employment = work.session.scalars(select(Employment)).one()
        person = work.session.scalars(select(Person)).one()
        assert (employment.state, employment.ended_by) == (RegistryState.ACTIVE, None)
        assert (person.state, person.deleted_as_of) == (RegistryState.ACTIVE, None)
        assert work.session.scalars(select(JudgedPerson)).one().employed is None
        assert work.session.scalars(select(Version)).one().petition is None
        assert work.session.scalars(select(RecordDecision)).all() == []
    database.close()


def _people(connection: Connection) -> list[dict[str, object]]:
    return [dict(row) for row in connection.execute(text("SELECT * FROM people")).mappings()]


def test_people_lose_the_index_of_their_names_and_nothing_else(url: str) -> None:
    """Nothing looked a person up by it, and who is in the registry is told by the T.C. number."""
    engine = make_engine(url)
    migrate(engine, "0004")
    with engine.connect() as connection:
        (before,) = _people(connection)
    migrate(engine, "0005")
    with engine.connect() as connection:
        assert _people(connection) == [{name: before[name] for name in before if name != "name_index"}]
        names = [index["name"] for index in inspect(connection).get_indexes("people") if not index["unique"]]
        assert names == ["ix_people_registered_by"]
        assert len(inspect(connection).get_foreign_keys("people")) == 2
    engine.dispose()


def test_an_employment_of_before_can_be_ended(url: str) -> None:
    database = connect(url, KEYS)
    database.transact(lambda work: end_employments(work, [Ending(PERSON, PROVIDER, 1, now())]))
    with database.reading() as work:
        row = work.session.scalars(select(Employment)).one()
        assert (row.state, row.ended_by) == (RegistryState.CLOSED, 1)
    database.close()


def test_an_employment_is_ended_by_an_application_that_exists(url: str) -> None:
    database = connect(url, KEYS)
    with pytest.raises(IntegrityError):
        database.transact(lambda work: work.session.execute(update(Employment).values(ended_by=99)))
    database.close()
