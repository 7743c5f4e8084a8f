import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import KeyUnusable, WrongKey
from storage.keys import Keyring, format_key, load_keys, parse_key
from tests.storage.samples import KEYS

OTHER = Keyring(b"another secret of thirty-two byt")


@given(st.text())
@settings(max_examples=50)
def test_what_is_sealed_opens_again(text: str) -> None:
    assert KEYS.unseal(KEYS.seal(text, "people.given_name"), "people.given_name") == text


def test_sealing_twice_gives_two_texts_that_tell_nothing() -> None:
    first, second = (KEYS.seal("10000000146", "people.national_id") for _ in range(2))
    assert first != second
    assert b"10000000146" not in first


def test_what_was_sealed_for_one_column_does_not_open_as_another() -> None:
    with pytest.raises(WrongKey, match="moved to another place"):
        KEYS.unseal(KEYS.seal("AYŞE", "people.given_name"), "people.family_name")


def test_altered_data_does_not_open() -> None:
    sealed = bytearray(KEYS.seal("AYŞE", "people.given_name"))
    sealed[-1] ^= 1
    with pytest.raises(WrongKey, match="altered"):
        KEYS.unseal(bytes(sealed), "people.given_name")


def test_another_key_is_told_by_its_id_and_with_a_remedy() -> None:
    with pytest.raises(WrongKey, match=f"{KEYS.id}.*{OTHER.id}") as refused:
        OTHER.unseal(KEYS.seal("AYŞE", "people.given_name"), "people.given_name")
    assert "KANIT_KEY" in refused.value.remedy


def test_evidence_and_columns_have_different_keys() -> None:
    with pytest.raises(WrongKey):
        KEYS.open_evidence(KEYS.seal_bytes(b"x", "a"), "a")


def test_the_index_is_equal_for_equal_values_of_a_kind_and_key_only() -> None:
    index = KEYS.index("10000000146", "national_id")
    assert index == KEYS.index("10000000146", "national_id")
    assert index != KEYS.index("10000000146", "tax_number")
    assert index != OTHER.index("10000000146", "national_id")


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "key"
    first = load_keys(path)
    assert load_keys(path).id == first.id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key"]


def test_processes_that_make_the_key_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: load_keys(tmp_path / "key").id, range(32)))
    assert len(ids) == 1


def test_a_key_may_come_from_the_environment(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "key", format_key(b"k" * 32)).id == Keyring(b"k" * 32).id
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize(
    "text", ["", "kanit-key-1", "kanit-key-1:00000000:!!!", "kanit-key-1:00000000:AAAA", "other:1:2"]
)
def test_a_text_that_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(KeyUnusable) as refused:
        parse_key(text, "KANIT_KEY")
    assert refused.value.remedy
    assert "AAAA" not in str(refused.value)


def test_a_key_whose_id_does_not_fit_is_damaged() -> None:
    form, key_id, secret = format_key(b"k" * 32).split(":")
    with pytest.raises(KeyUnusable, match="damaged"):
        parse_key(f"{form}:{key_id[::-1]}:{secret}", "KANIT_KEY")


def test_a_key_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="cannot be read"):
        load_keys(tmp_path)
