"""Which policy an application is judged under: the one in force on its reference day (Kılavuz m.9(1), m.10(1))."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validators import factory as f
from validators.case import Case
from validators.finding import Code
from validators.judgement import judge
from validators.policy import Policy, PolicyFault, PolicyInvalid, load_policy
from validators.policy_series import PolicySeries, find_policies, in_series, known_policies, policy_for

FIRST = date(2021, 1, 5)
SECOND = date(2027, 1, 1)


def own(
    folder: Path, name: str, begins: date, series: str | None = "kilavuz", ends: date | None = None
) -> None:
    """Write a policy of one's own."""
    lines = [f'name = "{name}"', 'version = "1"', 'basis = "Deneme"', f"valid_from = {begins}"]
    lines += [f'series = "{series}"'] if series else []
    lines += [f"valid_to = {ends}"] if ends else []
    (folder / f"{name}.toml").write_text("\n".join(lines), "utf-8")


def named(name: str, begins: date, ends: date | None = None) -> Policy:
    return f.POLICY.model_copy(update={"name": name, "valid_from": begins, "valid_to": ends})


def test_the_series_of_the_guide_is_the_default() -> None:
    assert find_policies().name == "kilavuz"
    assert find_policies().on(date(2026, 11, 20)).name == "kilavuz-v3"


def test_the_next_policy_of_a_series_repeals_the_one_before(tmp_path: Path) -> None:
    """m.9(1): the version before is repealed; m.10(1): the new one is in force from its day."""
    own(tmp_path, "kilavuz-v4", SECOND)
    series = find_policies("kilavuz", tmp_path)
    days = [FIRST, SECOND - timedelta(days=1), SECOND, date(2030, 1, 1)]
    assert [series.on(day).name for day in days] == ["kilavuz-v3", "kilavuz-v3", "kilavuz-v4", "kilavuz-v4"]


def test_each_application_is_judged_under_the_policy_of_its_reference_day(tmp_path: Path) -> None:
    own(tmp_path, "kilavuz-v4", date(2026, 11, 20))
    series = find_policies("kilavuz", tmp_path)
    evening, midnight = "2026-11-19T23:59:00+03:00", "2026-11-19T21:00:00+00:00"
    assert policy_for(series, f.application(submitted_at=evening)).name == "kilavuz-v3"
    assert policy_for(series, f.application(submitted_at=midnight)).name == "kilavuz-v4"
    assert policy_for(series, None).name == "kilavuz-v4"


def test_before_all_policies_the_earliest_is_applied_and_the_judgement_says_so() -> None:
    about = f.application(submitted_at="2020-12-24T14:05:00+03:00")
    policy = policy_for(find_policies(), about)
    assert policy.name == "kilavuz-v3"
    assert Code.POLICY_NOT_IN_FORCE in codes(f.case(f.statement(), about=about, policy=policy))


def test_after_an_end_that_nothing_follows_the_last_policy_is_applied_and_the_judgement_says_so() -> None:
    series = in_series("deneme", [named("a", FIRST, date(2026, 6, 30)), named("b", SECOND)])
    about = f.application()
    policy = policy_for(series, about)
    assert policy.name == "a"
    assert Code.POLICY_NOT_IN_FORCE in codes(f.case(f.statement(), about=about, policy=policy))


def test_a_policy_in_force_is_not_remarked_upon() -> None:
    assert Code.POLICY_NOT_IN_FORCE not in codes(f.case(f.statement()))


def codes(case: Case) -> set[Code]:
    return {finding.code for finding in judge(case).findings}


def test_a_policy_that_is_asked_for_by_name_is_applied_whatever_the_day(tmp_path: Path) -> None:
    own(tmp_path, "kilavuz-v4", SECOND)
    for name in ("kilavuz-v4", str(tmp_path / "kilavuz-v4.toml")):
        assert find_policies(name, tmp_path).on(FIRST).name == "kilavuz-v4"


