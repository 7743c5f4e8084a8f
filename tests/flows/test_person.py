"""`kanit person`: how the number is taken, what is printed, what is written, and how it ends."""

import io
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flows.errors import Exit
from flows.texts import Language, catalogue
from storage.database import open_database
from storage.desk.audit import Action, LineFilter, lines
from storage.models import RulingKind
from storage.settings import load_settings
from storage.subject.grounds import Ground, What
from storage.subject.mentions import Role
from storage.subject.papers import Enclosure
from tests.flows.helpers import Printed, command
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox
from validators.issuer import IssuerStatus

NOBODY = "10000000214"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `kanit person` with a number on standard input."""

    def run_it(number: str, *arguments: object) -> Printed:
        monkeypatch.setattr("sys.stdin", io.StringIO(number))
        return command(capsys, "person", *arguments)

    return run_it


def audited(home: Path, action: Action, number: str) -> list[tuple[str, dict[str, Any]]]:
    database = open_database(load_settings(home=home))
    with database.reading() as work:
        found = lines(work, LineFilter(person=number, actions=(action,)))
    database.close()
    return [(line.reason, dict(line.details)) for line in found]


def test_what_is_kept_is_told_in_both_languages_and_audited(
    declared: dict[str, str], home: Path, typed: Any
) -> None:
    number = declared["national_id"]
    turkish = typed(f" {number[:3]} {number[3:]} \n", "export", "--reference", "KVKK-1")
    assert turkish.code == Exit.OK, turkish.err
    assert f"T.C. kimlik no {number} için saklanan veriler" in turkish.out
    for said in (declared["family_name"], declared["title"], "Başvuru TS-2026-000001", "DOĞRULANDI"):
        assert said in turkish.out
    english = typed(number, "export", "--reference", "KVKK-2", "--lang", "en")
    assert "Application TS-2026-000001: " in english.out
    assert "{" not in turkish.out + english.out
    told = audited(home, Action.PERSON_EXPORTED, number)
    assert told == [(f"KVKK-{n}", {"found": True, "files": 0}) for n in (2, 1)]


def test_rows_of_other_employers_are_told_as_not_kept(declared: dict[str, str], typed: Any) -> None:
    """The sample's person worked elsewhere before."""
    number = declared["national_id"]
    (paper,) = json.loads(typed(number, "export", "--reference", "1", "--json").out)["applications"][-1][
        "papers"
    ]
    count = paper["rows_not_kept"]
    assert count > 0
    assert {row["workplace"] for row in paper["records"]} == {
        place["number"] for place in paper["workplaces"]
    }
    turkish = typed(number, "export", "--reference", "1").out
    assert f"Başka işverenlere ait satırlar değerlendirmeden sonra saklanmadı; sayısı: {count}\n" in turkish
    english = typed(number, "export", "--reference", "1", "--lang", "en").out
    assert f"Rows of other employers were not kept after the judgement; their number: {count}\n" in english


def test_json_is_one_object_with_everything(declared: dict[str, str], typed: Any) -> None:
    printed = typed(declared["national_id"], "export", "--reference", "1", "--json")
    (told,) = printed.lines
    assert (told["export"], told["national_id"]) == (1, declared["national_id"])
    names = [each["application_id"] for each in told["applications"]]
    assert names == ["TP-2026-000001-01", "TS-2026-000001"]


def test_zip_holds_both_and_the_papers_and_is_for_its_owner_alone(
    declared: dict[str, str], home: Path, tmp_path: Path, typed: Any
) -> None:
    target = tmp_path / "out.zip"
    number = declared["national_id"]
    printed = typed(number, "export", "--reference", "1", "--to", target, "--evidence")
    assert (printed.code, printed.out) == (Exit.OK, ""), printed.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == ["belgeler/01.pdf", "veriler.json", "veriler.txt"]
        assert archive.read("belgeler/01.pdf").startswith(b"%PDF-")
        told = json.loads(archive.read("veriler.json"))
        assert "Dosyası ektedir: belgeler/01.pdf" in archive.read("veriler.txt").decode()
    (paper,) = told["applications"][-1]["papers"]
    assert (paper["enclosed"], paper["file"]) == ("enclosed", "belgeler/01.pdf")
    assert audited(home, Action.PERSON_EXPORTED, number)[0][1] == {"found": True, "files": 1}


