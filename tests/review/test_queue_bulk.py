"""Cases ruled on together, over HTTP: only what is alike, only as previewed, only where nobody else is."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.desk import Desk
from review.queue_bulk import MOST, Chosen, LeftOut, Plan, plan
from storage.desk.accounts import Account, Role, create_account
from storage.desk.audit import Action, LineFilter, lines
from storage.desk.claims import claim_case
from storage.desk.queue import CaseState, case_line
from storage.desk.rulings import Return, Wait, history
from tests.papers.inbox import write_sample_inbox
from tests.review.case_samples import judge_inbox
from tests.review.visiting import Visitor
from tests.storage.desk.cases import put_blocked, put_for_review
from tests.storage.samples import AYSE, ISIL, Inbox
from validators.finding import Code, Proposal

Visit = Callable[..., Visitor]
RETURNING = {"code": "EMPLOYMENT_ENDED", "proposal": "return_to_applicant"}


@pytest.fixture
def inbox(desk: Desk, tmp_path: Path) -> Inbox:
    """Two cases that are alike (B-1, B-2) and one that an officer is to look at (A-1)."""
    inbox = Inbox.at(tmp_path / "inbox", desk.database)
    put_blocked(inbox, "B-1", AYSE)
    put_blocked(inbox, "B-2", AYSE)
    put_for_review(inbox, "A-1", ISIL)
    return inbox


@pytest.fixture
def ayla(visit: Visit, inbox: Inbox) -> Visitor:
    return visit(Role.REVIEWER, "ayla")


def chosen(desk: Desk, *names: str) -> list[str]:
    found = [desk.database.read(lambda work, name=name: case_line(work, name)) for name in names]  # type: ignore[misc]  # mypy knows no types of a lambda's defaults
    return [str(Chosen(line.application_id, line.judgement)) for line in found if line]


def state(desk: Desk, name: str) -> CaseState:
    line = desk.database.read(lambda work: case_line(work, name))
    assert line is not None
    return line.state


def holder(desk: Desk, name: str) -> str | None:
    line = desk.database.read(lambda work: case_line(work, name))
    assert line is not None
    return line.claimed_by


def account_of(visitor: Visitor) -> Account:
    assert visitor.account is not None
    return visitor.account


def previewed(page: str) -> list[str]:
    return re.findall(r'name="case" value="([^"]+)"', page)


def test_only_what_is_alike_can_be_chosen(ayla: Visitor, desk: Desk) -> None:
    assert sorted(previewed(ayla.get("/queue").text)) == sorted(chosen(desk, "B-1", "B-2"))


def test_the_preview_tells_what_would_happen_and_does_nothing(ayla: Visitor, desk: Desk) -> None:
    page = ayla.post("/queue/bulk", case=chosen(desk, "B-1", "A-1", "B-2")).text
    assert previewed(page) == chosen(desk, "B-1", "B-2")
    letter = re.search(r'<pre class="letter"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert letter
    assert "İlgi:" in unescape(letter[1])
    assert AYSE.national_id not in page
    assert state(desk, "B-1") is CaseState.OPEN
    assert holder(desk, "B-1") is None


def test_what_was_previewed_is_ruled_and_audited(ayla: Visitor, desk: Desk) -> None:
    page = ayla.post("/queue/bulk", case=chosen(desk, "B-1", "B-2")).text
    letter = re.search(r'<pre class="letter"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert letter
    result = ayla.post("/queue/bulk/rule", case=previewed(page), **RETURNING)
    assert result.status_code == 200
    assert [state(desk, name) for name in ("B-1", "B-2", "A-1")] == [
        CaseState.RETURNED,
        CaseState.RETURNED,
        CaseState.OPEN,
    ]
    (event,) = desk.database.read(lambda work: history(work, "B-1"))
    assert event.ask == Return((Code.EMPLOYMENT_ENDED,), unescape(letter[1]))
    (line,) = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.BULK_RULING,))))
    assert line.account == "ayla"
    assert line.details == {**RETURNING, "chosen": 2, "entered": ["B-1", "B-2"]}
    rulings = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.RULING,))))
    assert {line.object for line in rulings} == {"application:B-1", "application:B-2"}


def test_a_case_that_somebody_took_after_the_preview_is_not_touched(
    ayla: Visitor, visit: Visit, desk: Desk
) -> None:
    cases = chosen(desk, "B-1", "B-2")
    claim_case(desk.database, "B-1", account_of(visit(Role.REVIEWER, "bora")))
    assert ayla.post("/queue/bulk/rule", case=cases, **RETURNING).status_code == 200
    assert (state(desk, "B-1"), holder(desk, "B-1")) == (CaseState.OPEN, "bora")
    assert state(desk, "B-2") is CaseState.RETURNED


def test_a_case_that_was_judged_again_after_the_preview_is_not_touched(
    ayla: Visitor, inbox: Inbox, desk: Desk
) -> None:
    before = chosen(desk, "B-1", "B-2")
    put_blocked(inbox, "B-1", AYSE, day="2026-11-19")
    assert chosen(desk, "B-1") != before[:1]
    ayla.post("/queue/bulk/rule", case=before, **RETURNING)
    assert state(desk, "B-1") is CaseState.OPEN
    assert holder(desk, "B-1") is None
    assert state(desk, "B-2") is CaseState.RETURNED


def test_nothing_is_ruled_for_another_reason_than_was_previewed(ayla: Visitor, desk: Desk) -> None:
    cases = chosen(desk, "B-1", "A-1")
    for other in ({"code": "PERSON_NAME_DIFFERS"}, {"code": "NO_LINK"}, {"proposal": "wait_until"}):
        ayla.post("/queue/bulk/rule", case=cases, **{**RETURNING, **other})
    assert [state(desk, name) for name in ("B-1", "A-1")] == [CaseState.OPEN, CaseState.OPEN]


def test_a_decided_case_is_not_decided_again(ayla: Visitor, desk: Desk) -> None:
    cases = chosen(desk, "B-1")
    ayla.post("/queue/bulk/rule", case=cases, **RETURNING)
    ayla.post("/queue/bulk/rule", case=cases, **RETURNING)
    assert len(desk.database.read(lambda work: history(work, "B-1"))) == 1


def test_cases_that_wait_for_a_day_are_put_off_until_then(desk: Desk, tmp_path: Path) -> None:
    write_sample_inbox(tmp_path / "samples", 2, only=["not_started"])
    judge_inbox(desk, tmp_path / "samples")
    account = create_account(desk.database, "ayla", "Ayla", Role.REVIEWER)
    names = ("TS-2026-000001", "TS-2026-000002")
    cases = [Chosen.parse(each) for each in chosen(desk, *names)]

    def planned(today: date) -> Plan:
        return desk.database.read(lambda work: plan(work, [each for each in cases if each], account, today))

    early = planned(date(2020, 1, 1))
    assert early.kind == (Code.NOT_STARTED, Proposal.WAIT_UNTIL)
    days = [case.ask.until for case in early.ruled if isinstance(case.ask, Wait)]
    assert len(days) == 2
    late = planned(max(days))
    assert late.kind is None
    assert [case.left_out for case in late.left_out] == [LeftOut.NO_DAY] * 2


def test_nothing_chosen_leads_back(ayla: Visitor) -> None:
    answer = ayla.post("/queue/bulk", back="/queue?severity=block")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?severity=block")


def test_what_no_list_of_ours_holds_is_refused(ayla: Visitor) -> None:
    for cases in (["x"], ["1:"], ["-1:B-1"], ["²:B-1"], [f"{number}:B-1" for number in range(MOST + 1)]):
        assert ayla.post("/queue/bulk", case=cases).status_code == 400
        assert ayla.post("/queue/bulk/rule", case=cases, **RETURNING).status_code == 400


def test_a_case_that_is_gone_is_told_so(ayla: Visitor) -> None:
    assert "A-9" in ayla.post("/queue/bulk", case=["7:A-9"]).text


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**18 - 1), st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True))
def test_a_chosen_case_is_read_as_it_was_written(judgement: int, application_id: str) -> None:
    case = Chosen(application_id, judgement)
    assert Chosen.parse(str(case)) == case
