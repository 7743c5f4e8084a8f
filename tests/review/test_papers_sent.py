"""The route of the pictures: who may see them, how they are sent, and the audit lines of looking."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from extractors.page_views import READING_WIDTH
from review.desk import Desk
from review.drawing import Unseen
from review.papers import picture_path, why_unseen
from review.texts import Language
from storage.desk.accounts import Role
from storage.models import Version
from tests.review.papers_desk import ID, PAGES, digest, grey, put_statement, seen
from tests.review.visiting import Visitor

Visit = Callable[..., Visitor]


def path(desk: Desk, document: int = 0, page: int = 1, width: int = READING_WIDTH) -> str:
    version = desk.database.read(lambda work: work.session.query(Version.id).first())
    assert version is not None
    return picture_path(ID, document, page, width, version[0])


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR])
def test_a_picture_is_sent_and_kept_by_no_browser(
    visit: Visit, desk: Desk, tmp_path: Path, role: Role
) -> None:
    put_statement(desk, tmp_path)
    answer = visit(role).get(path(desk))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert grey(answer.content).shape[1] == pytest.approx(READING_WIDTH, abs=1)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PROVIDER_QUERY])
def test_other_roles_see_no_paper(visit: Visit, desk: Desk, tmp_path: Path, role: Role) -> None:
    put_statement(desk, tmp_path)
    assert visit(role).get(path(desk)).status_code == 403
    assert seen(desk) == []


def test_whoever_is_not_logged_in_sees_no_paper(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_statement(desk, tmp_path)
    answer = visit().get(path(desk))
    assert answer.status_code == 303
    assert answer.content == b""


def test_a_look_at_a_paper_is_audited_once_a_document_and_session(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_statement(desk, tmp_path)
    reviewer = visit(Role.REVIEWER)
    for page in range(1, PAGES + 1):
        assert reviewer.get(path(desk, page=page)).status_code == 200
    (line,) = seen(desk)
    assert (line.account, line.object) == ("reviewer", f"application:{ID}")
    assert line.details["document"] == 0
    assert len(seen(desk, person="10000000078")) == 1
    visit(Role.AUDITOR).get(path(desk))
    assert [line.account for line in seen(desk)] == ["auditor", "reviewer"]


def test_nothing_is_audited_where_nothing_was_seen(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    data = put_statement(desk, tmp_path)
    desk.evidence.delete(digest(data))
    answer = visit(Role.REVIEWER).get(path(desk))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert answer.text == why_unseen(Unseen.MISSING, Language.TURKISH)
    assert seen(desk) == []


@pytest.mark.parametrize(
    "change",
    [
        ("w=1400", "w=1401"),
        ("w=1400", "w=x"),
        ("w=1400", "w=-1"),
        ("v=", "v=9"),
        ("/papers/0/", "/papers/7/"),
        ("/pages/1?", "/pages/99?"),
        ("/pages/1?", "/pages/0?"),
        ("/pages/1?", "/pages/99999999999999999999999?"),
        (ID, "TS-UNKNOWN"),
        (ID, "..%2f..%2fkanit"),
    ],
)
def test_an_address_of_nothing_is_not_found(
    visit: Visit, desk: Desk, tmp_path: Path, change: tuple[str, str]
) -> None:
    put_statement(desk, tmp_path)
    answer: httpx.Response = visit(Role.REVIEWER).get(path(desk).replace(*change))
    assert answer.status_code == 404
    assert not answer.headers["content-type"].startswith("image/")
