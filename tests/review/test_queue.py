"""The page of the queue, over HTTP: filters, searches, saved views, pages."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx
import pytest

from review import queue_listing
from review.desk import Desk
from review.queue_bulk import LeftOut
from review.texts import Language, catalogue
from storage.desk.accounts import Role
from storage.desk.audit import Action, LineFilter, lines
from storage.desk.queue import CaseState, Claimed, Sort, case_line
from tests.review.visiting import Visitor
from tests.storage.desk.cases import put_blocked, put_for_review
from tests.storage.samples import AYSE, ISIL, PROVIDER, Inbox
from validators.application import Procedure
from validators.application import Provider as DeclaredProvider
from validators.finding import Code, Proposal

Visit = Callable[..., Visitor]
TRADER = DeclaredProvider(
    title="IŞIL DENEMECİ", tax_number=ISIL.national_id, workplace_numbers=PROVIDER.workplace_numbers
)


@pytest.fixture
def inbox(desk: Desk, tmp_path: Path) -> Inbox:
    return Inbox.at(tmp_path / "inbox", desk.database)


@pytest.fixture
def officer(visit: Visit, inbox: Inbox) -> Visitor:
    """A reviewer before a queue of two cases: A-1 is for review, B-1 is blocked."""
    put_for_review(inbox, "A-1", AYSE)
    put_blocked(inbox, "B-1", ISIL)
    return visit(Role.REVIEWER, "ayla")


def listed(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return re.findall(r'class="open" href="/cases/([^"]+)"', answer.text)


def follow(visitor: Visitor, answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 303, answer.text
    return visitor.get(answer.headers["location"])


def searches(desk: Desk) -> int:
    found = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.QUEUE_SEARCH,))))
    return len(found)


NARROWED = {
    "": ["A-1", "B-1"],
    "?sort=severity": ["B-1", "A-1"],
    "?severity=block": ["B-1"],
    "?reason=PERSON_NAME_DIFFERS": ["A-1"],
    "?reason=PERSON_NAME_DIFFERS&reason=EMPLOYMENT_ENDED": ["A-1", "B-1"],
    "?proposal=return_to_applicant": ["B-1"],
    "?procedure=personnel_update": [],
    "?run=00000000-0000-0000-0000-000000000000": [],
    "?older=1": [],
    "?claimed=mine": [],
    "?claimed=nobody": ["A-1", "B-1"],
    "?text=b-1": ["B-1"],
    "?state=approved": [],
    "?due=2026-01-01": [],
}


def test_an_address_narrows_and_orders_the_cases(officer: Visitor) -> None:
    for query, found in NARROWED.items():
        shown = listed(officer.get(f"/queue{query}"))
        assert (shown if "sort" in query else sorted(shown)) == found, query


def test_the_chart_counts_reasons_and_keeps_the_others_beside_a_chosen_one(officer: Visitor) -> None:
    chart = officer.get("/queue?reason=EMPLOYMENT_ENDED").text
    bars = re.findall(
        r'value="([A-Z_]+)"( checked)?>\s*<span class="name">[^<]+</span>\s*<span class="number">(\d+)', chart
    )
    assert bars == [("EMPLOYMENT_ENDED", " checked", "1"), ("PERSON_NAME_DIFFERS", "", "1")]


def test_htmx_gets_the_part_and_the_address_and_browsers_the_page(officer: Visitor) -> None:
    part = officer.get("/queue?severity=block&state=&run=", headers={"HX-Request": "true"})
    assert part.headers["HX-Push-Url"] == "/queue?severity=block"
    assert "<html" not in part.text
    assert "<html" in officer.get("/queue?severity=block").text


def test_pages_follow_each_other_by_key(officer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_listing, "PER_PAGE", 1)
    first = officer.get("/queue?sort=oldest")
    following = re.search(r'id="more" href="([^"]+)"', first.text)
    assert following
    second = officer.get(unescape(following[1]))
    assert listed(first) + listed(second) == ["A-1", "B-1"]
    assert 'id="more"' not in second.text


def test_an_address_that_is_not_ours_is_refused(officer: Visitor) -> None:
    for query in ("after=x", "after=W10=", "after=WyJ4IiwgMCwgMV0=", "reason=X"):
        assert officer.get(f"/queue?{query}").status_code == 400, query


def test_a_person_is_found_without_the_number_in_any_address_and_audited(
    officer: Visitor, desk: Desk
) -> None:
    answer = officer.post("/queue/search", q=f" {ISIL.national_id} ")
    assert ISIL.national_id not in answer.headers["location"]
    shown = follow(officer, answer)
    assert listed(shown) == ["B-1"]
    assert ISIL.national_id not in shown.text
    assert "10*********" in shown.text
    (line,) = desk.database.read(lambda work: lines(work, LineFilter(person=ISIL.national_id)))
    assert (line.action, line.account, line.details) == ("queue_search", "ayla", {"found": 1})


def test_a_person_without_a_case_is_looked_for_and_audited_too(officer: Visitor, desk: Desk) -> None:
    assert listed(follow(officer, officer.post("/queue/search", q="10000000214"))) == []
    assert searches(desk) == 1


def test_a_copied_search_tells_another_log_in_nothing(officer: Visitor, visit: Visit, desk: Desk) -> None:
    address = officer.post("/queue/search", q=ISIL.national_id).headers["location"]
    answer = visit(Role.SUPERVISOR, "canan").get(address)
    assert answer.status_code == 409
    assert "B-1" not in answer.text
    assert officer.get("/queue?who=AAAA").status_code == 409
    assert officer.get(address[: len("/queue?state=all&who=") + 12]).status_code == 409
    assert searches(desk) == 0


def test_a_sole_trader_is_found_by_the_tax_number_that_is_a_number_of_a_person(
    visit: Visit, inbox: Inbox, desk: Desk
) -> None:
    put_blocked(inbox, "B-1", AYSE, provider=TRADER)
    officer = visit(Role.REVIEWER)
    answer = officer.post("/queue/search", q=ISIL.national_id)
    assert ISIL.national_id not in answer.headers["location"]
    assert listed(follow(officer, answer)) == ["B-1"]
    assert searches(desk) == 1


def test_a_provider_or_a_part_of_an_id_is_found(officer: Visitor) -> None:
    found = {"örnek biyomedikal": ["A-1", "B-1"], "b-1": ["B-1"], "1": ["A-1", "B-1"], "yok": []}
    for typed, names in found.items():
        assert sorted(listed(follow(officer, officer.post("/queue/search", q=typed)))) == names, typed


def test_a_provider_is_found_by_tax_number(officer: Visitor) -> None:
    answer = officer.post("/queue/search", q="123 456 7890")
    assert answer.headers["location"] == "/queue?state=all&provider=1234567890"
    assert sorted(listed(follow(officer, answer))) == ["A-1", "B-1"]


def test_an_application_is_opened_at_once(officer: Visitor) -> None:
    assert officer.post("/queue/search", q="A-1").headers["location"] == "/cases/A-1"


def test_what_is_no_number_or_more_than_one_goes_into_no_address(officer: Visitor) -> None:
    for typed in ("12345678901", "Işıl 10000000146", "tckn 10000000147"):
        assert officer.post("/queue/search", q=typed).headers["location"] == "/queue"
        assert 'class="notice' in officer.get("/queue").text


def test_a_view_is_kept_under_a_name_offered_and_forgotten(officer: Visitor, visit: Visit) -> None:
    answer = officer.post("/queue/views", severity="block", reason="EMPLOYMENT_ENDED", name="Bitenler")
    assert answer.headers["location"] == "/queue?reason=EMPLOYMENT_ENDED&severity=block"
    page = officer.get("/queue").text
    address, number = (
        re.search(r'class="own" href="([^"]+)">Bitenler<', page),
        re.search(r'name="view" value="(\d+)"', page),
    )
    assert address
    assert number
    assert listed(officer.get(unescape(address[1]))) == ["B-1"]
    colleague = visit(Role.REVIEWER, "bora")
    colleague.post("/queue/views/forget", view=number[1])
    assert "Bitenler" not in colleague.get("/queue").text
    assert "Bitenler" in officer.get("/queue").text
    officer.post("/queue/views/forget", view=number[1], back="/queue")
    assert "Bitenler" not in officer.get("/queue").text


def test_no_number_of_a_person_is_kept_in_a_view(officer: Visitor) -> None:
    officer.get("/queue")
    sealed = officer.post("/queue/search", q=ISIL.national_id).headers["location"].partition("who=")[2]
    officer.post("/queue/views", who=httpx.QueryParams(f"who={sealed}")["who"], name="Işıl")
    officer.post("/queue/views", severity="block", name=ISIL.national_id)
    assert 'class="own"' not in officer.get("/queue").text


def test_what_was_verified_is_not_in_the_queue(officer: Visitor, inbox: Inbox, desk: Desk) -> None:
    assert desk.database.read(lambda work: case_line(work, "P-078")) is None
    assert "P-078" not in officer.get("/queue?state=all").text


@pytest.mark.parametrize("language", list(Language))
def test_everything_that_the_queue_can_tell_has_words(language: Language) -> None:
    told = catalogue(language)
    needed = {f"queue.reason.{code.value}" for code in Code}
    needed |= {f"queue.bulk.why.{each.value}" for each in LeftOut}
    needed |= {f"queue.procedure.{each.value}" for each in Procedure}
    needed |= {f"queue.proposal.{each.value}" for each in Proposal}
    needed |= {f"queue.states.{each.value}" for each in CaseState}
    needed |= {f"queue.sort.{each.value}" for each in Sort}
    needed |= {f"queue.claimed_by.{each.value}" for each in Claimed}
    assert needed <= set(told)