def test_a_policy_without_a_series_is_never_chosen_by_the_day(tmp_path: Path) -> None:
    own(tmp_path, "mine", SECOND, series=None)
    assert find_policies("kilavuz", tmp_path).on(SECOND).name == "kilavuz-v3"
    assert find_policies("mine", tmp_path).on(SECOND).name == "mine"


def test_a_policy_of_ones_own_takes_the_place_of_the_projects_of_that_name(tmp_path: Path) -> None:
    own(tmp_path, "kilavuz-v3", FIRST, ends=date(2026, 12, 31))
    assert find_policies("kilavuz", tmp_path).on(None).valid_to == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((FIRST, None), (FIRST, None)),
        ((FIRST, SECOND), (SECOND, None)),
        ((FIRST, date(2030, 1, 1)), (SECOND, date(2028, 1, 1))),
    ],
)
def test_two_policies_of_one_series_on_the_same_day_are_refused(
    first: tuple[date, date | None], second: tuple[date, date | None]
) -> None:
    with pytest.raises(PolicyInvalid, match=PolicyFault.SAME_DAYS):
        in_series("deneme", [named("b", *second), named("a", *first)])


def test_overlapping_policies_of_ones_own_are_refused(tmp_path: Path) -> None:
    own(tmp_path, "kilavuz-v3", FIRST, ends=SECOND)
    own(tmp_path, "kilavuz-v4", SECOND)
    with pytest.raises(PolicyInvalid) as refused:
        find_policies("kilavuz", tmp_path)
    facts = {"series": "kilavuz", "earlier": "kilavuz-v3", "later": "kilavuz-v4", "day": "2027-01-01"}
    assert (refused.value.fault, refused.value.facts) == (PolicyFault.SAME_DAYS, facts)


def test_names_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    own(tmp_path, "kilavuz", FIRST, series=None)
    with pytest.raises(PolicyInvalid, match=r"name_of_both: names kilavuz$"):
        known_policies(tmp_path)
    own(tmp_path, "another", FIRST, series="another")
    with pytest.raises(PolicyInvalid, match=r"name_of_both: names another, kilavuz$"):
        known_policies(tmp_path)
    (tmp_path / "another.toml").unlink()
    (tmp_path / "kilavuz.toml").unlink()
    own(tmp_path, "one", FIRST)
    (tmp_path / "two.toml").write_bytes((tmp_path / "one.toml").read_bytes())
    with pytest.raises(PolicyInvalid, match=r"same_name: policy one; path .*two\.toml$"):
        known_policies(tmp_path)


def test_what_is_not_there_is_told_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        find_policies("kilavuz-v99")
    told = {"policy": "kilavuz-v99", "known": ", ".join(sorted({"kilavuz", *known_policies()}))}
    assert (refused.value.fault, refused.value.facts) == (PolicyFault.UNKNOWN, told)
    with pytest.raises(PolicyInvalid) as unreadable:
        find_policies("kilavuz", tmp_path / "none")
    told = {"path": str(tmp_path / "none"), "details": "No such file or directory"}
    assert (unreadable.value.fault, unreadable.value.facts) == (PolicyFault.UNREADABLE, told)
    with pytest.raises(PolicyInvalid, match=PolicyFault.UNREADABLE):
        find_policies(str(tmp_path / "none.toml"))


@given(
    begins=st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), min_size=1, max_size=6, unique=True),
    day=st.dates(),
)
def test_on_every_day_the_newest_that_has_begun_is_in_force(begins: list[date], day: date) -> None:
    series = in_series("deneme", [named(begin.isoformat(), begin) for begin in begins])
    assert isinstance(series, PolicySeries)
    assert all(first.valid_from < then.valid_from for first, then in pairwise(series.policies))
    begun = [begin for begin in begins if begin <= day]
    assert series.on(day).valid_from == (max(begun) if begun else min(begins))


def test_the_file_of_a_policy_bears_its_name() -> None:
    for name, policy in known_policies().items():
        assert load_policy(name) == policy
