"""Policies are data; a faulty one is refused, whatever is wrong with it."""

from pathlib import Path

import pytest

from tests.validators import factory as f
from validators.catalogue import CATALOGUE
from validators.finding import Code, Level
from validators.policy import PolicyInvalid, load_policy

HEAD = 'name = "deneme"\nversion = "1"\nbasis = "Deneme"\nvalid_from = 2026-01-01\n'


def write(folder: Path, text: str) -> str:
    file = folder / "deneme.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_default_policy_spells_out_the_levels_of_the_contract() -> None:
    policy = load_policy()
    assert policy.name == "kilavuz-v3"
    assert dict(policy.levels) == {code: entry.level for code, entry in CATALOGUE.items()}


def test_default_policy_reads_the_guide_strictly() -> None:
    assert load_policy().parameters.model_dump() == {
        "title_alone": "review",
        "month_counting": "strict",
        "declaration_in_addition": "review",
        "statement_max_age_note_days": 30,
        "statement_max_age_review_days": 183,
    }


def test_a_policy_of_ones_own_changes_only_what_it_names(tmp_path: Path) -> None:
    text = HEAD + '[levels]\nPERSON_NAME_DIFFERS = "note"\n[parameters]\nmonth_counting = "lenient"\n'
    policy = load_policy(write(tmp_path, text))
    assert policy.level(Code.PERSON_NAME_DIFFERS) is Level.NOTE
    assert policy.level(Code.NO_LINK) is Level.BLOCK
    assert policy.parameters.month_counting == "lenient"
    assert policy.parameters.title_alone == "review"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + '[levels]\nNO_SUCH_CODE = "note"\n', "NO_SUCH_CODE"),
        (HEAD + '[levels]\nNO_LINK = "warning"\n', "NO_LINK"),
        (HEAD + "[parameters]\nage = 3\n", "age"),
        (HEAD + '[parameters]\ntitle_alone = "always"\n', "title_alone"),
        (HEAD + 'colour = "red"\n', "colour"),
        (HEAD.replace("valid_from = 2026-01-01\n", ""), "valid_from"),
        ("name = ", "deneme.toml"),
    ],
)
def test_a_faulty_policy_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said):
        load_policy(write(tmp_path, text))


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match="cannot be read"):
        load_policy(str(tmp_path / "yok.toml"))
    with pytest.raises(PolicyInvalid, match="cannot be read"):
        load_policy("yok")


@pytest.mark.parametrize("code", [code for code, entry in CATALOGUE.items() if entry.essential])
def test_what_acceptance_rests_on_cannot_become_a_note(code: Code) -> None:
    with pytest.raises(ValueError, match=code.value):
        f.policy({code.value: "note"})


def test_every_blocking_code_is_essential() -> None:
    assert all(entry.essential for entry in CATALOGUE.values() if entry.level is Level.BLOCK)
