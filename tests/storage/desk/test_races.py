"""Officers at once, on a real PostgreSQL: of two who want the same, one gets it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from storage.database import Database
from storage.desk.accounts import Account, Refusal, Refused, Role, authenticate, create_account
from storage.desk.audit import Action, Actor, LineFilter, count_lines, record, verify
from storage.desk.claims import Claim, HeldBy, claim_case
from storage.desk.rulings import Approve, Entered, Obstacle, Return, rule
from storage.desk.rulings import Refused as NotEntered
from storage.judgements import save_judgements
from storage.models import Employment, RulingRow
from tests.storage.desk.cases import Desk, policies, put_blocked, put_for_review
from tests.storage.fixtures import database_on
from tests.storage.samples import POLICY
from validators.finding import Code

T = TypeVar("T")

pytestmark = pytest.mark.postgres

database = database_on("postgres")


def at_once(*deeds: Callable[[], T]) -> Sequence[T]:
    """Do all of them at the same moment, each in a thread of its own."""
    gate = Barrier(len(deeds))

    def start(deed: Callable[[], T]) -> T:
        gate.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(start, deeds))


def total(database: Database, table: Any) -> int:
    with database.reading() as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("_time", range(5))
def test_one_of_many_gets_a_case(desk: Desk, _time: int) -> None:
    put_for_review(desk.inbox)
    officers = [desk.reviewer, desk.colleague, desk.supervisor, desk.superior]
    deeds = [lambda who=who: claim_case(desk.database, "A-1", who) for who in officers]
    answers = at_once(*deeds)
    (claim,) = [answer for answer in answers if isinstance(answer, Claim)]
    held = [answer for answer in answers if isinstance(answer, HeldBy)]
    assert {answer.account_id for answer in held} == {claim.account_id}
    assert len(held) == 3


@pytest.mark.parametrize("_time", range(5))
def test_an_officer_who_presses_twice_rules_once(desk: Desk, _time: int) -> None:
    put_for_review(desk.inbox)
    desk.claim("A-1")
    judgement, who = desk.judgement("A-1"), desk.reviewer.actor()
    refused = Return((Code.PERSON_NAME_DIFFERS,), "Mektup.")
    asks = (Approve(), refused, Approve())
    answers = at_once(
        *(lambda ask=ask: rule(desk.database, "A-1", judgement, who, ask, policies) for ask in asks)
    )
    (entered,) = [answer for answer in answers if isinstance(answer, Entered)]
    others = [answer for answer in answers if isinstance(answer, NotEntered)]
    assert {answer.obstacle for answer in others} <= {Obstacle.NOT_CLAIMED, Obstacle.STATE}
    assert total(desk.database, RulingRow) == 1
    approved = answers[1] is not entered
    assert total(desk.database, Employment) == (1 if approved else 0)


@pytest.mark.parametrize("_time", range(5))
def test_a_proposal_is_seconded_by_one_of_two(desk: Desk, _time: int) -> None:
    put_blocked(desk.inbox)
    ruling = desk.enter("A-1", Approve("Gördüm.")).ruling
    answers = at_once(
        lambda: desk.second(ruling, desk.supervisor),
        lambda: desk.second(ruling, desk.superior, agree=False),
    )
    assert [type(answer) for answer in answers].count(Entered) == 1
    assert NotEntered(Obstacle.NO_PROPOSAL) in answers


@pytest.mark.parametrize("_time", range(5))
def test_a_batch_and_an_officer_do_not_decide_on_different_facts(desk: Desk, _time: int) -> None:
    """Judged again while an officer rules: whoever is second sees what the first one did."""
    put_for_review(desk.inbox)
    desk.claim("A-1")
    judgement, who = desk.judgement("A-1"), desk.reviewer.actor()
    judged = desk.inbox.judged([desk.inbox.key("A-1")])
    other = POLICY.model_copy(update={"version": "2"})
    _, answer = at_once(
        lambda: save_judgements(desk.database, judged, other),
        lambda: rule(desk.database, "A-1", judgement, who, Approve(), policies),
    )
    if isinstance(answer, Entered):
        assert total(desk.database, Employment) == 1
    else:
        assert answer == NotEntered(Obstacle.JUDGEMENT_CHANGED)
        assert total(desk.database, Employment) == 0


def test_lines_of_many_writers_make_one_chain(database: Database) -> None:
    def write(number: int) -> None:
        for _ in range(10):
            database.transact(lambda work: record(work, Actor(None, "x"), Action.EXPORT, f"run:{number}"))

    at_once(*(lambda number=number: write(number) for number in range(6)))
    with database.reading() as work:
        assert count_lines(work) == 60
        assert verify(work) == []


def test_guesses_at_once_lock_an_account_all_the_same(database: Database) -> None:
    create_account(database, "ayla", "Ayla", Role.REVIEWER, "uzun ve tuhaf bir cümle")
    answers = at_once(*(lambda: authenticate(database, "ayla", "yanlış") for _ in range(6)))
    reasons = sorted(answer.reason for answer in answers if isinstance(answer, Refused))
    assert reasons == [Refusal.LOCKED] + [Refusal.PASSWORD] * 5
    with database.reading() as work:
        assert count_lines(work, LineFilter(actions=(Action.LOGIN_REFUSED,))) == 6


def test_one_of_two_accounts_of_a_name_is_made(database: Database) -> None:
    def make() -> Account | str:
        try:
            return create_account(database, "ayla", "Ayla", Role.REVIEWER)
        except Exception as error:  # told by its type
            return type(error).__name__

    answers = at_once(make, make)
    assert sum(isinstance(answer, Account) for answer in answers) == 1
    assert "AccountImpossible" in answers
