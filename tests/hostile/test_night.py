"""A night over hostile applications: what its report, its log and the desk's pages and files make of their texts."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flows.night_report import report
from storage.database import open_database
from storage.desk.accounts import Role
from storage.nights import look_back
from storage.settings import Settings, load_settings
from tests.flows.helpers import kanit
from tests.flows.test_batch import run
from tests.hostile import texts
from tests.review.visiting import Visitor, running

ID = "TS-2026-000666"
FOLDERS = (
    "A](javascript:alert(1))<img src=x>|`x`",
    "B\x1b[31m\u202e",
    "=1+1",
    "C\n2026-11-22 INFO forged",
    "{0}%s",
)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """Run a night over hostile folders; return its settings and its report for Prefect's pages."""
    folder = tmp_path_factory.mktemp("night")
    inbox = folder / "inbox"
    texts.application(inbox, ID)
    for name in FOLDERS:
        (inbox / name).mkdir()
        (inbox / name / "application.json").write_text('{"' + texts.SQL + '": 1}', "utf-8")
    settings = load_settings(home=folder / "home", workers=1)
    summary = run(inbox, settings)
    database = open_database(settings)
    told = report(summary, database.read(lambda work: look_back(work, summary.run)))
    database.close()
    assert summary.counts.flagged == 1 + len(FOLDERS)
    return settings, told


def test_the_report_of_a_night_holds_ids_alone_and_no_markdown_of_theirs(night: tuple[Settings, str]) -> None:
    told = night[1]
    assert ID in told
    assert not texts.obeyed(told)
    assert "DROP TABLE" not in told
    assert "HYPERLINK" not in told
    for attack in ("](", "<img", "<script", "`x`", "\n2026-11-22 INFO"):
        assert attack not in told


def test_the_log_of_a_night_has_no_line_of_theirs(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    texts.application(inbox, ID)
    for name in FOLDERS:
        (inbox / name).mkdir()
    printed = kanit(["--debug", "batch", inbox], {"KANIT_HOME": str(tmp_path / "home")})
    assert printed.code == 0
    assert not texts.obeyed(printed.out + printed.err, "\n\t")
    assert not [line for line in printed.err.splitlines() if line.startswith("2026-11-22 INFO forged")]
    assert "DROP TABLE" not in printed.err


# The desk


@pytest.fixture(scope="module")
def officer(night: tuple[Settings, str]) -> Iterator[Visitor]:
    with running(night[0]) as served:
        visitor = Visitor(served.desk, served.url)
        yield visitor.log_in(Role.SUPERVISOR, "isil.denemeci")
        visitor.close()


class Dangers(HTMLParser):
    """Collects what a page runs, draws or leads to that is none of our own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append(tag)
        for name in ("src", "href", "action", "formaction"):
            if not given.get(name, "/").startswith(("/", "#", "?")):
                self.found.append(f"{name}={given[name]}")
        self.found += [f"{tag} {name}" for name in given if name.startswith("on")]


PAGES = (
    "/queue",
    f"/cases/{ID}",
    f"/cases/{ID}/history",
    *(f"/cases/{ID}?document={number}" for number in range(4)),
    *(
        f"/cases/{ID}/decide/{deed}?judgement=1"
        for deed in ("approve", "return", "reject", "correct", "kind")
    ),
    "/statistics",
    "/audit",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_the_desk_runs_what_strangers_wrote(path: str, officer: Visitor) -> None:
    answer = officer.get(path)
    assert answer.status_code == 200
    assert Dangers(answer.text).found == []
    assert not texts.obeyed(answer.text, "\n\t\u00ad")


def test_the_parser_of_these_tests_sees_dangers() -> None:
    page = f"<p title='{texts.HTML}</p>{texts.HTML}<a href='javascript:alert(1)'>x</a>"
    assert {"script", "src=x", "img onerror", "href=javascript:alert(1)"} <= set(Dangers(page).found)


def test_names_are_shown_as_they_were_written(officer: Visitor) -> None:
    assert texts.SQL in unescape(officer.get(f"/cases/{ID}").text)


@pytest.mark.parametrize(
    "typed", [texts.PLAIN, texts.SQL, texts.FORMULA, texts.HTML, "%", "_", "\\", texts.EVERYTHING]
)
def test_what_an_officer_types_finds_itself_at_most(typed: str, officer: Visitor) -> None:
    answer = officer.post("/queue/search", text=typed)
    assert answer.status_code in {200, 303, 400}
    assert Dangers(answer.text).found == []


def test_a_dossier_holds_files_by_safe_names_and_their_names_as_text(officer: Visitor) -> None:
    answer = officer.get(f"/cases/{ID}/dossier.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as dossier:
        assert len(dossier.namelist()) > 1
        for name in dossier.namelist():
            assert not name.startswith(("/", "."))
            assert ".." not in name.split("/")
            assert not texts.obeyed(name)
            assert not re.search(r"""[<>"|'`=]""", name)
    assert officer.get(f"/cases/{ID}/dossier.pdf").content.startswith(b"%PDF-")


@pytest.mark.parametrize("path", ["/audit/lines.csv", "/statistics/reasons.csv"])
def test_no_cell_of_a_table_is_a_formula(path: str, officer: Visitor) -> None:
    officer.get(f"/cases/{ID}")
    answer = officer.get(path)
    assert answer.status_code == 200
    cells = [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row]
    assert cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
