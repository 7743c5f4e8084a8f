import json
import math
import zlib
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.facts import (
    Box,
    Document,
    Fault,
    FaultCode,
    Field,
    Kind,
    Media,
    Signature,
    Trace,
    TraceKind,
    Upload,
)
from storage.facts import (
    facts_from_json,
    facts_to_json,
    pack_document,
    pack_upload,
    to_bytes,
    unpack_document,
    unpack_upload,
)
from tests.storage.samples import BOX, statement, upload

NUMBERS = st.floats(allow_nan=False, width=32)
TEXTS = st.text(max_size=20)
VALUES = st.one_of(
    TEXTS, st.integers(-(2**53), 2**53), NUMBERS, st.booleans(), st.none(), st.dictionaries(TEXTS, TEXTS)
)
BOXES = st.builds(Box, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
FIELDS = st.builds(Field, VALUES, TEXTS, st.integers(1, 9), BOXES)
DOCUMENTS = st.builds(
    Document,
    id=TEXTS,
    name=TEXTS,
    size=st.integers(0, 2**40),
    media=st.sampled_from(Media),
    kind=st.sampled_from(Kind),
    fields=st.dictionaries(TEXTS, FIELDS, max_size=3),
    barcodes=st.lists(FIELDS, max_size=2).map(tuple),
)


@given(
    st.builds(
        Upload, TEXTS, TEXTS, st.integers(0, 2**40), documents=st.lists(DOCUMENTS, max_size=2).map(tuple)
    )
)
@settings(max_examples=50)
def test_facts_come_back_as_they_were(facts: Upload) -> None:
    assert facts_from_json(facts_to_json(facts)) == facts
    packed = pack_upload(facts)
    assert unpack_upload(packed, tuple(unpack_document(pack_document(d)) for d in facts.documents)) == facts


def test_a_statement_with_all_its_parts_comes_back() -> None:
    facts = upload(statement())
    assert facts_from_json(facts_to_json(facts)) == facts


def test_traces_and_a_signature_come_back_and_older_facts_have_none() -> None:
    found = (Trace(TraceKind.UPDATED, facts={"count": 2}), Trace(TraceKind.NO_INK, 1, BOX, {"field": "x"}))
    document = replace(
        statement(), traces=found, signature=Signature("Ö", None, intact=None, whole_file=True)
    )
    assert unpack_document(pack_document(document)) == document
    plain = json.loads(to_bytes(document))
    del plain["traces"], plain["signature"]
    assert unpack_document(zlib.compress(json.dumps(plain).encode())) == statement()


def test_a_refused_archive_keeps_its_fault() -> None:
    facts = Upload("a.rar", "0" * 64, 3, Fault(FaultCode.ARCHIVE_NOT_ZIP, {"found": "RAR"}))
    assert facts_from_json(facts_to_json(facts)) == facts


def test_half_characters_of_a_broken_name_do_not_stop_the_batch() -> None:
    broken = Document(id="sha256:0", name="\udce9.pdf", size=1, media=Media.PDF)
    assert unpack_document(pack_document(broken)).name == "?.pdf"


def test_a_read_only_mapping_is_kept_like_any_other() -> None:
    fields = MappingProxyType({"issued_on": Field("2026-11-09", "09.11.2026", 1, BOX)})
    document = Document(id="sha256:0", name="a.pdf", size=1, media=Media.PDF, fields=fields)
    assert unpack_document(pack_document(document)).fields == dict(fields)


def test_a_box_that_is_no_number_still_loads() -> None:
    document = Document(
        id="sha256:0",
        name="a.pdf",
        size=1,
        media=Media.PDF,
        barcodes=(Field("1", "1", 1, Box(math.nan, 0, math.inf, 1)),),
    )
    box = unpack_document(pack_document(document)).barcodes[0].box
    assert math.isnan(box.x0)
    assert box.x1 == math.inf


def test_facts_of_an_older_version_load() -> None:
    document = b'{"id": "sha256:0", "name": "a.pdf", "size": 1, "media": "pdf"}'
    old = b'{"name": "a.zip", "sha256": "0", "size": 1, "documents": [' + document + b"]}"
    assert facts_from_json(old).documents[0].kind is Kind.UNKNOWN


@pytest.mark.parametrize("broken", [b"", b"{}", b'{"name": 1}'])
def test_what_is_no_upload_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        facts_from_json(broken)
