"""Electronic signatures: integrity and coverage are told, trust is not judged; nothing asks for a signature."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import read_document
from extractors.facts import Document, Signature, TraceKind
from extractors.signatures import read_signature, signed_ends
from tests.extractors.signing import SIGNER, signed
from tests.papers import draw
from tests.papers.forgeries import updated
from tests.papers.variants import declaration

PLAIN = draw(declaration(0))
SIGNED = signed(PLAIN)


def read(data: bytes) -> Document:
    (document,) = read_document(data, "b.pdf", ocr=False)
    return document


def kinds(document: Document) -> set[TraceKind]:
    return {trace.kind for trace in document.traces}


def test_a_paper_without_a_signature_has_none() -> None:
    assert read_signature(PLAIN) is None
    assert read(PLAIN).signature is None


def test_a_sound_signature_is_told_and_not_trusted() -> None:
    signature = read(SIGNED).signature
    assert signature is not None
    assert (signature.signer, signature.intact, signature.whole_file) == (SIGNER, True, True)
    assert signature.signed_at is not None
    assert (signature.trust, signature.count) == ("not_judged", 1)


def test_the_update_of_a_signature_is_said_as_such_and_its_field_is_no_annotation() -> None:
    assert kinds(read(SIGNED)) == {TraceKind.SIGNED_UPDATE}


def test_what_is_changed_within_the_signed_bytes_breaks_the_signature() -> None:
    place = SIGNED.index(b"Synthetic sample")
    tampered = SIGNED[:place] + b"Different" + SIGNED[place + 9 :]
    document = read(tampered)
    assert document.signature is not None
    assert document.signature.intact is False
    assert TraceKind.SIGNATURE_BROKEN in kinds(document)


def test_what_is_added_after_a_signature_leaves_it_intact_and_is_told() -> None:
    document = read(updated(SIGNED))
    assert document.signature is not None
    assert (document.signature.intact, document.signature.whole_file) == (True, False)
    assert kinds(document) >= {TraceKind.UPDATED, TraceKind.SIGNED_UPDATE, TraceKind.SIGNATURE_PARTIAL}


def test_two_signatures_are_counted() -> None:
    twice = read_signature(signed(SIGNED, "Second"))
    assert twice is not None
    assert (twice.count, twice.intact, twice.whole_file) == (2, True, True)


def test_a_signature_that_cannot_be_taken_apart_is_told_as_unknown() -> None:
    (start, end), *_ = [(SIGNED.index(b"/Contents <"), signed_ends(SIGNED)[0])]
    garbled = SIGNED[: start + 11] + b"00" * 40 + SIGNED[start + 11 + 80 :]
    assert len(garbled) == len(SIGNED) == end
    assert read_signature(garbled) == Signature(None, None, None, whole_file=True, count=1)


def test_pyhanko_is_loaded_for_signed_files_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyhanko.pdf_utils.reader", None)
    assert read_signature(PLAIN) is None
    told = read_signature(SIGNED)
    assert told is not None
    assert told.intact is None


FIRST_END, SECOND_START = map(int, SIGNED[SIGNED.rindex(b"/ByteRange [") :].split(b"]")[0].split()[2:4])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_a_changed_byte_never_passes_for_intact(place: int, change: int) -> None:
    changed = SIGNED[:place] + bytes([SIGNED[place] ^ change]) + SIGNED[place + 1 :]
    signature = read_signature(changed)
    signed_bytes = not FIRST_END <= place < SECOND_START
    assert signature is None or not (signed_bytes and signature.intact)
