"""`kanit explain`: every question with its clause, answer, evidence and remedy, in both languages."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.errors import Exit
from flows.recorded import RULINGS
from flows.texts import Language, catalogue
from storage.database import open_database
from storage.desk.rulings import Approve, Reopen, Return, RulingKind, Wait
from storage.models import ApplicationRow
from storage.settings import load_settings
from tests.flows.helpers import command, sample
from tests.flows.ruled import rule_at_desk
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox
from validators.finding import Code, Decision, Level, Outcome, Proposal, Route

RAW = [each.value for group in (Outcome, Level, Decision, Proposal, Route) for each in group]
"""Machine values that no reader of Turkish should see."""


def findings(explanation: Mapping[str, Any]) -> list[Any]:
    return [
        *explanation["findings"],
        *(finding for person in explanation["people"] for finding in person["findings"]),
    ]


def finding(explanation: Mapping[str, Any], code: Code) -> Any:
    return next(each for each in findings(explanation) if each["code"] == code)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def entered(tmp_path: Path) -> Path:
    """Judge one flagged and one sound application into the registry; return the inbox."""
    write_sample_inbox(tmp_path / "inbox", 2, only=["employment_ended", "statement"])
    run(tmp_path / "inbox", load_settings(home=tmp_path / ".kanit"))
    return tmp_path / "inbox"


def test_a_flagged_folder_is_explained_question_by_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kılavuz m.6(3)(d): whose employment ended is told so with clause, page, box and remedy."""
    printed = command(capsys, "explain", sample(tmp_path, "employment_ended"), "--json")
    (explanation,) = printed.lines
    assert printed.code == Exit.FLAGGED
    assert not explanation["stored"]
    assert (explanation["policy"], explanation["policy_version"]) == ("kilavuz-v3", "1")
    ended = finding(explanation, Code.EMPLOYMENT_ENDED)
    assert ended["question"]["tr"] == "Kişi teknik servis sağlayıcısında çalışmayı sürdürüyor mu?"
    assert [clause["clause"] for clause in ended["clauses"]] == ["Kılavuz m.6(3)(d)"]
    assert "Hizmet Dökümü" in ended["clauses"][0]["text"]["tr"]
    assert (ended["outcome"], ended["proposal"]) == ("failed", "return_to_applicant")
    assert "ayrıldığı görülüyor" in ended["answer"]["tr"]
    assert ended["remedy"]["tr"] not in ended["answer"]["tr"]
    assert ended["document"]["name"].endswith(".pdf")
    assert ended["page"] == 1
    assert len(ended["box"]) == 4


def test_an_explanation_asks_every_question_of_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path, "several")
    (explanation,) = command(capsys, "explain", folder, "--json").lines
    (report,) = command(capsys, "verify", folder, "--json").lines
    assert [(f["code"], f["outcome"], f["page"], f["box"]) for f in findings(explanation)] == [
        (f["code"], f["outcome"], f["page"], f["box"]) for f in findings(report)
    ]
    for asked, reported in zip(findings(explanation), findings(report), strict=True):
        said = [asked["answer"]["tr"], asked["remedy"]["tr"] if asked["flags"] else ""]
        assert reported["message"]["tr"].startswith(" ".join(filter(None, said)))


@pytest.mark.parametrize(
    "case", ["employment_ended", "not_started", "scan", "archive_rar", "qr_person_mismatch"]
)
def test_turkish_readers_read_turkish(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "explain", sample(tmp_path, case))
    text = one_line(printed.out)
    assert "Karar: İNCELEME GEREKİYOR" in text
    assert "Dayanak: Kılavuz m.6(3)(d)" in text
    assert "Giderilmesi: " in text
    assert [word for word in ("None", *RAW) if re.search(rf"\b{word}\b", text)] == []
    assert "{" not in text


def test_english_readers_read_english(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "explain", sample(tmp_path, "not_started"), "--language", "en")
    text = one_line(printed.out)
    assert re.search(r"proposal: wait until 20\d\d-\d\d-\d\d", text)
    assert "Answer (failed): The start date (" in text
    assert "Basis: Kılavuz m.6(3)(d) · code: NOT_STARTED" in text
    assert "Dayanak" not in text


def test_the_day_to_wait_for_is_written_as_turkish_papers_write_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules A-20: who begins later is not refused, the application waits for the day."""
    folder = sample(tmp_path, "not_started")
    for name in ("explain", "verify"):
        assert re.search(
            r"öneri: \d\d\.\d\d\.20\d\d tarihine kadar", one_line(command(capsys, name, folder).out)
        )


def test_a_stored_judgement_is_explained_without_its_files(
    entered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = entered / "TS-2026-000001"
    declared = json.loads((folder / "application.json").read_text("utf-8"))["people"][0]
    fresh = command(capsys, "explain", folder, "--json").lines[0]
    shutil.rmtree(entered)
    printed = command(capsys, "explain", "TS-2026-000001", "--json")
    (stored,) = printed.lines
    assert printed.code == Exit.FLAGGED
    assert stored["stored"]
    assert stored["people"][0]["given_name"] == declared["given_name"]
    assert finding(stored, Code.EMPLOYMENT_ENDED) == finding(fresh, Code.EMPLOYMENT_ENDED)
    assert "kayıtlardaki güncel değerlendirmedir" in one_line(
        command(capsys, "explain", "TS-2026-000001").out
    )


def test_an_officer_s_decision_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kılavuz m.4(3): a deletion is decided by a human; the explanation says how and why."""
    write_sample_inbox(tmp_path / "inbox", 1, only=["record_deletion"])
    run(tmp_path / "inbox", load_settings(home=tmp_path / ".kanit"))
    assert "Görevli kararı" not in command(capsys, "explain", "TS-2026-000001").out
    refusal = ("decide", "TS-2026-000001", "refuse", "--officer", "DENİZ ÖRNEK", "--note", "kayıt doğrudur")
    assert command(capsys, *refusal).code == Exit.OK
    told = one_line(command(capsys, "explain", "TS-2026-000001").out)
    assert re.search(r"Görevli kararı: reddedildi \([0-9. :]+\)\. Gerekçe: kayıt doğrudur", told)
    (explanation,) = command(capsys, "explain", "TS-2026-000001", "--json").lines
    assert [each["ruling"] for each in explanation["rulings"]] == ["refused"]


