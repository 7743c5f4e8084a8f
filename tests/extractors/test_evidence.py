"""One uploaded file from disk to facts, through the sandbox."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from extractors import evidence, ocr
from extractors.archive import Member
from extractors.evidence import FileReading, read_upload, second_opinion
from extractors.facts import FaultCode, Kind, Media
from extractors.sandbox import Sandbox, SandboxLimits
from tests.extractors.misbehaviour import sleep
from tests.extractors.test_layout import declaration, statement
from tests.papers import archives, bundles, with_reportlab
from tests.papers.style import Style, any_style


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2) as running:
        yield running


def upload(folder: Path, data: bytes) -> Path:
    path = folder / "evidence.zip"
    path.write_bytes(data)
    return path


def test_documents_come_in_the_order_of_the_archive(tmp_path: Path, sandbox: Sandbox) -> None:
    files = {
        "b/hizmet.pdf": with_reportlab.draw(statement(0), Style()),
        "a/bildirge.pdf": with_reportlab.draw(declaration(0), Style()),
        "oku beni.txt": b"not a document",
    }
    path = upload(tmp_path, archives.plain(files))
    read = read_upload(path, sandbox)
    assert (read.name, read.size, read.fault) == ("evidence.zip", path.stat().st_size, None)
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [(d.name, d.kind) for d in read.documents] == [
        ("b/hizmet.pdf", Kind.SERVICE_STATEMENT),
        ("a/bildirge.pdf", Kind.ENTRY_DECLARATION),
        ("oku beni.txt", Kind.UNKNOWN),
    ]
    assert [fault.code for fault in read.documents[2].faults] == [FaultCode.DOCUMENT_UNSUPPORTED]


def test_a_refused_archive_has_its_reason_and_no_documents(tmp_path: Path, sandbox: Sandbox) -> None:
    read = read_upload(upload(tmp_path, b"Rar!\x1a\x07\x01\x00 and so on"), sandbox)
    assert read.fault is not None
    assert (read.fault.code, read.fault.facts["found"]) == (FaultCode.ARCHIVE_NOT_ZIP, "RAR")
    assert read.documents == ()


def test_a_damaged_document_leaves_the_others_alone(tmp_path: Path, sandbox: Sandbox) -> None:
    sound = with_reportlab.draw(declaration(0), Style())
    read = read_upload(upload(tmp_path, archives.plain({"a.pdf": sound[:2000], "b.pdf": sound})), sandbox)
    assert [fault.code for fault in read.documents[0].faults] == [FaultCode.DOCUMENT_UNREADABLE]
    assert read.documents[1].kind is Kind.ENTRY_DECLARATION


def test_a_reader_that_takes_too_long_takes_one_document_with_it(tmp_path: Path) -> None:
    files = {"hizmet.pdf": with_reportlab.draw(statement(1, years=22), Style())}
    path = upload(tmp_path, archives.plain(files))
    with Sandbox(1, SandboxLimits(seconds=0.05), start_method="fork") as hasty:
        read = read_upload(path, hasty)
    faults = [read.fault] if read.fault else [fault for d in read.documents for fault in d.faults]
    assert faults
    assert {fault.facts["reason"] for fault in faults if fault is not None} == {"timeout"}
    assert all(d.id.startswith("sha256:") and d.media is Media.PDF for d in read.documents)


def read_for_ever(*_: Path | Member, **__: bool) -> FileReading:
    sleep(600)
    return (), b""


def test_an_upload_whose_documents_all_take_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "_BEGIN_SECONDS", -1.0)
    monkeypatch.setattr(evidence, "_MOST_TIMEOUTS", 3)
    monkeypatch.setattr(evidence, "read_archived", read_for_ever)
    path = upload(tmp_path, archives.plain({f"{number}.pdf": b"%PDF-1.7" for number in range(30)}))
    with Sandbox(2, SandboxLimits(seconds=0.5), start_method="fork") as sandbox:
        read = read_upload(path, sandbox)
    reasons = Counter(fault.facts["reason"] for document in read.documents for fault in document.faults)
    assert set(reasons) == {"timeout", "not_tried"}
    assert reasons["timeout"] < reasons["not_tried"]
    assert len(read.documents) == 30


def test_a_second_opinion_of_a_member(tmp_path: Path, sandbox: Sandbox) -> None:
    path = upload(tmp_path, archives.nested({"bildirge.pdf": with_reportlab.draw(declaration(0), Style())}))
    (first,) = read_upload(path, sandbox).documents
    assert second_opinion(path, first, sandbox).readers == ("pdfium", "pdfplumber")


def test_a_missing_file_is_the_machines_fault(tmp_path: Path, sandbox: Sandbox) -> None:
    with pytest.raises(FileNotFoundError):
        read_upload(tmp_path / "absent.zip", sandbox)


@pytest.mark.skipif(not ocr.available(), reason="Tesseract with Turkish data is not on this machine")
def test_a_paper_over_two_pictures_is_read_as_one(tmp_path: Path, sandbox: Sandbox) -> None:
    paper = statement(0)
    files = bundles.pictures(with_reportlab.draw(paper, any_style(3)), "hizmet")
    first, second = read_upload(upload(tmp_path, archives.plain(files)), sandbox).documents
    assert (first.name, second.name) == ("hizmet-1.jpg", "hizmet-2.jpg")
    assert (first.kind, first.pages, len(first.records)) == (Kind.SERVICE_STATEMENT, 2, len(paper.rows))
    assert (second.kind, second.part_of) == (first.kind, first.key)


def test_the_papers_of_one_file_stand_in_their_order(tmp_path: Path, sandbox: Sandbox) -> None:
    parts = [with_reportlab.draw(statement(seed), any_style(3)) for seed in (0, 1)]
    path = upload(tmp_path, archives.plain({"hepsi.pdf": bundles.merged(*parts), "z.pdf": parts[0]}))
    read = read_upload(path, sandbox)
    assert [(document.name, document.paper) for document in read.documents] == [
        ("hepsi.pdf", 1),
        ("hepsi.pdf", 2),
        ("z.pdf", 1),
    ]
    second = read.documents[1]
    assert second_opinion(path, second, sandbox) == replace(second, readers=("pdfium", "pdfplumber"))
