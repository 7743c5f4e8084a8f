"""Policies are data; a faulty one is refused, whatever is wrong with it."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.validators import factory as f
from validators.catalogue import CATALOGUE
from validators.finding import Code, Level
from validators.policy import Parameters, Policy, PolicyFault, PolicyInvalid, load_policy
from validators.policy_series import known_policies

HEAD = 'name = "deneme"\nversion = "1"\nbasis = "Deneme"\nvalid_from = 2026-01-01\n'


SHIPPED = [pytest.param(policy, id=name) for name, policy in known_policies().items()]
shipped = pytest.mark.parametrize("policy", SHIPPED)


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
        "official_document_in_addition": "review",
        "gazette_age_note_days": 365,
        "issuer_check_required": False,
        "removal": "accept",
        "statement_max_age_note_days": 30,
        "statement_max_age_review_days": 183,
    }


@shipped
def test_a_policy_of_the_project_says_on_what_each_answer_rests(policy: Policy) -> None:
    """Every parameter, and every level other than the contract's, has a clause or an ambiguity of the guide."""
    changed = {code.value for code, level in policy.levels.items() if level is not CATALOGUE[code].level}
    assert {*Parameters.model_fields, *changed} == set(policy.basis) - {"policy"}
    grounds = {name: text for name, text in policy.basis.items() if name != "policy"}
    assert [name for name, text in grounds.items() if not re.search(r"m\.\d+\(\d\)|TBK m\.\d+", text)] == []


@shipped
def test_a_policy_of_the_project_spells_out_every_parameter(policy: Policy) -> None:
    assert policy.parameters.model_fields_set == set(Parameters.model_fields)


def test_the_other_policies_answer_what_the_guide_leaves_open_differently() -> None:
    """A-3 (declaration in m.7), A-9 (age of a statement), TBK m.92 (counting), m.6(3)(d) (check with the issuer)."""
    default, strict, lenient = (
        load_policy(name) for name in ("kilavuz-v3", "kilavuz-v3-strict", "kilavuz-v3-lenient")
    )
    not_foreseen = Code.DECLARATION_NOT_FORESEEN
    assert [policy.level(not_foreseen) for policy in (default, strict)] == [Level.REVIEW, Level.BLOCK]
    assert lenient.parameters.declaration_in_addition == "accept"
    ages = [p.parameters.statement_max_age_review_days for p in (strict, default, lenient)]
    assert ages == sorted(set(ages))
    assert [p.parameters.month_counting for p in (strict, default, lenient)] == [
        "strict",
        "strict",
        "lenient",
    ]
    assert [p.parameters.issuer_check_required for p in (strict, default, lenient)] == [True, False, False]


def test_a_policy_is_in_force_from_its_first_to_its_last_day() -> None:
    policy = f.POLICY.model_copy(update={"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)})
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [policy.in_force(day) for day in days] == [False, True, True, False]


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
        (HEAD + "valid_to = 2025-12-31\n", "valid_to is before valid_from"),
        (HEAD.replace('basis = "Deneme"', ""), "basis"),
        (HEAD.replace('basis = "Deneme"', 'basis = " "'), "these say nothing: policy"),
        (
            HEAD.replace('basis = "Deneme"', "") + '[basis]\nmonth_counting = "TBK m.92"\n',
            "'policy' is missing",
        ),
        (
            HEAD.replace('basis = "Deneme"', "") + '[basis]\npolicy = "x"\nage = "y"\n',
            "no such parameter or code: age",
        ),
    ],
)
def test_a_faulty_policy_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said):
        load_policy(write(tmp_path, text))


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match=PolicyFault.UNREADABLE):
        load_policy(str(tmp_path / "yok.toml"))
    with pytest.raises(PolicyInvalid, match=PolicyFault.UNREADABLE):
        load_policy("yok")


@pytest.mark.parametrize(
    ("text", "fault", "places"),
    [
        ("name = ", PolicyFault.NOT_TOML, None),
        (HEAD.replace("Deneme", "\udcff"), PolicyFault.NOT_TOML, None),
        (HEAD + '[levels]\nNO_SUCH = "note"\n', PolicyFault.NOT_A_POLICY, "levels.NO_SUCH"),
        (
            HEAD + "age = 3\n[parameters]\nage = 3\n",
            PolicyFault.NOT_A_POLICY,
            "parameters.age, age",
        ),
        (HEAD + "valid_to = 2025-12-31\n", PolicyFault.NOT_A_POLICY, "policy"),
    ],
)
def test_a_fault_says_where_it_is(tmp_path: Path, text: str, fault: PolicyFault, places: str | None) -> None:
    file = tmp_path / "deneme.toml"
    file.write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(PolicyInvalid) as refused:
        load_policy(str(file))
    assert refused.value.fault is fault
    assert (refused.value.facts.get("places"), refused.value.facts["policy"]) == (places, str(file))


BASIS = 'basis = "Deneme"'


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("name = ", "Invalid value (at end of document)"),
        (HEAD + "valid_to = 2025-12-31\n", "Value error, valid_to is before valid_from"),
        (
            HEAD.replace(BASIS, "") + '[basis]\npolicy = "x"\ntown = "y"\nage = "z"\n',
            "Value error, there is no such parameter or code: age, town",
        ),
        (
            HEAD.replace(BASIS, "") + '[basis]\npolicy = " "\nremoval = ""\n',
            "Value error, these say nothing: policy, removal",
        ),
        (
            HEAD.replace(BASIS, "") + '[basis]\nremoval = "m.7"\n',
            "Value error, 'policy' is missing: the text that the policy applies",
        ),
        (
            HEAD + '[levels]\nNO_LINK = "note"\nQR_MISSING = "note"\n',
            "Value error, acceptance rests on these, they cannot be notes: NO_LINK, QR_MISSING",
        ),
        (
            HEAD + "age = 3\n[parameters]\nage = 3\n",
            "Extra inputs are not permitted; Extra inputs are not permitted",
        ),
    ],
)
def test_a_fault_says_what_is_wrong(tmp_path: Path, text: str, details: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        load_policy(write(tmp_path, text))
    assert refused.value.facts["details"] == details


def test_a_policy_may_begin_and_end_on_one_day(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path, HEAD + "valid_to = 2026-01-01\n"))
    assert policy.in_force(date(2026, 1, 1))
    assert not policy.in_force(date(2026, 1, 2))


@pytest.mark.parametrize("code", [code for code, entry in CATALOGUE.items() if entry.essential])
def test_what_acceptance_rests_on_cannot_become_a_note(code: Code) -> None:
    with pytest.raises(ValueError, match=code.value):
        f.policy({code.value: "note"})


def test_every_blocking_code_is_essential() -> None:
    assert all(entry.essential for entry in CATALOGUE.values() if entry.level is Level.BLOCK)
