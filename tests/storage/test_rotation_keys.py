"""Keys before and after a rotation: prepared, held by the environment, listed, dropped when nothing rests on them."""

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from storage.columns import now
from storage.database import connect, open_database
from storage.desk.accounts import (
    account_by_subject,
    admitted_subject,
    disable,
    enable,
    link_subject,
)
from storage.desk.audit import forget
from storage.errors import RotationImpossible, WrongKey
from storage.keys import Keyring, load_keys, remove_key
from storage.models import KeyEra, KeyMark
from storage.rotation import KeyState, Uses, drop, keys_in_use, prepare
from storage.rotation_indexes import change_over
from tests.storage.rotated import (
    ISSUER,
    SUBJECT,
    Registry,
    assert_turned,
    contents,
    fill,
    registry_at,
    settings_at,
    turn,
)
from tests.storage.samples import Crash, crash_before


@pytest.fixture
def registry(tmp_path: Path, database_url: str) -> Iterator[Registry]:
    """A filled registry with a key file of its own."""
    with registry_at(tmp_path / "home", database_url) as made:
        fill(made)
        yield made


def test_a_key_is_dropped_when_nothing_rests_on_it(registry: Registry) -> None:
    report = turn(registry)
    database, store, settings = registry.database, registry.store, registry.settings
    with pytest.raises(RotationImpossible, match=r"3 audit lines and 1 accounts"):
        drop(settings, database, store, report.before)
    assert admitted_subject(database, ISSUER, SUBJECT) is not None
    with pytest.raises(RotationImpossible, match="0 accounts"):
        drop(settings, database, store, report.before)
    database.transact(lambda work: forget(work, now()))
    drop(settings, database, store, report.before)
    assert load_keys(settings.key_file).ids == (report.key,)
    assert settings.key_file.read_text().count("\n") == 1
    with closing(open_database(settings)) as fresh:
        opened = dataclasses.replace(registry, inbox=dataclasses.replace(registry.inbox, database=fresh))
        assert len(contents(opened)) > 100
        with fresh.reading() as work:
            assert account_by_subject(work, ISSUER, SUBJECT) is not None


def test_the_subject_of_a_disabled_account_keeps_no_key(registry: Registry) -> None:
    report = turn(registry)
    disable(registry.database, "ayla")
    registry.database.transact(lambda work: forget(work, now()))
    drop(registry.settings, registry.database, registry.store, report.before)
    enable(registry.database, "ayla")
    link_subject(registry.database, "ayla", ISSUER, SUBJECT)
    assert admitted_subject(registry.database, ISSUER, SUBJECT) is not None


def test_the_current_key_and_an_unknown_one_are_not_dropped(registry: Registry) -> None:
    for key, words in ((registry.database.keys.id, "current"), ("00000000", "no key 00000000")):
        with pytest.raises(RotationImpossible, match=words):
            drop(registry.settings, registry.database, registry.store, key)


def test_values_that_nobody_sealed_anew_keep_a_key_from_being_dropped(registry: Registry) -> None:
    old = registry.database.keys.id
    with pytest.raises(Crash), crash_before(registry.database, "UPDATE versions", 1):
        turn(registry)
    with pytest.raises(RotationImpossible, match=r"\d+ values, 5 files"):
        drop(registry.settings, registry.database, registry.store, old)
    assert old in load_keys(registry.settings.key_file).ids


def test_a_prepared_key_is_used_by_the_next_rotation(registry: Registry) -> None:
    new = prepare(registry.settings, registry.database)
    assert prepare(registry.settings, registry.database) == new
    assert registry.database.keys.now().id != new, "nothing changes yet"
    states = {key.id: key.state for key in keys_in_use(registry.database, registry.store)}
    assert states[new] is KeyState.PREPARED
    assert turn(registry).key == new


def test_keys_of_the_environment_are_rotated_in_two_steps(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    with registry_at(home, database_url) as registry:
        fill(registry)
        before, old = contents(registry), registry.database.keys.id
    monkeypatch.setenv("KANIT_KEY", (home / "key").read_text())
    (home / "key").unlink()
    settings = settings_at(home, database_url)
    with closing(open_database(settings)) as database:
        moved = Registry(settings, dataclasses.replace(registry.inbox, database=database))
        with pytest.raises(RotationImpossible, match="KANIT_KEY"):
            turn(moved)
        prepared = prepare(settings, database, tmp_path / "new")
        with pytest.raises(RotationImpossible, match="already"):
            prepare(settings, database, tmp_path / "new")
    monkeypatch.setenv("KANIT_KEY", " ".join((tmp_path / "new").read_text().split()))
    settings = settings_at(home, database_url)
    with closing(open_database(settings)) as database:
        moved = Registry(settings, dataclasses.replace(registry.inbox, database=database))
        assert turn(moved).key == prepared
        assert_turned(moved, before, old)
        admitted_subject(database, ISSUER, SUBJECT)
        database.transact(lambda work: forget(work, now()))
        with pytest.raises(RotationImpossible, match=rf"{old}.*stands in KANIT_KEY"):
            drop(settings, database, moved.store, old)
    assert not (home / "key").exists()


def test_a_registry_of_another_key_and_a_backup_from_before_open_with_the_file_of_both(
    registry: Registry, database_url: str
) -> None:
    report = turn(registry)
    with registry.database.engine.begin() as connection:
        connection.execute(update(KeyMark).values(key_id=report.before))
        connection.execute(KeyEra.__table__.delete())  # type: ignore[attr-defined]  # a table
    with closing(connect(database_url, load_keys(registry.settings.key_file))) as restored:
        assert restored.keys.now().id == report.before
    with pytest.raises(WrongKey):
        connect(database_url, Keyring(b"y" * 32))


def test_a_key_that_was_taken_out_by_hand_is_told_as_missing(registry: Registry) -> None:
    report = turn(registry)
    remove_key(registry.settings.key_file, report.before)
    with closing(open_database(registry.settings)) as database:
        keys = {key.id: key for key in keys_in_use(database, registry.store)}
    missing = keys[report.before]
    assert (missing.state, missing.uses, missing.droppable) == (
        KeyState.MISSING,
        Uses(audit_lines=3, accounts=1),
        False,
    )


def test_a_prepared_key_that_was_dropped_is_not_changed_over_to(registry: Registry) -> None:
    """By another operator, a moment before: the key is at hand, and no longer in the file."""
    old, new = registry.database.keys.id, prepare(registry.settings, registry.database)
    registry.database.keys.read_again()
    drop(registry.settings, registry.database, registry.store, new)
    with pytest.raises(RotationImpossible, match=f"no key {new}"):
        change_over(registry.database, new)
    assert registry.database.keys.now().id == old


def test_a_prepared_key_that_became_the_current_one_is_not_dropped(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another operator, between the look and the deed."""
    new = prepare(registry.settings, registry.database)
    looked = keys_in_use(registry.database, registry.store)
    turn(registry)
    monkeypatch.setattr("storage.rotation.keys_in_use", lambda *_: looked)
    with pytest.raises(RotationImpossible, match="current"):
        drop(registry.settings, registry.database, registry.store, new)
    assert new in load_keys(registry.settings.key_file).ids
