"""`kanit audit access`: which papers an account opened, and who opened anything of a person."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.cli import run
from flows.errors import Exit
from review.texts import Language, catalogue
from storage.columns import now
from storage.database import Database, open_database
from storage.desk.accounts import Account, Role, create_account
from storage.desk.audit import Action, about, lines, record, verify
from storage.findings import current_row
from storage.settings import load_settings
from storage.subject.access import Tie
from tests.review.visiting import PASSWORD
from tests.storage.samples import AYSE, ISIL, Inbox, application, register, statement
from validators.application import ISTANBUL

DOSSIER, VIEW = Action.DOSSIER, Action.VIEW_PAPER


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A registry with two applications of one person each, and what two officers opened of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KANIT_HOME", str(tmp_path / "kanit"))
    database = open_database(load_settings())
    inbox = Inbox.at(tmp_path / "inbox", database)
    register(inbox, AYSE, ISIL)
    inbox.put(application("A-1", people=[AYSE]), statement(AYSE))
    inbox.put(application("A-2", people=[ISIL]), statement(ISIL, "hd99-9999-9999-9999"))
    inbox.run()
    ayla, bora = (create_account(database, name, name, Role.REVIEWER, PASSWORD) for name in ("ayla", "bora"))
    version = _version_of(database, "A-1")
    _open(database, ayla, VIEW, "A-1", AYSE.national_id, {"document": 0, "version": version})
    _open(database, ayla, VIEW, "A-2", ISIL.national_id, {})
    _open(database, bora, DOSSIER, "A-1", None, {"form": "zip"})
    _open(database, bora, DOSSIER, "A-2", None, {"form": "zip"})
    yield database
    database.close()


def _version_of(database: Database, name: str) -> int:
    with database.reading() as work:
        found = current_row(work, name)
    assert found is not None
    return found[1].id


def _open(  # noqa: PLR0917 - the parts of a line
    database: Database, who: Account, action: Action, name: str, person: str | None, details: dict[str, Any]
) -> None:
    actor = who.actor("10.0.0.7")
    database.transact(
        lambda work: record(work, actor, action, about("application", name), person, "", details)
    )


@pytest.fixture
def ask(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Ask the access log, a T.C. number on standard input where one is given."""

    def asked(*arguments: str, number: str = "") -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(number))
        code = run(["audit", "access", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return asked


def told(ask: Any, *arguments: str, number: str = "") -> list[tuple[str, str, str, str]]:
    """Ask, and return account, action, object and tie of each line that is no opening of an account."""
    code, out, err = ask(*arguments, "--json", number=number)
    assert code in (Exit.OK, Exit.FLAGGED), err
    found = [json.loads(line) for line in out.splitlines()]
    return [
        (each["account"], each["action"], each["object"], each["tie"])
        for each in found
        if "action" in each and each["account"] is not None
    ]


def test_papers_of_a_person_that_an_account_opened(ask: Any) -> None:
    seen = told(ask, "--account", "ayla", "--person", number=AYSE.national_id)
    assert seen == [("ayla", "view_paper", "application:A-1", "person")]
    code, out, _ = ask("--account", "ayla", "--person", "--json", number=AYSE.national_id)
    assert json.loads(out.splitlines()[0])["paper"] == "service_statement"
    assert code == Exit.OK


def test_who_opened_anything_of_a_person_dossiers_of_the_application_too(ask: Any) -> None:
    assert told(ask, "--person", number=AYSE.national_id) == [
        ("bora", "dossier", "application:A-1", "application"),
        ("ayla", "view_paper", "application:A-1", "person"),
    ]


@pytest.mark.parametrize(
    ("kind", "typed", "finds"),
    [
        ("name", "ayşe örnek", True),
        ("name", "IŞIL DENEMECİ", False),
        ("provider", "örnek biyomedikal", True),
        ("provider", "başka", False),
    ],
)
def test_queries_by_name_or_provider_that_find_the_person_are_told(
    ask: Any, database: Database, kind: str, typed: str, finds: bool
) -> None:
    hospital = create_account(database, "hastane", "Hastane", Role.PROVIDER_QUERY, PASSWORD)
    actor = hospital.actor("10.0.0.9")
    database.transact(lambda work: record(work, actor, Action.QUERY, about("registry", kind), None, typed))
    seen = told(ask, "--person", number=AYSE.national_id)
    assert (("hastane", "query", f"registry:{kind}", "query") in seen) is finds


def test_lines_since_and_until_a_moment(ask: Any) -> None:
    tomorrow = (now() + timedelta(days=1)).astimezone(ISTANBUL)
    assert told(ask, "--account", "ayla", "--since", f"{tomorrow:%Y-%m-%d}") == []
    assert len(told(ask, "--account", "ayla", "--since", "2026-01-01T08:30")) == 2
    assert told(ask, "--account", "ayla", "--until", "2026-01-01") == []


def test_people_concerned_are_listed_to_be_notified_masked_unless_asked_in_full(ask: Any) -> None:
    _, out, _ = ask("--account", "bora", "--people", "--json")
    assert json.loads(out.splitlines()[-1]) == {"people": ["10*********", "10*********"]}
    _, out, _ = ask("--account", "bora", "--people", "--reveal", "--lang", "en")
    assert "2 lines; people concerned: 2." in out
    assert out.splitlines()[-2:] == [f"  {AYSE.national_id}", f"  {ISIL.national_id}"]


def test_csv_is_for_spreadsheets(ask: Any) -> None:
    _, out, _ = ask("--person", "--csv", "--lang", "en", number=AYSE.national_id)
    rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["No.", "Time", "Account"]
    assert [row[2] for row in rows[1:3]] == ["bora", "ayla"]


def test_that_it_was_asked_is_a_line_about_the_person(ask: Any, database: Database) -> None:
    ask("--person", "--account", "ayla", "--since", "2026-11-01", number=AYSE.national_id)
    with database.reading() as work:
        line = lines(work, limit=1)[0]
        assert verify(work) == []
    assert (line.action, line.object, line.concerns_person) == (Action.AUDIT_READ, "audit:access", True)
    assert line.details == {"account": 1, "from": "2026-11-01T00:00:00+03:00", "lines": 1}


@pytest.mark.parametrize(
    ("arguments", "number", "code"),
    [
        ((), "", "QUERY_MISSING"),
        (("--account", "nobody"), "", "ACCOUNT_UNUSABLE"),
        (("--person",), "", "NUMBER_MISSING"),
        (("--person",), "12345678901", "NATIONAL_ID_INVALID"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    ask: Any, arguments: tuple[str, ...], number: str, code: str
) -> None:
    ended, out, err = ask(*arguments, number=number)
    assert (ended, out) == (Exit.USAGE, "")
    assert code in err


def test_nobody_opened_anything_of_somebody_unknown(ask: Any) -> None:
    assert ask("--person", number="10000000214")[0] == Exit.FLAGGED


def test_ties_have_words() -> None:
    for language in Language:
        assert {f"audit_command.tie.{tie}" for tie in Tie} <= catalogue(language).keys()
