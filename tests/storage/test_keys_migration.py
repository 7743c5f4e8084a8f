"""A registry of the version before keys were rotated is brought to the present schema, and rotated."""

from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select, text

import storage
from storage.database import make_engine, open_database
from storage.desk.accounts import account_by_subject, admitted_subject
from storage.evidence import EvidenceStore
from storage.keys import load_keys
from storage.models import AccountRow
from storage.rotation import keys_in_use, rotate
from tests.storage.rotated import ISSUER, SUBJECT, settings_at

AT = "2026-11-01 09:00:00+00:00"
ACCOUNT = text(
    "INSERT INTO accounts (name, display, role, subject_index, failures, created_at)"
    " VALUES (:name, :display, 'reviewer', :subject, 0, :at)"
)


def _upgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_subjects_of_accounts_from_before_are_found_under_the_key_of_then(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_at(tmp_path / "home", database_url)
    keys = load_keys(settings.key_file)
    engine = make_engine(database_url)
    _upgrade(engine, "0008")
    subject = keys.index(f"{ISSUER}\0{SUBJECT}", "oidc_subject")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO key_mark (id, key_id) VALUES (1, :key)"), {"key": keys.id})
        for name, index in (("ayla", subject), ("bora", None)):
            display = keys.seal(name, "accounts.display")
            values = {"name": name, "display": display, "subject": index, "at": AT}
            connection.execute(ACCOUNT, values)
    engine.dispose()
    with closing(open_database(settings)) as database:
        with database.reading() as work:
            rows = dict(work.session.execute(select(AccountRow.name, AccountRow.subject_key)).tuples().all())
        assert rows == {"ayla": keys.id, "bora": None}
        store = EvidenceStore(settings.evidence_url, database.keys)
        (before,) = keys_in_use(database, store)
        assert (before.id, before.since, before.uses.values, before.uses.accounts) == (keys.id, None, 2, 1)
        rotate(settings, database, store)
        with database.reading() as work:
            assert account_by_subject(work, ISSUER, SUBJECT) is not None
        assert admitted_subject(database, ISSUER, SUBJECT) is not None
        assert {key.id: key.droppable for key in keys_in_use(database, store)}[keys.id]
