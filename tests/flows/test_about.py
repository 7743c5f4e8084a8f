"""`kanit schema`, `config` and `doctor`: what kanit tells about itself and the machine."""

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from flows import doctor
from flows.doctor import State
from flows.errors import Exit
from flows.texts import Language, catalogue
from tests.flows.helpers import command
from tests.s3 import Bucket


@pytest.mark.parametrize("name", ["application", "report", "document"])
def test_the_schemas_are_json_schemas(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "schema", name)
    assert printed.code == Exit.OK
    jsonschema.Draft202012Validator.check_schema(json.loads(printed.out))


def test_config_tells_every_setting_with_its_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KANIT_DATABASE_URL", "postgresql://kanit:geheim@db/registry")
    (tmp_path / "kanit.toml").write_text("workers = 3\n", "utf-8")
    printed = command(capsys, "config", "--json")
    settings = {line["name"]: (line["value"], line["origin"]) for line in printed.lines}
    assert printed.code == Exit.OK
    assert settings["workers"] == ("3", "kanit.toml")
    assert settings["database_url"][1] == "environment KANIT_DATABASE_URL"
    assert settings["home"] == (str(tmp_path / ".kanit"), "default")
    assert "geheim" not in printed.out + command(capsys, "config").out


def test_doctor_finds_everything_here_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, "doctor", "--json")
    essential = [line for line in printed.lines if line["state"] == State.MISSING]
    assert essential == []
    assert printed.code == Exit.OK
    assert list(tmp_path.iterdir()) == []
    assert "Everything essential is in place." in command(capsys, "doctor", "--lang", "en").out


def test_doctor_tells_what_is_lost_and_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KANIT_DATABASE_URL", f"postgresql://nobody@/nothing?host={tmp_path}")
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    monkeypatch.setattr("extractors.tesseract._DATA_FOLDERS", ())
    printed = command(capsys, "doctor", "--json", "--lang", "en")
    found = {line["name"]: line for line in printed.lines}
    assert printed.code == Exit.FLAGGED
    assert found["database"]["state"] == State.MISSING
    assert "KANIT_DATABASE_URL" in found["database"]["remedy"]
    assert found["turkish"]["state"] == State.OPTIONAL
    assert "apt-get install tesseract-ocr-tur" in found["turkish"]["remedy"]
    assert "MISSING" in command(capsys, "doctor", "--lang", "en").out


def test_doctor_reports_a_damaged_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key").write_text("no key", "ascii")
    monkeypatch.setenv("KANIT_KEY_FILE", str(tmp_path / "key"))
    found = {line["name"]: line for line in command(capsys, "doctor", "--json").lines}
    assert found["key"]["state"] == State.MISSING


def test_doctor_asks_inbox_and_evidence_store_at_their_addresses(
    monkeypatch: pytest.MonkeyPatch, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put("inbox/A-1/application.json", b"{}")
    monkeypatch.setenv("KANIT_INBOX", f"{bucket.url}/inbox")
    monkeypatch.setenv("KANIT_EVIDENCE_URL", f"{bucket.url}/evidence")
    found = {line["name"]: line for line in command(capsys, "doctor", "--json").lines}
    assert {found[name]["state"] for name in ("inbox", "evidence", "s3")} == {State.OK}
    monkeypatch.setenv("KANIT_INBOX", f"{bucket.url}/mistyped")
    monkeypatch.setenv("KANIT_EVIDENCE_URL", "s3://no-such-bucket/evidence")
    found = {line["name"]: line for line in command(capsys, "doctor", "--json").lines}
    assert {found[name]["state"] for name in ("inbox", "evidence")} == {State.MISSING}


def test_doctor_tells_how_to_get_the_package_for_s3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    loaded = sys.modules["fsspec.registry"]._registry  # the package has a mapping of the module's name
    monkeypatch.delitem(loaded, "s3", raising=False)
    monkeypatch.setenv("KANIT_EVIDENCE_URL", "s3://bucket/evidence")
    found = {line["name"]: line for line in command(capsys, "doctor", "--json", "--lang", "en").lines}
    assert found["s3"]["state"] == State.OPTIONAL
    assert "kanit[s3]" in found["s3"]["remedy"]
    assert found["evidence"]["state"] == State.MISSING


def test_doctor_reports_versions_that_do_not_fit_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda _: "2.1.9")
    found = {check.name: check for check in doctor.examine()}
    assert found["prefect"].state is State.MISSING
    assert "2.1.9" in found["prefect"].detail


@pytest.mark.parametrize("language", Language)
def test_every_check_has_its_texts(language: Language) -> None:
    for check in doctor.examine():
        for name in ("title", "lost", "remedy"):
            assert f"doctor.checks.{check.name}.{name}" in catalogue(language)
