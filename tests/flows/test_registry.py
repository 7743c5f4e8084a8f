"""`kanit registry search` and `check`: what Kılavuz m.8 lets a health-service provider see."""

import io
import json
import shutil
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from flows.errors import Exit
from storage.keys import format_key
from storage.settings import load_settings
from tests.flows.helpers import asked, command
from tests.flows.test_batch import run
from tests.papers import archives
from tests.storage.views import SIX_FACTS

STRANGER = "22222222220"
MISTYPED = "22222222221"


def test_a_person_is_found_by_name_and_masked(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """m.8(1)(ç)."""
    name = f"{declared['given_name']} {declared['family_name']}"
    printed = command(capsys, "registry", "search", "--name", name.lower(), "--json")
    (found,) = printed.lines
    assert printed.code == Exit.OK
    assert (found["given_name"], found["family_name"]) == (declared["given_name"], declared["family_name"])
    assert found["works_at"] == [{"title": declared["title"]}]
    assert declared["national_id"] not in printed.out + printed.err
    revealed = command(capsys, "registry", "search", "--name", name, "--json", "--reveal")
    assert revealed.lines[0]["national_id"] == declared["national_id"]


def test_a_search_prints_the_six_facts_and_nothing_of_the_evidence(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """m.8(1)(c): exactly six facts."""
    printed = asked(capsys, monkeypatch, declared["national_id"], "search", "--national-id", "--json")
    (found,) = printed.lines
    assert set(found) == SIX_FACTS
    assert {key for place in found["works_at"] for key in place} == {"title"}
    assert {key for file in found["certificates"] for key in file} <= {"name", "sha256"}
    text = asked(capsys, monkeypatch, declared["national_id"], "search", "--national-id").out
    assert "statement" not in text
    assert "tarihinden beri" not in text


def test_a_number_is_asked_for_on_standard_input(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """m.8(1)(d): state, day of the record, organisation."""
    number = declared["national_id"]
    spaced = f" {number[:3]} {number[3:]}\n"
    printed = asked(capsys, monkeypatch, spaced, "search", "--national-id", "--lang", "en")
    assert printed.code == Exit.OK
    assert declared["family_name"] in printed.out
    assert "State: registered · Recorded on: 20" in printed.out
    assert f"Works at: {declared['title']}" in printed.out


@pytest.mark.parametrize("option", ["--provider", "--tax-number"])
def test_the_people_of_a_provider(
    option: str, declared: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """m.8(1)(e)."""
    wanted = {"--provider": declared["title"][:12], "--tax-number": declared["tax_number"]}
    printed = command(capsys, "registry", "search", option, wanted[option], "--json")
    (found,) = printed.lines
    assert printed.code == Exit.OK
    assert set(found) == {"title", "people"}
    assert [person["family_name"] for person in found["people"]] == [declared["family_name"]]
    assert set(found["people"][0]) == SIX_FACTS
    text = command(capsys, "registry", "search", option, wanted[option], "--lang", "en").out
    assert text.splitlines()[0] == declared["title"]
    assert declared["tax_number"] not in text


def test_a_tax_number_that_is_a_person_s_is_asked_for(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = asked(capsys, monkeypatch, declared["tax_number"], "search", "--tax-number", "-", "--json")
    assert [found["title"] for found in printed.lines] == [declared["title"]]


def update_with(zipped: bytes, declared: dict[str, str], inbox: Path) -> None:
    """Put an update of a personal record with a zip of certificates into an inbox (m.5)."""
    folder = inbox / "TS-2026-900001"
    folder.mkdir()
    content = {
        "application_id": folder.name,
        "procedure": "personnel_update",
        "submitted_at": "2030-01-01T10:00:00+03:00",
        "people": [{name: declared[name] for name in ("national_id", "given_name", "family_name")}],
        "evidence": ["sertifikalar.zip"],
    }
    (folder / "application.json").write_text(json.dumps(content))
    (folder / "sertifikalar.zip").write_bytes(zipped)


def with_certificate(declared: dict[str, str], inbox: Path, home: Path) -> bytes:
    """Add a certificate to a personal record; return the zip that was uploaded."""
    course = io.BytesIO()
    pdf = pdfium.PdfDocument.new()
    pdf.new_page(300, 200)
    pdf.save(course)
    zipped = archives.plain({"kurs.pdf": course.getvalue()})
    update_with(zipped, declared, inbox)
    run(inbox, load_settings(home=home))
    return zipped


def test_the_certificate_files_can_be_had(
    declared: dict[str, str], tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """m.8(1)(c), (e): the certificate files themselves, as they were uploaded (.zip)."""
    zipped = with_certificate(declared, tmp_path / "inbox", home)
    arguments = ["registry", "search", "--provider", declared["title"], "--json", "--certificates"]
    printed = command(capsys, *arguments, tmp_path / "out" / "certificates")
    (provider,) = printed.lines
    ((file,),) = [person["certificates"] for person in provider["people"]]
    (written,) = (tmp_path / "out" / "certificates").iterdir()
    assert printed.code == Exit.OK
    assert (file["name"], written.name) == ("sertifikalar.zip", f"{file['sha256']}.zip")
    assert written.read_bytes() == zipped
    (tmp_path / "file").touch()
    refused = command(capsys, *arguments, tmp_path / "file" / "certificates")
    assert refused.code == Exit.USAGE
    assert "dosya yazılamadı: yoldaki adlardan biri klasör değil. [FOLDER_UNWRITABLE]" in refused.err


def test_without_the_registry_s_key_nothing_is_shown(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """m.8(1)(a), (b): only who has signed in may query; here, only who holds the key."""
    monkeypatch.setenv("KANIT_KEY", format_key(b"another invented secret, 32 byte"))
    printed = command(capsys, "registry", "search", "--provider", declared["title"], "--lang", "en")
    assert (printed.code, printed.out) == (Exit.INTERNAL, "")
    assert "sealed under the key" in printed.err


def test_nobody_is_found_in_an_empty_registry(capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "registry", "search", "--name", "KİMSE YOK", "--lang", "en")
    assert printed.code == Exit.FLAGGED
    assert printed.out == "No record was found.\n"


@pytest.mark.parametrize("query", ["search", "person"])
def test_a_mistyped_number_is_told_from_one_that_nobody_has(
    query: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = asked(capsys, monkeypatch, STRANGER, query, "--national-id", "--lang", "en")
    assert (unknown.code, unknown.out) == (Exit.FLAGGED, "No record was found.\n")
    mistyped = asked(capsys, monkeypatch, MISTYPED, query, "--national-id", "--lang", "en")
    assert (mistyped.code, mistyped.out) == (Exit.USAGE, "")
    assert "[NATIONAL_ID_INVALID]" in mistyped.err
    assert MISTYPED not in mistyped.err
    turkish = asked(capsys, monkeypatch, MISTYPED, query, "--national-id").err
    assert turkish.startswith("Hata: Sorgulanan T.C. kimlik numarası kurallı değil")


def test_a_check_goes_on_after_a_mistyped_number(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = f"{MISTYPED}\n{declared['national_id']}\n"
    printed = asked(capsys, monkeypatch, numbers, "check", "--national-id", "--lang", "en")
    assert printed.code == Exit.FLAGGED
    assert "  This is no valid T.C. number; it may be mistyped.\n" in printed.out
    assert declared["title"] in printed.out


@pytest.mark.parametrize("numbers", ["", " \n", f"{STRANGER}\n{STRANGER}\n"])
@pytest.mark.parametrize(
    "query", [["search", "--national-id"], ["card", "--tax-number", "-"], ["person", "--national-id"]]
)
def test_a_query_for_one_takes_one_number(
    query: list[str], numbers: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several numbers, all but the first were once left out without a word."""
    printed = asked(capsys, monkeypatch, numbers, *query, "--lang", "en")
    assert (printed.code, printed.out) == (Exit.USAGE, "")
    assert "[NUMBER_MISSING]" in printed.err


def test_a_check_of_nobody_is_asked_wrongly(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(capsys, monkeypatch, "\n", "check", "--national-id").code == Exit.USAGE


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("search", "--national-id, --name, --provider, --tax-number"),
        ("check", "--national-id"),
        ("card", "--provider, --tax-number"),
        ("person", "--national-id"),
    ],
)
def test_who_asks_for_nothing_learns_what_the_command_can_be_asked(
    query: str, options: str, capsys: pytest.CaptureFixture[str]
) -> None:
    err = command(capsys, "registry", query).err
    assert err.splitlines()[1] == f"Sorgu seçeneklerinden yalnız birini verin: {options}."


@pytest.mark.parametrize(
    "arguments",
    [
        ["search"],
        ["search", "--name", "AYŞE ÖRNEK", "--provider", "ÖRNEK"],
        ["search", "--name", "AYŞE"],
        ["check", "--provider", "ÖRNEK"],
        ["card"],
        ["card", "--provider", "ÖRNEK", "--tax-number", "1234567890"],
        ["person"],
    ],
)
def test_a_query_for_nothing_or_half_a_name_is_asked_wrongly(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """m.8(1)(ç) asks for given and family name."""
    printed = command(capsys, "registry", *arguments, "--lang", "en")
    assert printed.code == Exit.USAGE
    assert printed.out == ""


def test_a_check_answers_with_the_provider_of_the_person_whoever_won_the_contract(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """m.8(2): the person is asked about; another bidder is no obstacle and no error."""
    bidder = ["check", "--national-id", "--provider", "KURGU YÜKLENİCİ A.Ş."]
    printed = asked(capsys, monkeypatch, declared["national_id"], *bidder, "--json")
    (found,) = printed.lines
    assert printed.code == Exit.OK
    assert found["works_at"] == [{"title": declared["title"]}]
    assert (found["asked"], found["recorded_there"]) == ("KURGU YÜKLENİCİ A.Ş.", "no")
    assert declared["national_id"] not in printed.out
    text = asked(capsys, monkeypatch, declared["national_id"], *bidder).out
    assert f"esas alınan): {declared['title']}" in text
    assert "engel değildir" in text


def test_another_provider_s_application_is_told_that_the_person_is_recorded_elsewhere(
    declared: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """m.8(1)(d), m.8(2); A-14: a note beside what is wrong with that application, no ground of its own."""
    folder = tmp_path / "TS-2026-900002"
    shutil.copytree(tmp_path / "inbox" / "TS-2026-000001", folder)
    content = json.loads((folder / "application.json").read_text("utf-8"))
    other = {"title": "KURGU TIBBİ CİHAZ ANONİM ŞİRKETİ", "tax_number": "9876543217"}
    changed = {"application_id": folder.name, "submitted_at": "2030-01-01T10:00:00+03:00", "provider": other}
    (folder / "application.json").write_text(json.dumps({**content, **changed}), "utf-8")
    printed = command(capsys, "verify", folder, "--registry", "--json")
    (person,) = printed.lines[0]["people"]
    (found,) = [each for each in person["findings"] if each["code"] == "ALSO_REGISTERED_ELSEWHERE"]
    assert (found["outcome"], found["level"]) == ("failed", "note")
    assert declared["title"] in found["message"]["tr"]


def test_a_check_takes_a_list_of_people(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """m.8(2): everybody who will touch the device."""
    numbers = f"{declared['national_id']}\n\n{STRANGER}\n"
    printed = asked(
        capsys, monkeypatch, numbers, "check", "--national-id", "--provider", declared["title"], "--json"
    )
    first, second = printed.lines
    assert printed.code == Exit.FLAGGED
    assert (first["recorded_there"], second["recorded_there"]) == ("yes", "no")
    assert (second["state"], second["works_at"]) == (None, [])
    text = asked(capsys, monkeypatch, STRANGER, "check", "--national-id", "--lang", "en")
    assert text.out == "22*********\n  no personnel record\n"
