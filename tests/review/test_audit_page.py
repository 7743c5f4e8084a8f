"""The audit trail on its page, and `kanit audit verify`."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, update

from flows.cli import run
from review.desk import Desk
from storage.desk.accounts import Role
from storage.desk.audit import Action, Actor, LineFilter, about, lines, record
from storage.models import AuditLine
from storage.settings import Settings
from tests.review.visiting import Visitor
from tests.storage.fixtures import unguarded

Visit = Callable[..., Visitor]
ROBOT = Actor(None, "", "10.9.8.7")


def write(desk: Desk, number: int, reason: str = "çünkü") -> None:
    def many(work: object) -> None:
        for step in range(number):
            record(work, ROBOT, Action.VIEW_PAPER, about("application", f"TS-{step}"), None, reason)  # type: ignore[arg-type]  # a unit of work

    desk.database.transact(many)


def tamper(desk: Desk, statement: object) -> None:
    with desk.database.engine.begin() as connection, unguarded(connection):
        connection.execute(statement)  # type: ignore[call-overload]  # any statement


def exported(visitor: Visitor, query: str = "") -> list[dict[str, str]]:
    sent = visitor.get(f"/audit/lines.csv?{query}")
    assert sent.status_code == 200
    return list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))


def test_lines_are_paged_without_gap_or_repetition(visit: Visit, desk: Desk) -> None:
    write(desk, 230)
    visitor = visit(Role.AUDITOR)
    seen: list[str] = []
    path = "/audit?action=view_paper"
    while path:
        page = visitor.get(path).text
        seen += [part.split("<")[0] for part in page.split(">Başvuru TS-")[1:]]
        marked = page.partition('href="/audit?action=view_paper&amp;before=')[2]
        path = f"/audit?action=view_paper&before={marked.split(chr(34))[0]}" if marked else ""
    assert [int(number.split()[0]) for number in seen] == list(range(229, -1, -1))


def test_filters_narrow_page_and_file_alike(visit: Visit, desk: Desk) -> None:
    write(desk, 3)
    visitor = visit(Role.SUPERVISOR)
    assert visitor.account is not None
    page = visitor.get("/audit?application=TS-1").text
    assert '<a href="/cases/TS-1">Başvuru TS-1</a>' in page
    assert "TS-2" not in page
    assert [row["Konu"] for row in exported(visitor, "application=TS-1")] == ["application:TS-1"]
    assert {row["Hesap"] for row in exported(visitor, f"account={visitor.account.id}")} == {"supervisor"}
    assert {row["İşlem"] for row in exported(visitor, "action=login")} == {"Giriş"}
    assert exported(visitor, "from=2099-01-01") == []
    assert len(exported(visitor, "from=2020-01-01&to=2099-01-01")) > 3


@pytest.mark.parametrize(
    "query",
    [
        "account=x",
        "action=none",
        "from=x",
        "from=2026-02-01&to=2026-01-01",
        "to=9999-12-31",
        "from=0001-01-01",
        "before=0",
    ],
)
def test_nonsense_in_a_filter_is_told(query: str, visit: Visit) -> None:
    assert visit(Role.AUDITOR).get(f"/audit?{query}").status_code == 422


def test_reading_and_exporting_are_audited(visit: Visit, desk: Desk) -> None:
    visitor = visit(Role.AUDITOR)
    visitor.get("/audit?application=10000000078")
    exported(visitor)
    read, sent = (
        desk.database.read(lambda work, action=action: lines(work, LineFilter(actions=(action,))))  # type: ignore[misc]  # of this round
        for action in (Action.AUDIT_READ, Action.EXPORT)
    )
    assert read[0].details == {"application": "10*********"}
    assert (sent[0].object, sent[0].details) == ("audit:trail", {"form": "csv"})


def test_numbers_and_formulas_that_somebody_typed_are_harmless(visit: Visit, desk: Desk) -> None:
    write(desk, 1, "=HYPERLINK(10000000078)")
    visitor = visit(Role.AUDITOR)
    assert "10000000078" not in visitor.get("/audit").text
    reasons = {row["Gerekçe"] for row in exported(visitor, "action=view_paper")}
    assert reasons == {"'=HYPERLINK(10*********)"}


def test_banner_tells_of_the_last_verification(visit: Visit, desk: Desk) -> None:
    visitor = visit(Role.AUDITOR)
    write(desk, 5)
    assert "daha hiç doğrulanmadı" in visitor.get("/audit").text
    assert visitor.post("/audit/verify").headers["location"] == "/audit"
    assert "İz bütün" in visitor.get("/audit").text
    tamper(
        desk,
        update(AuditLine).where(AuditLine.object == "application:TS-2").values(object="application:TS-9"),
    )
    assert "İz bütün" in visitor.get("/audit").text  # as of then
    visitor.post("/audit/verify")
    page = visitor.get("/audit").text
    assert "İz bozuk" in page
    assert 'role="alert"' in page


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OPERATOR, Role.PROVIDER_QUERY])
def test_nobody_else_reads_the_trail(role: Role, visit: Visit) -> None:
    visitor = visit(role)
    assert visitor.get("/audit").status_code == 403
    assert visitor.get("/audit/lines.csv").status_code == 403
    assert visitor.post("/audit/verify").status_code == 403


@pytest.fixture
def command(desk: Desk, desk_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`kanit audit verify` on that desk."""
    monkeypatch.setenv("KANIT_HOME", str(desk_settings.home))
    return lambda *options: run(["audit", "verify", *options])


def test_command_finds_a_whole_trail_whole(
    command: Callable[..., int], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    write(desk, 4)
    assert command("--json") == 0
    assert json.loads(capsys.readouterr().out) == {"lines": 4, "whole": True, "faults": []}
    assert command() == 0
    assert capsys.readouterr().out == "Denetim izi bütün: 5 satır doğrulandı.\n"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            update(AuditLine).where(AuditLine.id == 2).values(address="10.0.0.1"),
            {"line": 2, "fault": "altered"},
        ),
        (delete(AuditLine).where(AuditLine.id == 2), {"line": 2, "fault": "missing"}),
        (delete(AuditLine).where(AuditLine.id >= 3), {"line": 3, "fault": "truncated"}),
    ],
    ids=["altered", "missing", "cut off"],
)
def test_command_finds_what_was_done_to_a_line(
    statement: object,
    fault: dict[str, object],
    command: Callable[..., int],
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(desk, 4)
    tamper(desk, statement)
    assert command("--json") == 10
    told = json.loads(capsys.readouterr().out)
    assert not told["whole"]
    assert fault in told["faults"]
    assert command("--lang", "en") == 10
    assert f"line {fault['line']}: " in capsys.readouterr().out


def test_command_finds_lines_that_changed_places(
    command: Callable[..., int], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    write(desk, 4)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper(desk, update(AuditLine).where(AuditLine.id == old).values(id=new))
    assert command("--json") == 10
    assert {fault["line"] for fault in json.loads(capsys.readouterr().out)["faults"]} >= {2, 3}