def test_no_file_is_replaced(declared: dict[str, str], tmp_path: Path, typed: Any) -> None:
    target = tmp_path / "there.zip"
    target.write_bytes(b"mine")
    printed = typed(declared["national_id"], "export", "--reference", "1", "--to", target)
    assert printed.code == Exit.USAGE
    assert "EXPORT_UNWRITABLE" in printed.err
    assert target.read_bytes() == b"mine"


def test_number_may_stand_in_a_file_and_never_on_the_command_line(
    declared: dict[str, str], tmp_path: Path, typed: Any
) -> None:
    file = tmp_path / "number"
    file.write_text(declared["national_id"])
    assert typed("", "export", "--reference", "1", "--number-file", file).code == Exit.OK
    refused = typed("", "export", "--reference", "1", declared["national_id"])
    assert refused.code == Exit.USAGE
    assert declared["national_id"] not in refused.out + refused.err


@pytest.mark.parametrize("deed", ["export", "erase"])
@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "NUMBER_MISSING"),
        (f"{NOBODY}\n{NOBODY}", "NUMBER_MISSING"),
        ("12345678901", "NATIONAL_ID_INVALID"),
    ],
)
def test_a_number_that_is_none_is_refused(
    declared: dict[str, str], typed: Any, deed: str, number: str, code: str
) -> None:
    printed = typed(number, deed, "--reference", "1")
    assert (printed.code, printed.out) == (Exit.USAGE, "")
    assert code in printed.err


@pytest.mark.parametrize("deed", ["export", "erase"])
def test_of_somebody_who_is_not_known_nothing_is_kept(
    declared: dict[str, str], typed: Any, deed: str
) -> None:
    printed = typed(NOBODY, deed, "--reference", "1", "--json")
    assert (printed.code, printed.out) == (Exit.FLAGGED, "null\n")


def test_erasure_tells_what_remains_and_why(declared: dict[str, str], typed: Any) -> None:
    printed = typed(declared["national_id"], "erase", "--reference", "1", "--dry-run")
    assert printed.code == Exit.FLAGGED, printed.err
    assert printed.out.startswith("İmha edilecek bir şey yok.\nKalanlar ve dayanakları:\n")
    assert "Başvuru TS-2026-000001: süren bir çalışma kaydı buna dayanıyor" in printed.out
    assert "Başvuru TP-2026-000001-01: dava açma süresi işliyor" in printed.out
    assert declared["national_id"] not in printed.out


def test_erasure_destroys_what_nothing_holds(
    tmp_path: Path, home: Path, typed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sample_inbox(tmp_path / "inbox", 1, only=["statement"])
    run(tmp_path / "inbox", load_settings(home=home))
    content = json.loads((tmp_path / "inbox" / "TP-2026-000001-01" / "application.json").read_text("utf-8"))
    number = content["people"][0]["national_id"]
    monkeypatch.setenv("KANIT_RETENTION_EVIDENCE_DAYS", "0")
    told = typed(number, "erase", "--reference", "1", "--dry-run", "--json").lines[0]
    done = typed(number, "erase", "--reference", "1", "--json").lines[0]
    assert told["destroyed"] == done["destroyed"]
    assert (done["destroyed"]["facts"], done["dry_run"]) == (1, False)
    history = [each for each in done["remains"] if each["ground"] == "history"]
    assert [each["application_id"] for each in history] == ["TP-2026-000001-01"]
    assert [each[1]["dry_run"] for each in audited(home, Action.PERSON_ERASED, number)] == [False, True]


def test_everything_that_can_be_told_has_words() -> None:
    groups = {"what": What, "ground": Ground, "part": Role, "enclosure": Enclosure, "issuer": IssuerStatus}
    wanted = {f"person.{name}.{each}" for name, kind in groups.items() for each in kind}
    wanted |= {f"person.decision.{each}" for each in RulingKind}
    for language in Language:
        assert wanted <= catalogue(language).keys()