def test_what_officers_ruled_at_the_desk_is_told(
    entered: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "TS-2026-000001"
    until = date(2099, 1, 31)
    rule_at_desk(home, name, Wait(until, "10000000146 gelecek"))
    rule_at_desk(home, name, Reopen("belge geldi"))
    rule_at_desk(home, name, Return((Code.EMPLOYMENT_ENDED,), "Başvurunuz iade edilmiştir."))
    told = one_line(command(capsys, "explain", name).out)
    assert re.search(r"31\.01\.2099 tarihine kadar bekletildi \([0-9. :]+\)\. Gerekçe: 10\*+ gelecek", told)
    assert "başvuru yeniden açıldı" in told
    assert "başvurana iade edildi" in told
    (explanation,) = command(capsys, "explain", name, "--json").lines
    rulings = [(each["ruling"], each["state"], each.get("until")) for each in explanation["rulings"]]
    assert rulings == [
        ("waiting", "effective", "2099-01-31"),
        ("reopened", "effective", None),
        ("returned", "effective", None),
    ]


def test_an_approval_that_waits_for_a_second_officer_is_told_so(
    entered: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule_at_desk(home, "TS-2026-000001", Approve("Çıkış iptal edilmiş."))
    told = one_line(command(capsys, "explain", "TS-2026-000001").out)
    assert "onaylandı" in told
    assert "İkinci bir görevlinin onayı gerekiyordu. Gerekçe: Çıkış iptal edilmiş." in told


@pytest.mark.parametrize("language", Language)
def test_every_ruling_has_its_words(language: Language) -> None:
    words = {f"explain.ruling.{word}" for word in RULINGS.values()}
    assert words <= catalogue(language).keys()
    assert set(RULINGS) == set(RulingKind)
    assert {f"explain.ruling_state.{state}" for state in ("proposed", "declined")} <= catalogue(
        language
    ).keys()


def test_a_verified_application_ends_with_0(entered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "explain", "TS-2026-000002")
    assert printed.code == Exit.OK
    assert "Karar: DOĞRULANDI" in printed.out
    assert "Sorunlu bulunanlar" not in printed.out


def test_numbers_are_masked_unless_they_are_asked_for(
    entered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = entered / "TS-2026-000001"
    number = json.loads((folder / "application.json").read_text("utf-8"))["people"][0]["national_id"]
    for options in ([], ["--json"]):
        hidden = command(capsys, "explain", "TS-2026-000001", *options)
        assert number not in hidden.out + hidden.err
        assert f"{number[:2]}*********" in hidden.out
    assert number in command(capsys, "explain", "TS-2026-000001", "--reveal").out


def test_an_application_that_does_not_parse_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, "explain", sample(tmp_path, "application_not_json"))
    assert printed.code == Exit.FLAGGED
    assert "okunamayan başvuru" in printed.out
    assert "geçerli JSON değil" in one_line(printed.out)


@pytest.mark.parametrize("name", ["explain", "letter"])
def test_an_unknown_application_is_told_with_what_to_do(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, name, "TS-2026-999999", "--lang", "tr")
    assert printed.code == Exit.USAGE
    assert printed.out == ""
    assert "Hata: Kayıtlarda “TS-2026-999999” numaralı bir başvuru yok." in printed.err
    assert "klasörünü verin" in printed.err
    assert "no application “TS-2026-999999”" in command(capsys, name, "TS-2026-999999", "--lang", "en").err


def test_a_missing_folder_is_no_unknown_application(capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "explain", "inbox/TS-2026-999999")
    assert printed.code == Exit.USAGE
    assert "diye bir klasör yok" in printed.err


def test_an_application_that_waits_for_its_judgement_is_not_unknown(
    entered: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    database = open_database(load_settings(home=tmp_path / ".kanit"))
    with database.unit_of_work() as work:
        row = work.session.get_one(ApplicationRow, 1)
        values = {
            name: getattr(row, name) for name in ("inbox", "signature", "fingerprint", "state", "created_at")
        }
        work.session.add(ApplicationRow(application_id="TS-2026-000777", **values))
        work.commit()
    database.close()
    printed = command(capsys, "explain", "TS-2026-000777")
    assert printed.code == Exit.USAGE
    assert "henüz değerlendirilmemiş" in printed.err


def test_a_folder_is_explained_without_prefect_and_without_the_database(tmp_path: Path) -> None:
    script = (
        "import sys; from flows.cli import run; run(sys.argv[1:]);"
        "print([name for name in ('prefect', 'sqlalchemy', 'reportlab') if name in sys.modules], file=sys.stderr)"
    )
    folder = str(sample(tmp_path, "statement"))
    for name in ("explain", "letter"):
        done = subprocess.run(
            [sys.executable, "-c", script, name, folder],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.stderr.splitlines()[-1] == "[]"
