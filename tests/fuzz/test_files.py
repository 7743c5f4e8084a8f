"""PDFs and pictures, for any bytes: documents, each with its faults, and no exception that is not ours.

They are read in the sandbox: native readers may crash, and that is a result; what Python code of ours or of a
library raises is not.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.document import read_document
from extractors.facts import Document, FaultCode
from extractors.images import Unreadable, load_image
from extractors.reader import second_reading
from extractors.sandbox import ChildDied, ChildFailed, Sandbox, SandboxLimits
from tests.fuzz import seeds
from tests.fuzz.mutations import mutated_bytes, mutated_numbers
from tests.fuzz.profile import fuzzed

LIMITS = SandboxLimits(seconds=40)
FAULTS = {FaultCode.DOCUMENT_UNREADABLE, FaultCode.DOCUMENT_ENCRYPTED, FaultCode.DOCUMENT_UNSUPPORTED}

pdfs = (
    mutated_numbers(seeds.open_pdfs)
    | mutated_bytes(seeds.open_pdfs)
    | mutated_bytes(seeds.paper_files)
    | mutated_numbers(seeds.paper_files)
)
pictures = mutated_bytes(seeds.pictures)
noise = st.sampled_from(
    (b"%PDF-1.7\n", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"GIF89a", b"")
).flatmap(lambda head: st.binary(max_size=300).map(lambda data: head + data))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, LIMITS) as box:
        yield box


def read(data: bytes) -> tuple[Document, ...]:
    """Read a file; without OCR, whose engine takes seconds for noise."""
    return read_document(data, "fuzzed", ocr=False)


def loaded(data: bytes) -> str:
    """Load a picture and say what is wrong with it."""
    try:
        pages = load_image(data)
    except Unreadable as refusal:
        return refusal.fault.code.value
    assert pages
    assert all(page.ndim == 2 and page.dtype == np.uint8 and page.size for page in pages)
    return ""


def read_second(data: bytes) -> str:
    """Read a PDF with the second reader and say what is wrong with it."""
    try:
        second_reading(data)
    except Unreadable as refusal:
        return refusal.fault.code.value
    return ""


def survives(sandbox: Sandbox, function: Callable[[bytes], object], data: bytes) -> object:
    """Return what the function gives, None where its child was lost; an unknown exception or a hang fails."""
    try:
        return sandbox.run(function, data)
    except ChildFailed:
        raise
    except ChildDied as death:
        if death.reason == "timeout":
            raise
        return None


@fuzzed
@given(pdfs | pictures | noise)
def test_any_file_gives_documents(sandbox: Sandbox, data: bytes) -> None:
    found = survives(sandbox, read, data)
    if isinstance(found, tuple):
        assert found
        assert all(fault.code in FAULTS for document in found for fault in document.faults)


@fuzzed
@given(pdfs)
def test_any_pdf_is_read_or_refused_by_the_second_reader(sandbox: Sandbox, data: bytes) -> None:
    assert survives(sandbox, read_second, data) in {None, "", *FAULTS}


@fuzzed
@given(pictures | noise)
def test_any_picture_is_loaded_or_refused(sandbox: Sandbox, data: bytes) -> None:
    assert survives(sandbox, loaded, data) in {None, "", FaultCode.DOCUMENT_UNREADABLE}
