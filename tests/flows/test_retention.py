"""`kanit retention run`: what it prints, and what `explain` and the cards tell of what was destroyed."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from flows.errors import Exit
from flows.texts import Language, catalogue
from storage.database import open_database
from storage.models import ApplicationRow, Employment, RegistryState
from storage.recheck import today
from storage.retention import DataClass
from storage.settings import load_settings
from tests.flows.helpers import asked, command, everything_at, kanit

NAME = "TS-2026-000001"


@pytest.fixture
def left(declared: dict[str, str], home: Path) -> dict[str, str]:
    """What was declared of somebody who has left the provider by now."""
    database = open_database(load_settings(home=home))
    with database.unit_of_work() as work:
        ended = {"state": RegistryState.CLOSED, "ended_at": datetime(2026, 1, 1, tzinfo=UTC)}
        work.session.execute(update(Employment).values(**ended))
        work.commit()
    database.close()
    return declared


def at_once(monkeypatch: pytest.MonkeyPatch, *classes: str) -> None:
    """Let the periods of these classes be over."""
    for name in classes:
        monkeypatch.setenv(f"KANIT_RETENTION_{name.upper()}_DAYS", "0")


def counts(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, int]:
    printed = command(capsys, "retention", "run", *options, "--json")
    assert printed.code == Exit.OK, printed.err
    (line,) = printed.lines
    assert set(line) == {"dry_run", "run_id", "destroyed", "held", "files_waiting"}
    assert list(line["destroyed"]) == [each.value for each in DataClass]
    return {name: count for name, count in line["destroyed"].items() if count}


def test_a_dry_run_tells_the_same_numbers_and_destroys_nothing(
    left: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counts(capsys) == {}
    at_once(monkeypatch, "evidence")
    told = counts(capsys, "--dry-run")
    assert told["evidence"] >= 1
    assert told["files"] >= 1
    assert counts(capsys, "--dry-run") == told
    assert counts(capsys) == told
    assert counts(capsys) == {}


def test_the_numbers_are_told_to_people_in_both_languages(
    left: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch, "evidence")
    turkish = command(capsys, "retention", "run", "--dry-run").out
    assert turkish.startswith("İmha edilecek olanlar; hiçbir şey değiştirilmedi:\n  ")
    assert "Kanıt deposunun dosyaları" in turkish
    english = command(capsys, "retention", "run", "--lang", "en").out
    assert english.startswith("Destroyed (run ")
    assert "  Files of the evidence store" in english
    nothing = command(capsys, "retention", "run", "--lang", "en").out
    assert nothing == "Nothing is due for destruction.\n"
    for language in Language:
        assert {f"retention.what.{each}" for each in DataClass} <= catalogue(language).keys()


def test_explain_and_the_card_say_since_when_the_files_are_gone(
    left: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # what is new stands on lines of its own
    before = command(capsys, "explain", NAME, "--lang", "en")
    at_once(monkeypatch, "evidence")
    counts(capsys)
    day = today().isoformat()
    told = command(capsys, "explain", NAME, "--lang", "en")
    assert f"The uploaded files were destroyed on {day}: their" in told.out
    gone = {line for line in told.out.splitlines() if "destroyed" in line}
    assert [line for line in told.out.splitlines() if line not in gone] == before.out.splitlines()
    (explanation,) = command(capsys, "explain", NAME, "--json").lines
    assert explanation["destroyed"].keys() == {"evidence"}
    card = command(capsys, "registry", "card", "--tax-number", left["tax_number"], "--lang", "en")
    assert f"      The evidence file was destroyed on {day}: its retention period was over" in card.out
    assert "      Evidence: " in card.out


def test_explain_and_the_cards_work_without_facts_and_name_nobody_of_the_application(
    left: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch, "evidence", "facts")
    assert counts(capsys)["facts"] >= 1
    told = command(capsys, "explain", NAME, "--reveal")
    assert told.code == Exit.OK, told.err
    assert "tarihinde imha edildi. Karar ve tarihleri saklanıyor." in " ".join(told.out.split())
    for secret in (left["national_id"], left["family_name"], left["title"]):
        assert secret not in told.out
    (explanation,) = command(capsys, "explain", NAME, "--json").lines
    assert explanation["destroyed"].keys() == {"evidence", "facts"}
    assert (explanation["people"], explanation["decision"]) == ([], "verified")
    card = asked(capsys, monkeypatch, left["national_id"], "person", "--national-id", "--lang", "en")
    assert card.code == Exit.OK, card.err
    assert "The evidence file was destroyed on" in card.out
    assert "      Evidence: " not in card.out
    assert command(capsys, "registry", "recheck", "--older-than", "0").code == Exit.OK
    assert command(capsys, "rejudge").code != Exit.INTERNAL


def test_no_letter_is_written_on_what_was_destroyed(
    left: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch, "evidence", "facts")
    counts(capsys)
    database = open_database(load_settings(home=home))
    with database.engine.begin() as connection:
        key = ApplicationRow.__table__.c.application_id == NAME
        assert connection.scalar(ApplicationRow.__table__.select().where(key))
        connection.exec_driver_sql("UPDATE judgements SET decision = 'flagged'")
    database.close()
    printed = command(capsys, "letter", NAME, "--lang", "en")
    assert (printed.code, printed.out) == (Exit.FLAGGED, "")
    assert "destroyed" in printed.err


def run_python(script: str, environment: dict[str, str]) -> Any:
    """Run a script in a process of its own, and return the JSON that it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_the_flow_tells_prefect_numbers_and_nobody(
    server: str, left: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {
        "KANIT_HOME": str(home),
        "PREFECT_API_URL": server,
        "KANIT_RETENTION_EVIDENCE_DAYS": "0",
    }
    before = everything_at(server)  # other tests use the server, too
    script = "import json; from flows.retention import retention; print(json.dumps(retention(dry_run={})))"
    told, done = (run_python(script.format(dry), environment) for dry in (True, False))
    assert told["destroyed"] == done["destroyed"]
    assert done["destroyed"]["files"] >= 1
    (again,) = kanit(["retention", "run", "--json"], environment).lines
    assert not any(again["destroyed"].values())
    heard = everything_at(server)
    assert "would be destroyed; nothing was changed; 0 open applications held" in heard
    for secret in (left["national_id"], left["family_name"], left["title"], NAME):
        assert heard.count(secret) == before.count(secret)
