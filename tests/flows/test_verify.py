"""`kanit verify`: good and bad applications from folder to report."""

import json
import shutil
from pathlib import Path

import pytest

from extractors.facts import Document, Kind, Media, TextSource
from flows.errors import Exit
from flows.texts import Language
from flows.verification import load_declaration, text_doubts
from tests.flows.helpers import check_report, codes, command, sample
from validators.application import ApplicationInvalid
from validators.case import Judgement, PersonJudgement
from validators.finding import Code, Decision, Finding, Level, Outcome


def test_a_sound_application_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "verify", sample(tmp_path, "statement"), "--json")
    (report,) = printed.lines
    check_report(report)
    assert printed.code == Exit.OK
    assert report["decision"] == "verified"
    assert [person["route"] for person in report["people"]] == ["service_statement"]
    assert report["documents"][0]["barcode"] == report["documents"][0]["qr"]["barcode"]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("no_link", "NO_LINK"),
        ("start_date_too_old", "START_DATE_TOO_OLD"),
        ("qr_missing", "QR_MISSING"),
        ("archive_rar", "ARCHIVE_NOT_ZIP"),
        ("application_not_json", "APPLICATION_INVALID"),
        ("application_not_declared", "APPLICATION_INVALID"),
        ("application_evidence_missing", "APPLICATION_INVALID"),
    ],
)
def test_a_faulty_application_is_flagged_with_its_code(
    case: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, "verify", sample(tmp_path, case), "--json")
    (report,) = printed.lines
    check_report(report)
    assert printed.code == Exit.FLAGGED
    assert code in codes(report)


def test_an_empty_folder_is_a_flagged_application(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "TS-2026-000001"
    folder.mkdir()
    printed = command(capsys, "verify", folder, "--json")
    (report,) = printed.lines
    check_report(report)
    assert printed.code == Exit.FLAGGED
    assert report["application_id"] == "TS-2026-000001"
    assert codes(report) == {"APPLICATION_INVALID"}


def test_the_report_masks_numbers_unless_they_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path, "statement")
    number = json.loads((folder / "application.json").read_text("utf-8"))["people"][0]["national_id"]
    hidden = command(capsys, "verify", folder, "--json")
    shown = command(capsys, "verify", folder, "--json", "--reveal")
    assert number not in hidden.out + hidden.err
    assert shown.lines[0]["people"][0]["national_id"] == number
    check_report(shown.lines[0])


def test_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sample(tmp_path / "inbox", "statement")
    before = sorted(tmp_path.rglob("*"))
    command(capsys, "verify", folder)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.TURKISH, ["Karar: İNCELEME GEREKİYOR", "öneri: başvurana iade edilsin", "Hizmet dökümü"]),
        (Language.ENGLISH, ["Decision: FLAGGED", "proposal: return to the applicant", "service statement"]),
    ],
)
def test_people_read_the_decision_the_reason_the_place_and_the_proposal(
    language: Language, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path, "employment_ended")
    name = json.loads((folder / "application.json").read_text("utf-8"))["people"][0]["given_name"]
    printed = command(capsys, "verify", folder, "--lang", language)
    assert printed.code == Exit.FLAGGED
    assert "EMPLOYMENT_ENDED" in printed.out
    assert name in printed.out.replace("\n", " ")
    assert ".pdf, " in printed.out
    text = " ".join(printed.out.split()).casefold()
    assert [word for word in words if word.casefold() not in text] == []


def test_passed_questions_are_shown_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sample(tmp_path, "statement")
    assert "QR_MISSING" not in command(capsys, "verify", folder).out
    assert "✔ QR_MISSING" in command(capsys, "verify", folder, "--all").out


def test_the_registry_is_asked_for_personnel_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path, "statement")
    printed = command(capsys, "verify", folder, "--registry", "--json")
    assert printed.code == Exit.FLAGGED
    assert codes(printed.lines[0]) == {"PERSON_NOT_REGISTERED"}


def test_an_inbox_demands_the_application_s_id_as_its_folder_s_name(tmp_path: Path) -> None:
    folder = sample(tmp_path, "statement")
    other = Path(shutil.copytree(folder, tmp_path / "TS-0"))
    assert load_declaration(folder, named_by_id=True) == load_declaration(other)
    with pytest.raises(ApplicationInvalid) as raised:
        load_declaration(other, named_by_id=True)
    assert [problem.place for problem in raised.value.problems] == ["application_id"]


DOCUMENT = Document(
    "sha256:" + "0" * 64, "a.pdf", 1, Media.PDF, Kind.SERVICE_STATEMENT, 1, TextSource.EMBEDDED
)


def _judged(*findings: Finding) -> Judgement:
    person = PersonJudgement("10000000146", Decision.FLAGGED, None, findings)
    return Judgement("A", None, Decision.FLAGGED, "p", (person,), (), ((DOCUMENT, ()),))


def _finding(code: Code, outcome: Outcome = Outcome.FAILED, document: str | None = DOCUMENT.id) -> Finding:
    return Finding(code, outcome, Level.BLOCK, "Kılavuz m.6(3)(d)", document=document)


def test_the_second_reader_is_asked_only_about_what_the_text_says() -> None:
    assert text_doubts(_judged(_finding(Code.EMPLOYMENT_ENDED))) == {DOCUMENT.id}
    assert text_doubts(_judged(_finding(Code.PERSON_NO_EVIDENCE, document=None))) == {DOCUMENT.id}
    assert text_doubts(_judged(_finding(Code.EMPLOYMENT_ENDED, Outcome.PASSED))) == frozenset()
    assert (
        text_doubts(_judged(_finding(Code.QR_MISSING), _finding(Code.PERSON_NOT_REGISTERED))) == frozenset()
    )
