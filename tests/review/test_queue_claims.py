"""Claims from the list, over HTTP: one officer a case, the next one that is free, marks that stay true."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from review.desk import Desk
from review.queue import REFRESHES
from storage.desk.accounts import Role
from storage.desk.audit import Action, LineFilter, lines
from storage.desk.queue import case_line
from tests.review.visiting import Visitor
from tests.storage.desk.cases import put_blocked, put_for_review
from tests.storage.samples import AYSE, ISIL, Inbox

Visit = Callable[..., Visitor]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def two(desk: Desk, tmp_path: Path) -> None:
    """A queue of two cases: A-1 is for review, B-1 is blocked."""
    inbox = Inbox.at(tmp_path / "inbox", desk.database)
    put_for_review(inbox, "A-1", AYSE)
    put_blocked(inbox, "B-1", ISIL)


@pytest.fixture
def ayla(visit: Visit, two: None) -> Visitor:
    return visit(Role.REVIEWER, "ayla")


@pytest.fixture
def bora(visit: Visit, two: None) -> Visitor:
    return visit(Role.REVIEWER, "bora")


def holder(desk: Desk, application_id: str) -> str | None:
    line = desk.database.read(lambda work: case_line(work, application_id))
    assert line is not None
    return line.claimed_by


def shown(desk: Desk, application_id: str) -> str:
    """The case as a page names it."""
    line = desk.database.read(lambda work: case_line(work, application_id))
    assert line is not None
    return f"{line.judgement}:{application_id}"


def test_a_case_is_claimed_and_given_back_from_the_list(ayla: Visitor, desk: Desk) -> None:
    answer = ayla.post("/queue/claim", application="A-1", back="/queue?sort=severity")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?sort=severity")
    assert holder(desk, "A-1") == "ayla"
    assert "notice good" in ayla.get("/queue").text
    ayla.post("/queue/release", application="A-1")
    assert holder(desk, "A-1") is None
    audited = desk.database.read(
        lambda work: lines(work, LineFilter(object="application:A-1", actions=(Action.CLAIM, Action.RELEASE)))
    )
    assert [line.action for line in audited] == ["release", "claim"]


def test_htmx_gets_the_mark_of_the_line(ayla: Visitor) -> None:
    answer = ayla.http.post(
        "/queue/claim", data={"application": "A-1"}, headers={**HTMX, "X-CSRF-Token": ayla.token}
    )
    assert answer.status_code == 200
    assert 'formaction="/queue/release"' in answer.text
    assert "<html" not in answer.text


def test_a_case_of_somebody_else_is_not_taken(ayla: Visitor, bora: Visitor, desk: Desk) -> None:
    ayla.post("/queue/claim", application="A-1")
    bora.post("/queue/claim", application="A-1")
    assert holder(desk, "A-1") == "ayla"
    page = bora.get("/queue").text
    assert "notice" in page
    assert re.search(r'<span class="badge">Deneme reviewer</span>', page)
    bora.post("/queue/release", application="A-1")
    assert holder(desk, "A-1") == "ayla"


def test_a_case_that_is_not_in_the_queue_cannot_be_claimed(ayla: Visitor) -> None:
    assert ayla.post("/queue/claim", application="A-9").status_code == 409
    assert ayla.post("/queue/claim").status_code == 400


def test_two_officers_who_claim_at_once_do_not_both_get_the_case(
    ayla: Visitor, bora: Visitor, desk: Desk
) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda officer: officer.post("/queue/claim", application="A-1"), (ayla, bora)))
    claims = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.CLAIM,))))
    assert [line.account for line in claims] == [holder(desk, "A-1")]


def test_the_next_one_is_the_first_that_nobody_works_on(ayla: Visitor, bora: Visitor, desk: Desk) -> None:
    assert ayla.post("/queue/next", sort="severity").headers["location"] == "/cases/B-1"
    assert bora.post("/queue/next", sort="severity").headers["location"] == "/cases/A-1"
    assert (holder(desk, "B-1"), holder(desk, "A-1")) == ("ayla", "bora")
    assert bora.post("/queue/next", sort="severity").headers["location"] == "/queue?sort=severity"


def test_the_next_one_is_of_what_is_asked_for(ayla: Visitor) -> None:
    assert ayla.post("/queue/next", reason="PERSON_NAME_DIFFERS").headers["location"] == "/cases/A-1"
    left = ayla.post("/queue/next", reason="PERSON_NAME_DIFFERS").headers["location"]
    assert left == "/queue?reason=PERSON_NAME_DIFFERS"


def test_marks_tell_who_works_on_what_and_what_changed(ayla: Visitor, bora: Visitor, desk: Desk) -> None:
    cases = [shown(desk, "A-1"), shown(desk, "B-1"), "999999:A-1"]
    ayla.post("/queue/claim", application="A-1")
    answer = bora.get("/queue/marks", params={"left": 5, "case": cases}, headers=HTMX)
    assert answer.text.count("hx-swap-oob") == 3
    assert '<span class="badge">Deneme reviewer</span>' in answer.text
    assert 'value="B-1"' in answer.text
    assert 'id="mark-999999"' in answer.text
    assert "left=4" in answer.text


def test_marks_fall_silent_so_that_an_unused_session_can_end(ayla: Visitor, desk: Desk) -> None:
    assert f"left={REFRESHES}" in ayla.get("/queue").text
    last = ayla.get("/queue/marks", params={"left": 1, "case": shown(desk, "A-1")}, headers=HTMX)
    assert "hx-get" not in last.text
    assert ayla.get("/queue/marks", params={"left": REFRESHES + 1}).status_code == 400


def test_no_deed_leads_away_from_the_queue(ayla: Visitor) -> None:
    for back in ("https://example.org/queue", "//example.org/queue", "/accounts", ""):
        assert ayla.post("/queue/claim", application="A-1", back=back).headers["location"] == "/queue"
