"""Several keys: the current one seals, the others open; the file and the variable that hold them."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import KeyUnusable, WrongKey
from storage.keys import (
    Keyring,
    LiveKeyring,
    add_key,
    create_key_file,
    format_key,
    key_of,
    load_keys,
    parse_key,
    person_index,
    person_indexes,
    remove_key,
    with_new_key,
)

OLD, NEW = b"o" * 32, b"n" * 32
COLUMN = "people.given_name"


def test_the_first_key_seals_and_the_others_open() -> None:
    sealed = Keyring(OLD).seal("AYŞE", COLUMN)
    both = Keyring(NEW, OLD)
    assert both.unseal(sealed, COLUMN) == "AYŞE"
    assert key_of(both.seal("AYŞE", COLUMN)) == both.id == Keyring(NEW).id
    assert both.open_evidence(Keyring(OLD).seal_evidence(b"x", "f"), "f") == b"x"
    with pytest.raises(WrongKey):
        Keyring(OLD).unseal(both.seal("AYŞE", COLUMN), COLUMN)


@given(
    texts=st.lists(st.tuples(st.integers(0, 3), st.text(max_size=40)), max_size=6),
    order=st.permutations(range(4)),
)
def test_whatever_any_of_the_keys_sealed_opens_in_any_order_of_them(
    texts: list[tuple[int, str]], order: list[int]
) -> None:
    secrets = [bytes([number]) * 32 for number in range(4)]
    keys = Keyring(*(secrets[number] for number in order))
    for number, text in texts:
        sealed = Keyring(secrets[number]).seal(text, COLUMN)
        again = keys.under(keys.ids[0]).seal(keys.unseal(sealed, COLUMN), COLUMN)
        assert keys.unseal(again, COLUMN) == text
        assert key_of(again) == keys.id


def test_another_key_can_be_the_current_one_without_changing_this_object() -> None:
    both = Keyring(NEW, OLD)
    older = both.under(Keyring(OLD).id)
    assert (older.id, both.id) == (Keyring(OLD).id, Keyring(NEW).id)
    assert older.ids == both.ids
    assert person_index(older, "10000000146") == person_index(Keyring(OLD), "10000000146")


def test_an_index_under_every_key_is_there_for_what_keeps_its_own() -> None:
    number = "10000000146"
    alone = {person_index(Keyring(secret), number) for secret in (OLD, NEW)}
    assert set(person_indexes(Keyring(NEW, OLD), number)) == alone


def test_sealed_data_that_was_cut_short_is_told() -> None:
    keys = Keyring(OLD)
    sealed = keys.seal("AYŞE", COLUMN)
    for length in (4, 10, 16, 31):
        with pytest.raises(WrongKey):
            keys.unseal(sealed[:length], COLUMN)


def test_a_live_keyring_follows_the_mark() -> None:
    marks = [Keyring(OLD).id, Keyring(NEW).id]
    live = LiveKeyring(Keyring(NEW, OLD), lambda: marks[0])
    view = live.now()
    assert view.id == live.id == marks.pop(0)
    assert live.now().id == live.id == Keyring(NEW).id
    assert view.id == Keyring(OLD).id, "what was begun goes on under its key"
    assert LiveKeyring(Keyring(NEW), lambda: None).now().id == Keyring(NEW).id


def test_a_mark_of_a_key_that_is_not_at_hand_is_refused() -> None:
    live = LiveKeyring(Keyring(NEW), lambda: Keyring(OLD).id)
    with pytest.raises(WrongKey, match=f"{Keyring(OLD).id}.*{Keyring(NEW).id}"):
        live.now()
    assert live.id == Keyring(NEW).id


@pytest.mark.parametrize("between", ["\n", " ", ", ", "\r\n", "\n\n"])
def test_several_keys_are_read_however_they_are_parted(between: str) -> None:
    text = between.join(map(format_key, (NEW, OLD)))
    assert parse_key(f"\n{text}\n", "KANIT_KEY").ids == (Keyring(NEW).id, Keyring(OLD).id)


def test_one_damaged_key_among_several_is_told_without_being_repeated() -> None:
    with pytest.raises(KeyUnusable) as refused:
        parse_key(f"{format_key(NEW)}\nkanit-key-1:00000000:AAAA", "KANIT_KEY")
    assert "AAAA" not in str(refused.value)


def test_a_key_file_of_one_key_is_one_line_as_before(tmp_path: Path) -> None:
    keys = load_keys(tmp_path / "key")
    form, key_id, secret = (tmp_path / "key").read_text().split(":")
    assert (form, key_id, len(secret)) == ("kanit-key-1", keys.id, 45)
    assert add_key(tmp_path / "key") != keys.id
    remove_key(tmp_path / "key", load_keys(tmp_path / "key").id)
    assert (tmp_path / "key").read_text() == f"{form}:{key_id}:{secret}"


def test_a_new_key_stands_before_the_old_one_which_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "key"
    old = load_keys(path)
    path.chmod(0o640)
    new = add_key(path)
    assert load_keys(path).ids == (new, old.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640, "rights that somebody gave it stay"
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_new_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    load_keys(path)
    add_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_to_the_key_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    old = load_keys(tmp_path / "real" / "key")
    (tmp_path / "key").symlink_to(tmp_path / "real" / "key")
    new = add_key(tmp_path / "key")
    assert (tmp_path / "key").is_symlink()
    assert load_keys(tmp_path / "real" / "key").ids == (new, old.id)


def test_of_keys_that_are_added_at_once_none_is_lost(tmp_path: Path) -> None:
    old = load_keys(tmp_path / "key").id
    with ThreadPoolExecutor(4) as pool:
        added = set(pool.map(lambda _: add_key(tmp_path / "key"), range(12)))
    assert set(load_keys(tmp_path / "key").ids) == {old, *added}
    assert len(added) == 12


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    load_keys(path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyUnusable):
        add_key(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_the_last_key_is_never_taken_out(tmp_path: Path) -> None:
    keys = load_keys(tmp_path / "key")
    remove_key(tmp_path / "key", keys.id)
    assert load_keys(tmp_path / "key").id == keys.id


def test_keys_that_were_loaded_before_find_one_that_was_added_since(tmp_path: Path) -> None:
    running = load_keys(tmp_path / "key")
    view = running.under(running.id)
    new = add_key(tmp_path / "key")
    sealed = load_keys(tmp_path / "key").under(new).seal("AYŞE", COLUMN)
    assert view.unseal(sealed, COLUMN) == "AYŞE"
    assert running.under(new).id == new


def test_a_new_file_holds_the_keys_of_a_text_and_overwrites_nothing(tmp_path: Path) -> None:
    lines = with_new_key(format_key(OLD), "KANIT_KEY")
    assert create_key_file(tmp_path / "key", lines)
    keys = load_keys(tmp_path / "key")
    assert keys.ids[1:] == (Keyring(OLD).id,)
    assert not create_key_file(tmp_path / "key", with_new_key(format_key(OLD), "KANIT_KEY"))
    assert load_keys(tmp_path / "key").ids == keys.ids
