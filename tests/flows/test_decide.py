"""`kanit decide`: an officer's decision on a petition for the deletion of a record (Kılavuz m.4(3))."""

import io
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.errors import Exit
from storage.database import open_database
from storage.evidence import EvidenceStore
from storage.models import Version
from storage.settings import load_settings
from tests.flows.helpers import command
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox

PETITION = b"Sehven yapilan kaydimin silinmesini arz ederim."


def _write(inbox: Path, content: dict[str, object], files: dict[str, bytes]) -> None:
    folder = inbox / str(content["application_id"])
    folder.mkdir()
    (folder / "application.json").write_text(json.dumps(content), "utf-8")
    for name, data in files.items():
        (folder / name).write_bytes(data)


@pytest.fixture
def name(tmp_path: Path, home: Path) -> str:
    """Enter a person of a sample application into the registry, with the person's petition; return the name."""
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 1, only=["statement"])
    content = json.loads((inbox / "TS-2026-000001" / "application.json").read_text("utf-8"))
    (person,) = content["people"]
    petition = {
        "application_id": "D-1",
        "procedure": "record_deletion",
        "submitted_at": content["submitted_at"],
        "people": [person],
        "petition": "dilekce.pdf",
    }
    _write(inbox, petition, {"dilekce.pdf": PETITION})
    run(inbox, load_settings(home=home))
    return f"{person['given_name']} {person['family_name']}"


def decide(
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
    officer: str = "Görevli Deneme",
    note: str = "Sehven.",
) -> tuple[int, str, str]:
    printed = command(capsys, "decide", *arguments, "--officer", officer, "--note", note, "--lang", "en")
    return printed.code, printed.out, printed.err


def found(capsys: pytest.CaptureFixture[str], name: str) -> bool:
    return command(capsys, "registry", "search", "--name", name, "--json").code == Exit.OK


def test_an_approved_deletion_is_told_and_the_person_is_found_no_more(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(capsys, name)
    code, out, _ = decide(capsys, "D-1", "approve")
    assert (code, out.startswith("“D-1” was approved")) == (Exit.OK, True)
    assert not found(capsys, name)


def test_a_refused_deletion_changes_nothing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = decide(capsys, "D-1", "refuse", "--json")
    decided = json.loads(out)
    assert (code, decided["application_id"], decided["decision"]) == (Exit.OK, "D-1", "refused")
    assert found(capsys, name)


def test_a_second_decision_is_an_error_with_a_remedy(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    decide(capsys, "D-1", "refuse")
    code, out, err = decide(capsys, "D-1", "approve")
    assert (code, out) == (Exit.USAGE, "")
    assert "was decided before" in err
    assert "new application" in err
    assert found(capsys, name)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("TS-2026-000001", "approve"), "does not ask for the deletion"),
        (("X-1", "approve"), "There is no judged application"),
        (("D-1", "perhaps"), "perhaps"),
    ],
)
def test_what_cannot_be_decided_is_told(
    name: str, arguments: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = decide(capsys, *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert said in err


@pytest.mark.parametrize("empty", [{"officer": " "}, {"note": ""}, {"note": "-"}])
def test_nobody_decides_without_a_name_and_a_reason(
    empty: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(" \n"))
    code, _, err = decide(capsys, "D-1", "approve", **empty)
    assert code == Exit.USAGE
    assert "cannot be empty. [DECISION_INCOMPLETE]" in err
    assert "`--note -` reads the reason from standard input" in err


def test_a_note_is_read_from_standard_input(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell remembers command lines, and other users of the machine can read them."""
    monkeypatch.setattr("sys.stdin", io.StringIO("Sehven kayıt;\niki kez açılmış.\n"))
    code, out, _ = decide(capsys, "D-1", "refuse", "--json", note="-")
    assert (code, json.loads(out)["decision"]) == (Exit.OK, "refused")
    explained = command(capsys, "explain", "D-1", "--json").lines[0]
    assert [each["note"] for each in explained["rulings"]] == ["Sehven kayıt;\niki kez açılmış."]


def test_a_note_in_another_encoding_is_told_and_nothing_is_decided(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    latin5 = io.TextIOWrapper(io.BytesIO("Sehven kayıt".encode("cp1254")), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", latin5)
    code, out, err = decide(capsys, "D-1", "approve", note="-")
    assert (code, out) == (Exit.USAGE, "")
    assert "[INPUT_UNREADABLE]" in err
    assert found(capsys, name)


def test_the_petition_is_kept(name: str, home: Path) -> None:
    """Kılavuz m.4(3): why a record was deleted can be shown after the inbox is gone."""
    settings = load_settings(home=home)
    database = open_database(settings)
    with database.reading() as work:
        where = Version.procedure == "record_deletion"
        petition = work.session.scalars(select(Version.petition).where(where)).one()
    assert petition is not None
    assert EvidenceStore(settings.evidence_url, database.keys).open(petition) == PETITION
    database.close()
