"""Hostile documents through the whole reading of an upload: each costs itself, and its neighbours are read."""

import faulthandler
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from extractors import document
from extractors.document import read_with_scans
from extractors.evidence import read_upload
from extractors.facts import Document, Kind
from extractors.sandbox import Sandbox, SandboxLimits
from tests.extractors import misbehaviour
from tests.extractors.hostile import pdfs, pictures
from tests.papers import draw, variants

READ = "read"
LOST = {"crash", "memory", "timeout"}
"""How a child may end: which of them depends on the machine and on PDFium's version."""

DOCUMENTS: Mapping[Callable[[], bytes], set[str]] = {
    pdfs.page_tree_loop: {"damaged"},
    pdfs.billions_of_pages: {"damaged", "limit_pages"},
    pdfs.page_that_is_a_stream: {READ, "damaged"},
    pdfs.length_loop: {READ, "damaged"},
    pdfs.inherited_loop: {READ, "damaged", "limit_page_size"},
    pdfs.xref_loop: {READ, "damaged"},
    pdfs.deep_array: {READ, "damaged"},
    pdfs.deep_dictionary_in_content: {READ, "damaged"},
    pdfs.a_million_letters: {"limit_text"},
    pdfs.run_lengths: {READ, "damaged"},
    pdfs.a_page_of_kilometres: {READ, "damaged", "limit_page_size"},
    pdfs.form_that_draws_itself: {READ, "damaged"},
    pdfs.font_that_uses_itself: {READ, "damaged"},
    pdfs.jpeg2000_of_a_gigapixel: {READ, "damaged"},
    pdfs.jbig2_of_a_gigapixel: {READ, "damaged"},
    pdfs.mask_of_itself: {READ, "damaged"},
    pdfs.colours_of_themselves: {READ, "damaged"},
    pictures.png_bomb: {"limit_pixels"},
    pictures.png_with_a_novel: {"damaged"},
    pictures.jpeg_bomb: {"limit_pixels"},
    pictures.tiff_bomb: {"limit_pixels"},
    pictures.tiff_of_endless_pages: {READ, "damaged", "limit_pages"},
    pictures.gif_bomb: {"limit_pixels"},
    pictures.bmp_bomb: {"limit_pixels"},
    pictures.webp_bomb: {"limit_pixels"},
}
"""Documents that are refused, or read, while their child lives on."""

DEADLY: Mapping[Callable[[], bytes], set[str]] = {
    pdfs.ten_million_letters: {"limit_text", *LOST},
    pdfs.a_gigabyte_of_content: LOST,
    pdfs.filters_in_filters: LOST,
    pdfs.millions_of_lines: LOST,
    pdfs.forms_in_forms: LOST,
    pdfs.pattern_that_paints_itself: LOST,
    pdfs.reference_loop: {READ, *LOST},
    pdfs.map_of_every_code: {READ, *LOST},
    pdfs.millions_of_saves: {READ, *LOST},
    pdfs.a_gigapixel: {READ, *LOST},
    pdfs.fax_of_a_gigapixel: {READ, *LOST},
}
"""Documents that may take their child with them."""


@pytest.fixture(scope="module")
def paper() -> bytes:
    return draw(variants.declaration(1))


def written(path: Path, files: Sequence[tuple[str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def read_among_sound(
    path: Path, makers: Sequence[Callable[[], bytes]], paper: bytes, seconds: float
) -> tuple[Document, ...]:
    """Read an upload in which a sound paper stands before each hostile document and after the last."""
    files = [
        pair for maker in makers for pair in ((f"before {maker.__name__}", paper), (maker.__name__, maker()))
    ]
    upload = written(path, [*files, ("last", paper)])
    with Sandbox(2, SandboxLimits(seconds=seconds)) as sandbox:
        read = read_upload(upload, sandbox, ocr=False)
    assert read.fault is None
    return read.documents


def reason(found: Document) -> str:
    return str(found.faults[0].facts["reason"]) if found.faults else READ


def check(documents: Sequence[Document], expected: Mapping[Callable[[], bytes], set[str]]) -> None:
    names = {maker.__name__: reasons for maker, reasons in expected.items()}
    for found in documents:
        if found.name in names:
            assert reason(found) in names.pop(found.name), found.name
        else:
            assert (found.kind, found.faults) == (Kind.ENTRY_DECLARATION, ())
    assert not names


def test_hostile_documents_are_refused_and_their_neighbours_read(tmp_path: Path, paper: bytes) -> None:
    check(read_among_sound(tmp_path / "e.zip", list(DOCUMENTS), paper, 60), DOCUMENTS)


@pytest.mark.slow
def test_documents_that_kill_their_reader_leave_their_neighbours(tmp_path: Path, paper: bytes) -> None:
    check(read_among_sound(tmp_path / "e.zip", list(DEADLY), paper, 8), DEADLY)


def test_a_bomb_in_the_archive_is_refused_before_anything_is_inflated(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", b"%PDF-1.7\n" + bytes(64 << 20))
    with Sandbox(1) as sandbox:
        read = read_upload(path, sandbox)
    assert read.fault is not None
    assert (read.fault.code.value, read.fault.facts["limit"]) == ("ARCHIVE_LIMIT", "ratio")


# Readers with a fault of their own


def hang() -> None:
    misbehaviour.sleep(600)


def allocate_without_end() -> None:
    held = []
    while True:
        held.append(bytearray(1 << 24))


def fork_and_hang() -> None:
    misbehaviour.fork_and_hang("kanit-isolation-test")


def print_garbage() -> None:
    os.write(1, b"garbage\n" * 1000)
    os.write(2, b"garbage\n" * 1000)


FAULTS: Mapping[Callable[[], object], set[str]] = {
    hang: {"timeout"},
    misbehaviour.hang_in_native_code: {"timeout"},
    misbehaviour.spin: {"timeout"},
    fork_and_hang: {"crash"},  # it is not let fork
    allocate_without_end: {"memory"},
    misbehaviour.crash: {"crash"},
    # The pool takes it for a child that has done its work, until the time is over.
    misbehaviour.exit_quietly: {"crash", "timeout"},
    misbehaviour.leave_the_interpreter: {"crash"},
    misbehaviour.raise_foreign: {"crash"},
    print_garbage: {READ},
}


def read_with_fault(data: bytes, name: str, *, ocr: bool) -> object:
    """Read as always, after the fault that the file's name asks for."""
    faulthandler.disable()  # pytest's would print from the child
    for fault in FAULTS:
        if fault.__name__ == name:
            fault()
    return read_with_scans(data, name, ocr=ocr)


@pytest.fixture
def faulty_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose children, forked from this process, have a reader with faults."""
    monkeypatch.setattr(document, "read_with_scans", read_with_fault)
    with Sandbox(2, SandboxLimits(seconds=3), "fork") as sandbox:
        yield sandbox


def test_a_reader_with_any_fault_costs_one_document(
    tmp_path: Path, paper: bytes, faulty_reader: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    names = [fault.__name__ for fault in FAULTS]
    files = [(name, paper) for fault in names for name in (f"sound beside {fault}", fault)]
    read = read_upload(written(tmp_path / "e.zip", files), faulty_reader, ocr=False)
    expected = {fault.__name__: ends for fault, ends in FAULTS.items()}
    assert [found.name for found in read.documents] == [name for name, _ in files]
    for found in read.documents:
        assert reason(found) in expected.get(found.name, {READ}), found.name
    assert capfd.readouterr() == ("", "")
