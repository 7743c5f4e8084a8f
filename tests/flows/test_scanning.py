"""Scanning for malware by a real clamd, from the command line and in a batch."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows import reading
from flows.doctor import State
from flows.errors import Exit
from storage import queue
from storage.errors import SettingsInvalid
from storage.evidence import EvidenceStore
from storage.queued import Place, queued
from storage.settings import load_settings
from tests.clamav import EICAR, MARKER, STREAM_LIMIT, ClamdServer, running_clamd
from tests.flows.helpers import check_document, check_report, codes, command, dump, sample
from tests.flows.test_batch import opened, run
from tests.papers import archives
from tests.papers.inbox import write_sample_inbox

NOWHERE = "unix:/nonexistent/clamd.ctl"


@pytest.fixture(scope="module")
def server() -> Iterator[ClamdServer]:
    """A real clamd that tells what it skips."""
    with running_clamd("AlertExceedsMax yes") as running:
        yield running


@pytest.fixture
def scanned(server: ClamdServer, monkeypatch: pytest.MonkeyPatch) -> ClamdServer:
    """The same, named in the settings."""
    monkeypatch.setenv("KANIT_CLAMD", server.unix)
    return server


def infect(folder: Path) -> Path:
    """Put a file with the marker into the archive of an application; return the archive."""
    path = folder / "evidence.zip"
    path.write_bytes(archives.plain({"hizmet.pdf": b"%PDF-1.7\n" + MARKER}))
    return path


def test_a_sound_application_is_verified_through_the_scanner(
    scanned: ClamdServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, "verify", sample(tmp_path, "statement"), "--json")
    assert (printed.code, printed.lines[0]["decision"]) == (Exit.OK, "verified")


def test_an_infected_application_is_flagged(
    scanned: ClamdServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path, "statement")
    infect(folder)
    printed = command(capsys, "verify", folder, "--json")
    (report,) = printed.lines
    check_report(report)
    assert printed.code == Exit.FLAGGED
    assert codes(report) == {"MALWARE_FOUND", "PERSON_NO_EVIDENCE"}
    assert report["documents"] == []


def test_an_infected_petition_is_flagged(
    scanned: ClamdServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path, "record_deletion")
    (folder / "dilekce.pdf").write_bytes(EICAR)
    (report,) = command(capsys, "verify", folder, "--json").lines
    assert "MALWARE_FOUND" in codes(report)


def test_nothing_is_verified_while_the_scanner_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KANIT_CLAMD", NOWHERE)
    printed = command(capsys, "verify", sample(tmp_path, "statement"), "--json")
    assert (printed.code, printed.out) == (Exit.INTERNAL, "")
    assert "CLAMD_UNAVAILABLE" in printed.err


def test_nothing_is_verified_that_the_scanner_did_not_take(
    scanned: ClamdServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path, "statement")
    (folder / "evidence.zip").write_bytes(bytes(STREAM_LIMIT + 1))
    printed = command(capsys, "verify", folder, "--json")
    assert (printed.code, printed.out) == (Exit.INTERNAL, "")
    assert "CLAMD_LIMIT" in printed.err


def test_single_files_and_archives_are_scanned_too(
    scanned: ClamdServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + MARKER)
    printed = command(capsys, "read", path, "--json", "--draw", tmp_path / "drawn")
    check_document(printed.lines[0])
    assert printed.code == Exit.FLAGGED
    assert [finding["code"] for finding in printed.lines[0]["findings"]] == ["MALWARE_FOUND"]
    assert not (tmp_path / "drawn").exists()
    printed = command(capsys, "unpack", infect(tmp_path), "--json")
    assert (printed.code, printed.lines[0]["code"]) == (Exit.FLAGGED, "MALWARE_FOUND")
    assert printed.lines[0]["members"] == []


def test_a_batch_flags_what_is_infected_and_keeps_it_sealed(scanned: ClamdServer, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (expected,) = write_sample_inbox(inbox, 1, only=["statement"], registrations=False)
    upload = infect(inbox / expected.application_id)
    settings = load_settings(home=tmp_path / "home", workers=1)
    summary = run(inbox, settings)
    assert (summary.counts.verified, summary.counts.flagged, summary.counts.failed) == (0, 1, 0)
    sha256 = hashlib.sha256(upload.read_bytes()).hexdigest()
    with opened(settings) as database:
        assert "MALWARE_FOUND" in codes(dump(database, inbox)["reports"][expected.application_id])
        kept = EvidenceStore(settings.evidence_url, database.keys)
        assert kept.open(sha256) == upload.read_bytes()
    sealed = [path.read_bytes() for path in (tmp_path / "home" / "evidence").rglob("*") if path.is_file()]
    assert sealed
    assert not any(MARKER in data for data in sealed)


@pytest.mark.parametrize(("size", "code"), [(STREAM_LIMIT + 1, "CLAMD_LIMIT"), (0, "CLAMD_UNAVAILABLE")])
def test_an_unscanned_application_is_tried_again_and_parked_at_last(
    size: int, code: str, server: ClamdServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAUSES", tuple(timedelta(0) for _ in queue.PAUSES))
    monkeypatch.setattr(reading, "POLL_SECONDS", 0.01)
    inbox = tmp_path / "inbox"
    (expected,) = write_sample_inbox(inbox, 1, only=["statement"], registrations=False)
    if size:
        (inbox / expected.application_id / "evidence.zip").write_bytes(bytes(size))
    address = server.tcp if size else NOWHERE
    settings = load_settings(home=tmp_path / "home", workers=1, clamd=address)
    counts = run(inbox, settings).counts
    assert (counts.verified, counts.flagged, counts.failed) == (0, 0, 1)
    with opened(settings) as database:
        (parked,) = database.read(queued)
    assert (parked.place, parked.reason, parked.failures) == (Place.PARKED, code, queue.MAX_ATTEMPTS)


def clamd_line(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what `kanit doctor` tells of the scanner."""
    (line,) = [line for line in command(capsys, "doctor", "--json").lines if line["name"] == "clamd"]
    return dict(line)


def test_doctor_tells_whether_the_scanner_answers(
    scanned: ClamdServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clamd_line(capsys)["state"] == State.OK
    assert "ClamAV 1" in clamd_line(capsys)["detail"]
    monkeypatch.setenv("KANIT_CLAMD", NOWHERE)
    assert clamd_line(capsys)["state"] == State.MISSING
    monkeypatch.setenv("KANIT_CLAMD", "off")
    assert (clamd_line(capsys)["state"], clamd_line(capsys)["detail"]) == (State.OK, "-")


@pytest.mark.parametrize(
    "address",
    [
        "clamd",
        "unix:clamd.ctl",
        "unix://host/clamd.ctl",
        "tcp://127.0.0.1",
        "tcp://192.0.2.1:3310",
        "tcp://db:3310",
    ],
)
def test_papers_are_sent_to_no_scanner_on_another_machine(address: str) -> None:
    with pytest.raises(SettingsInvalid, match="clamd"):
        load_settings(clamd=address)


@pytest.mark.parametrize(
    "address", ["unix:/run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://[::1]:3310"]
)
def test_addresses_of_this_machine_are_taken(address: str) -> None:
    assert load_settings(clamd=address).clamd == address
