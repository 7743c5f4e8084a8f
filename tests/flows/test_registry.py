"""`kanit registry search`: the six facts of Kılavuz m.8(1)(c)."""

import io
import json
from pathlib import Path

import pytest

from flows.errors import Exit
from storage.settings import load_settings
from tests.flows.helpers import command
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox


@pytest.fixture
def declared(tmp_path: Path, home: Path) -> dict[str, str]:
    """Enter one sound application into the registry and return what was declared in it."""
    write_sample_inbox(tmp_path / "inbox", 1, only=["statement"])
    run(tmp_path / "inbox", load_settings(home=home))
    content = json.loads((tmp_path / "inbox" / "TS-2026-000001" / "application.json").read_text("utf-8"))
    (person,) = content["people"]
    return {**person, "title": content["provider"]["title"], "tax_number": content["provider"]["tax_number"]}


def test_a_person_is_found_by_name_and_masked(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{declared['given_name']} {declared['family_name']}"
    printed = command(capsys, "registry", "search", "--name", name.lower(), "--json")
    (found,) = printed.lines
    assert printed.code == Exit.OK
    assert (found["given_name"], found["family_name"]) == (declared["given_name"], declared["family_name"])
    assert found["works_at"][0]["title"] == declared["title"]
    assert declared["national_id"] not in printed.out + printed.err
    revealed = command(capsys, "registry", "search", "--name", name, "--json", "--reveal")
    assert revealed.lines[0]["national_id"] == declared["national_id"]


def test_a_number_is_asked_for_on_standard_input(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(declared["national_id"] + "\n"))
    printed = command(capsys, "registry", "search", "--national-id", "--lang", "en")
    assert printed.code == Exit.OK
    assert declared["family_name"] in printed.out
    assert "State: registered" in printed.out
    assert declared["title"] in printed.out


@pytest.mark.parametrize("option", ["--provider", "--tax-number"])
def test_the_people_of_a_provider(
    option: str, declared: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = {"--provider": declared["title"][:12], "--tax-number": declared["tax_number"]}
    printed = command(capsys, "registry", "search", option, wanted[option], "--json")
    (found,) = printed.lines
    assert printed.code == Exit.OK
    assert [person["family_name"] for person in found["people"]] == [declared["family_name"]]


def test_nobody_is_found_in_an_empty_registry(capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "registry", "search", "--name", "KİMSE YOK", "--lang", "en")
    assert printed.code == Exit.FLAGGED
    assert printed.out == "No record was found.\n"
