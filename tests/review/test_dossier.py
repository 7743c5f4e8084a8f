"""The dossier: an index of every document with its hash, findings with clauses, decisions, and the originals."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import update

from extractors.facts import Fault, FaultCode
from review.desk import Desk
from review.dossier import dossier_path
from storage.columns import now
from storage.desk.accounts import Role, account_by_name
from storage.desk.audit import Action, LineFilter, lines
from storage.desk.claims import claim_case
from storage.desk.rulings import Entered, Return, rule
from storage.findings import current_row
from storage.inbox import discover
from storage.models import UploadRow, Version
from tests.review.nights import keep_uploads, put_night
from tests.review.visiting import Visitor
from tests.storage.desk.cases import policies
from tests.storage.procedures import petition
from tests.storage.samples import AYSE, Inbox, application, statement
from validators.finding import Code

Visit = Callable[..., Visitor]


@pytest.fixture
def night(desk: Desk, tmp_path: Path) -> Inbox:
    return put_night(desk, tmp_path / "inbox")


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage() for page in document]
        return " ".join(" ".join(page.get_text_bounded().split()) for page in pages)
    finally:
        document.close()


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_zip_holds_index_and_originals(visit: Visit, night: Inbox) -> None:
    files = unpacked(visit(Role.AUDITOR).get(dossier_path("A-1", "zip")).content)
    assert list(files) == ["index.pdf", "index.json", "files/01.zip"]
    index = json.loads(files["index.json"])
    (told,) = index["files"]
    assert told["sha256"] == hashlib.sha256(files["files/01.zip"]).hexdigest()
    assert told["enclosed"]
    (document,) = told["documents"]
    paper = night.facts["A-1"][0].documents[0]
    assert (document["sha256"], document["kind"]) == (paper.id.removeprefix("sha256:"), "service_statement")
    assert (document["pages"], document["dated"]) == (1, "2026-11-19")
    assert AYSE.national_id not in files["index.json"].decode()


def test_index_tells_documents_findings_and_clauses(visit: Visit, night: Inbox) -> None:
    answer = visit(Role.SUPERVISOR).get(dossier_path("A-1", "pdf"))
    assert answer.headers["content-type"] == "application/pdf"
    told = words_of(answer.content)
    assert "Dizi pusulası" in told
    assert night.facts["A-1"][0].sha256[:32] in told
    assert "SGK Hizmet Dökümü" in told
    assert "EMPLOYMENT_ENDED" in told
    assert "Kılavuz" in told
    assert "Görevli kararı yok" in told
    assert AYSE.national_id not in told
    assert "Sayfa 1 / 2" in told


def test_decisions_are_told_with_who_when_and_why(visit: Visit, desk: Desk, night: Inbox) -> None:
    visitor = visit(Role.REVIEWER, "ayse")
    account = desk.database.read(lambda work: account_by_name(work, "ayse"))
    found = desk.database.read(lambda work: current_row(work, "A-1"))
    assert account is not None
    assert found is not None
    claim_case(desk.database, "A-1", account)
    ask = Return((Code.EMPLOYMENT_ENDED,), "Yazı", f"Aradım: {AYSE.national_id}")
    judgement = found[0].id
    assert isinstance(rule(desk.database, "A-1", judgement, account.actor(), ask, policies), Entered)
    told = words_of(visitor.get(dossier_path("A-1", "pdf")).content)
    assert "Deneme reviewer: başvurana iade (yürürlükte)" in told
    assert "Gerekçe: Aradım: 10*********" in told


def test_taking_a_dossier_is_audited(visit: Visit, desk: Desk, night: Inbox) -> None:
    visit(Role.REVIEWER).get(dossier_path("A-1", "zip"))
    (line,) = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.DOSSIER,))))
    assert (line.account, line.object, line.details) == ("reviewer", "application:A-1", {"form": "zip"})


def test_names_of_uploads_do_not_name_members(visit: Visit, desk: Desk, night: Inbox) -> None:
    for position, name in enumerate(("../../etc/passwd", f"C:\\{AYSE.national_id}.exe", "a\nb.PDF")):
        with desk.database.engine.begin() as connection:
            sealed = desk.database.keys.seal(name, "uploads.name")
            connection.execute(update(UploadRow).values(name=sealed))
        files = unpacked(visit(Role.AUDITOR, f"a{position}").get(dossier_path("A-1", "zip")).content)
        assert all(member.isascii() and ".." not in member and "\\" not in member for member in files)
        assert {Path(member).suffix for member in files} <= {".pdf", ".json", ".bin", ".zip"}


def test_files_that_are_gone_are_told(visit: Visit, desk: Desk, night: Inbox) -> None:
    with desk.database.engine.begin() as connection:
        connection.execute(update(Version).values(evidence_destroyed_at=now()))
    visitor = visit(Role.AUDITOR)
    files = unpacked(visitor.get(dossier_path("A-1", "zip")).content)
    assert list(files) == ["index.pdf", "index.json"]
    assert not json.loads(files["index.json"])["files"][0]["enclosed"]
    assert "imha edildi" in words_of(files["index.pdf"])


def test_a_file_that_is_missing_in_the_store_stops_nothing(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    inbox = Inbox.at(tmp_path / "inbox", desk.database)
    inbox.put(application("A-9"), statement())
    inbox.run()
    visitor = visit(Role.AUDITOR)
    assert "dosyaya konulamadı" in words_of(visitor.get(dossier_path("A-9", "pdf")).content)
    keep_uploads(desk, inbox)
    assert "dosyaya konulamadı" not in words_of(visitor.get(dossier_path("A-9", "pdf")).content)


def test_what_malware_was_found_in_is_told_and_left_out(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    inbox = Inbox.at(tmp_path / "inbox", desk.database)
    inbox.put(application("A-9"), statement())
    fault = Fault(FaultCode.MALWARE_FOUND, {"reason": "upload", "signature": "Test"})
    inbox.facts["A-9"] = tuple(replace(upload, documents=(), fault=fault) for upload in inbox.facts["A-9"])
    inbox.run()
    files = unpacked(visit(Role.AUDITOR).get(dossier_path("A-9", "zip")).content)
    assert list(files) == ["index.pdf", "index.json"]
    (told,) = json.loads(files["index.json"])["files"]
    assert (told["enclosed"], told["infected"]) == (False, True)
    assert "zararlı yazılım" in words_of(files["index.pdf"])


def test_a_petition_is_enclosed(visit: Visit, desk: Desk, night: Inbox) -> None:
    petition(night, "D-1", "20T14:05")
    night.run()
    sha256 = desk.evidence.put(b"%PDF-1.7 a petition")
    with desk.database.engine.begin() as connection:
        connection.execute(
            update(Version).where(Version.procedure == "record_deletion").values(petition=sha256)
        )
    files = unpacked(visit(Role.AUDITOR).get(dossier_path("D-1", "zip")).content)
    assert files["files/01.pdf"] == b"%PDF-1.7 a petition"
    assert "Dilekçe" in words_of(files["index.pdf"])


def test_what_is_not_there_or_not_judged(visit: Visit, desk: Desk, night: Inbox) -> None:
    visitor = visit(Role.AUDITOR)
    assert visitor.get(dossier_path("NOBODY", "pdf")).status_code == 404
    assert visitor.get("/cases/A-1/dossier.exe").status_code == 404
    night.put(application("A-8"), statement())
    discover(desk.database, night.source)
    assert visitor.get(dossier_path("A-8", "pdf")).status_code == 409
    assert desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.DOSSIER,)))) == ()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PROVIDER_QUERY])
def test_nobody_else_takes_dossiers(role: Role, visit: Visit, night: Inbox) -> None:
    assert visit(role).get(dossier_path("A-1", "zip")).status_code == 403
