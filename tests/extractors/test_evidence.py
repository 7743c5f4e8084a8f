"""One uploaded file from disk to facts, through the sandbox."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.evidence import read_upload, second_opinion
from extractors.facts import FaultCode, Kind, Media
from extractors.sandbox import Sandbox, SandboxLimits
from tests.extractors.test_layout import declaration, statement
from tests.papers import archives, with_reportlab
from tests.papers.style import Style


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


def test_a_second_opinion_of_a_member(tmp_path: Path, sandbox: Sandbox) -> None:
    path = upload(tmp_path, archives.nested({"bildirge.pdf": with_reportlab.draw(declaration(0), Style())}))
    (first,) = read_upload(path, sandbox).documents
    assert second_opinion(path, first, sandbox).readers == ("pdfium", "pdfplumber")


def test_a_missing_file_is_the_machines_fault(tmp_path: Path, sandbox: Sandbox) -> None:
    with pytest.raises(FileNotFoundError):
        read_upload(tmp_path / "absent.zip", sandbox)
