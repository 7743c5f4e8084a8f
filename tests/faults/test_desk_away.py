"""The desk while its database is away: a page that says so, nothing half done, and work goes on when it is back."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from review.desk import Desk
from storage.desk.accounts import Role
from storage.desk.audit import Action, LineFilter, count_lines, verify
from storage.settings import load_settings
from tests.faults.away import Terminator
from tests.postgres import PostgresCluster, postgres_cluster
from tests.review.nights import put_night
from tests.review.visiting import Visitor, running

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

PAGES = ("/queue", "/cases/A-2", "/cases/A-2/history", "/statistics", "/proposals")
STATIC = "/static/base.css"
TRIES = 60
"""More than any page has statements."""
AWAY = {"tr": "Kayıt veritabanına ulaşılamıyor", "en": "The registry's database cannot be reached"}


class Officer(Visitor):
    """A browser that remembers the token of its session: a page that tells of an error knows of no session."""

    own_token = ""


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL that can be stopped and started."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture
def desk(cluster: PostgresCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A running desk with flagged cases."""
    monkeypatch.chdir(tmp_path)
    with (
        cluster.server.database() as url,
        running(load_settings(home=tmp_path / "home", database_url=url)) as served,
    ):
        put_night(served.desk, tmp_path / "inbox")
        yield served.desk


@pytest.fixture
def officer(desk: Desk) -> Iterator[Officer]:
    """A reviewer's browser."""
    visitor = Officer(desk)
    visitor.log_in(Role.REVIEWER, "ayla")
    visitor.own_token = visitor.token
    yield visitor
    visitor.close()


def claim(officer: Officer) -> httpx.Response:
    """Claim a case as the officer."""
    return officer.post("/queue/claim", csrf=officer.own_token, application="A-2")


def claims(desk: Desk) -> int:
    return desk.database.read(lambda work: count_lines(work, LineFilter(actions=(Action.CLAIM,))))


def test_a_database_that_is_stopped_and_started(
    cluster: PostgresCluster, desk: Desk, officer: Officer
) -> None:
    assert officer.get("/queue").status_code == 200
    cluster.stop()
    try:
        for path in PAGES:
            answer = officer.get(path)
            assert answer.status_code == 503, path
            assert AWAY["tr"] in answer.text
            assert int(answer.headers["Retry-After"]) > 0
        assert claim(officer).status_code == 503
        assert officer.get(STATIC).status_code == 200, "what needs no database is there"
    finally:
        cluster.start()
    assert [officer.get(path).status_code for path in PAGES] == [200] * len(PAGES)
    assert claim(officer).status_code < 400
    assert claims(desk) == 1
    assert desk.database.read(verify) == []


def test_the_page_is_told_in_the_language_of_the_browser(cluster: PostgresCluster, officer: Officer) -> None:
    officer.http.cookies.set("kanit_language", "en", domain="127.0.0.1", path="/")
    cluster.stop()
    try:
        answer = officer.get("/queue", headers={"HX-Request": "true"})
    finally:
        cluster.start()
    assert (answer.status_code, AWAY["en"] in unescape(answer.text)) == (503, True)
    assert answer.headers["HX-Retarget"] == "#notices"


@pytest.mark.parametrize("path", PAGES)
def test_a_connection_that_ends_at_any_statement_of_a_page_costs_one_try(
    cluster: PostgresCluster, officer: Officer, path: str
) -> None:
    terminator = Terminator(cluster.server)
    with terminator.at_statements():
        answers = [officer.get(path).status_code]
        while answers[-1] == 503 and len(answers) < TRIES:
            answers.append(officer.get(path).status_code)
    terminator.close()
    assert len(answers) > 1
    assert answers[-1] == 200
    assert terminator.times >= len(answers) - 1


@pytest.mark.parametrize("moment", ["at_statements", "before_commits", "after_commits"])
def test_a_claim_whose_connection_ends_anywhere_is_made_once(
    cluster: PostgresCluster, desk: Desk, officer: Officer, moment: str
) -> None:
    terminator = Terminator(cluster.server)
    with getattr(terminator, moment)():
        answers = [claim(officer).status_code]
        while answers[-1] == 503 and len(answers) < TRIES:
            answers.append(claim(officer).status_code)
    terminator.close()
    assert len(answers) > 1
    assert answers[-1] < 400
    assert claims(desk) == 1
    assert desk.database.read(verify) == []
