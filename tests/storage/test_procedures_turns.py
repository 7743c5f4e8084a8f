"""Whose turn it is in one night: applications on one person see each other's effects in the order of signatures."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from storage.turns import CHANGES_WHAT_IS_ASKED, Step, in_turns
from validators.application import Procedure

ADD, REMOVE, UPDATE = (
    Procedure.PERSONNEL_ADDITION,
    Procedure.PERSONNEL_REMOVAL,
    Procedure.PERSONNEL_UPDATE,
)
STEPS = st.lists(
    st.tuples(st.sampled_from([ADD, REMOVE]), st.frozensets(st.sampled_from("ABC"), min_size=1, max_size=2)),
    max_size=12,
)


def turns(*steps: tuple[Procedure, str]) -> tuple[tuple[int, ...], ...]:
    return in_turns(Step(key, procedure, frozenset(people)) for key, (procedure, people) in enumerate(steps))


def test_applications_on_different_people_share_a_turn() -> None:
    assert turns((ADD, "A"), (REMOVE, "B"), (UPDATE, "C"), (ADD, "D")) == ((0, 1, 2, 3),)


def test_additions_of_one_person_share_a_turn() -> None:
    assert turns((ADD, "A"), (ADD, "A")) == ((0, 1),)


def test_updates_of_one_person_take_turns() -> None:
    """Kılavuz m.5(2)(ç)."""
    assert turns((UPDATE, "A"), (UPDATE, "A"), (UPDATE, "B")) == ((0, 2), (1,))


def test_a_removal_stands_between_the_additions_before_and_after_it() -> None:
    """Kılavuz m.7(1)(f), (ı)."""
    assert turns((ADD, "A"), (REMOVE, "A"), (ADD, "A"), (REMOVE, "A")) == ((0,), (1,), (2,), (3,))


def test_whom_an_application_names_beside_others_ties_them_together() -> None:
    assert turns((REMOVE, "A"), (REMOVE, "AB"), (ADD, "B")) == ((0,), (1,), (2,))


@given(STEPS)
def test_whoever_must_see_the_other_comes_in_a_later_turn(
    drawn: list[tuple[Procedure, frozenset[str]]],
) -> None:
    steps = [Step(key, procedure, people) for key, (procedure, people) in enumerate(drawn)]
    cut = in_turns(steps)
    turn = {key: number for number, keys in enumerate(cut) for key in keys}
    assert sorted(turn) == [step.key for step in steps]
    assert all(list(keys) == sorted(keys) for keys in cut)
    for first, second in combinations(steps, 2):
        if first.people & second.people and CHANGES_WHAT_IS_ASKED & {first.procedure, second.procedure}:
            assert turn[first.key] < turn[second.key]
