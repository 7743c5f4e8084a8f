"""The queue as operators see it: numbers and reasons, and nothing about anybody."""

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from review.desk import Desk
from storage.desk.accounts import Role
from tests.review.nights import put_night
from tests.review.visiting import Visitor
from tests.storage.samples import AYSE, ISIL, PROVIDER

Visit = Callable[..., Visitor]


@pytest.fixture
def operator(visit: Visit, desk: Desk, tmp_path: Path) -> Visitor:
    """An operator, and a night that left two cases."""
    put_night(desk, tmp_path / "inbox")
    return visit(Role.OPERATOR)


def test_an_operator_sees_how_much_waits_and_why_but_nobody(operator: Visitor) -> None:
    page = unescape(operator.get("/queue").text)
    assert "2 başvuru" in page
    assert "EMPLOYMENT_ENDED" in page
    assert "A-1" in page
    for told in (PROVIDER.title, PROVIDER.tax_number, AYSE.family_name, ISIL.family_name, AYSE.national_id):
        assert told not in page
    assert "/cases/" not in page
    assert "<form" not in page[page.index("<main") :].partition("</main>")[0]


def test_the_link_of_a_night_leads_to_that_night(operator: Visitor) -> None:
    page = unescape(operator.get("/queue?run=4711").text)
    assert "4711" in page
    assert "Başvuru yok" in page


def test_an_operator_cannot_search_for_anybody(operator: Visitor) -> None:
    narrowed = operator.get(f"/queue?provider={PROVIDER.tax_number}&text={PROVIDER.title}").text
    assert "A-1" in narrowed
    assert operator.post("/queue/search", q="A-1").status_code == 403
    assert operator.get("/queue?after=x").status_code == 400


def test_pages_follow_one_another(operator: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.queue_watch.PER_PAGE", 1)
    first = unescape(operator.get("/queue").text)
    path = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = unescape(operator.get(path).text)
    assert ("A-1" in first) != ("A-1" in second)
