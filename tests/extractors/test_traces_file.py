"""What a PDF tells of its own making: updates, programs, dates, layers."""

import re
from datetime import timedelta

import pytest

from extractors.facts import Trace, TraceKind
from extractors.reader import PdfReader
from extractors.traces_file import EDITORS, file_traces
from tests.extractors.traced import kinds, read
from tests.papers import draw, forgeries
from tests.papers.variants import TODAY, declaration, open_job


def test_an_update_is_told_with_the_objects_that_it_revises() -> None:
    document = read(forgeries.updated(draw(declaration(0))))
    assert document.traces == (Trace(TraceKind.UPDATED, facts={"count": 1, "revised": 1}),)
    assert document.fields["start_date"].value == "2026-11-09"


def test_a_linearized_file_is_no_update() -> None:
    data = draw(declaration(0))
    again = forgeries.updated(data)
    comment = re.search(rb"% ReportLab[^\n]*|%[^\n]*ReportLab[^\n]*", again)
    assert comment is not None
    for length, expected in ((len(again), {}), (len(data), {TraceKind.UPDATED: None})):
        said = f"% /Linearized 1 /L {length}".encode().ljust(len(comment.group()))
        assert kinds(read(again.replace(comment.group(), said))) == expected


@pytest.mark.parametrize(("family", "program"), [(f, p) for f, ps in EDITORS.items() for p in ps[:1]])
def test_a_program_that_edits_is_told_by_family(family: str, program: str) -> None:
    data = produced(program.title())
    assert read(data).traces == (Trace(TraceKind.PRODUCER, facts={"family": family, "program": program}),)


@pytest.mark.parametrize(
    "producer",
    ["JasperReports Library 6.20", "iText 2.1.7 by 1T3XT", "OpenPDF 1.3", "Telerik", "", "26548791"],
)
def test_the_services_own_and_unknown_programs_are_no_trace(producer: str) -> None:
    assert read(produced(producer)).traces == ()


def test_the_sign_of_a_trademark_does_not_hide_a_program() -> None:
    (trace,) = read(produced("Microsoft® Word 2019")).traces
    assert trace.facts == {"family": "office_suite", "program": "microsoft word"}


def produced(producer: str) -> bytes:
    data = draw(declaration(0))
    own = rb"(ReportLab PDF Library - \(opensource\))"
    assert own in data
    return data.replace(own, f"({producer})".encode("latin-1").ljust(len(own)))


def test_a_change_after_the_creation_is_told() -> None:
    data = draw(declaration(0))
    told = re.search(rb"/ModDate \(D:2000(.*?)\)", data)
    assert told is not None
    later = data.replace(told.group(), told.group().replace(b"D:20000101000000", b"D:20000101000500"))
    (trace,) = read(later).traces
    assert (trace.kind, trace.facts["minutes"]) == (TraceKind.MODIFIED_LATER, 5)
    soon = data.replace(told.group(), told.group().replace(b"D:20000101000000", b"D:20000101000130"))
    assert read(soon).traces == ()


def test_a_statement_that_is_older_than_its_file_is_told() -> None:
    paper = open_job(0)
    data = draw(paper, engine="fpdf")
    stamp = re.search(rb"D:20261120", data)
    assert stamp is not None
    document = read(data.replace(stamp.group(), b"D:20261123"))
    (trace,) = document.traces
    assert trace.kind is TraceKind.CREATED_LATER
    assert trace.facts == {"created": "2026-11-23", "printed": "2026-11-20"}
    assert trace.box == document.fields["issued_on"].box
    assert read(data.replace(stamp.group(), b"D:20261121")).traces == ()


def test_a_declaration_may_be_fetched_long_after_it_was_sent() -> None:
    sent = declaration(0, generated_at=declaration(0).generated_at - timedelta(days=200), day=TODAY)
    assert read(draw(sent, engine="fpdf")).traces == ()


XMP = "<x:xmpmeta><rdf:Description xmp:CreateDate='{}'/></x:xmpmeta>"


@pytest.mark.parametrize(
    ("said", "differs"),
    [("2026-11-20T12:00:40Z", False), ("2026-11-18T12:00:00Z", True), ("kein Tag", False)],
)
def test_dates_of_xmp_are_compared(said: str, differs: bool) -> None:
    packet = XMP.format(said).encode()
    extra = {
        "Metadata": b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%s\nendstream" % (len(packet), packet)
    }
    data = with_catalog(extra, info=b"<</CreationDate(D:20261120120000Z)>>")
    assert [trace.kind for trace in of_file(data)] == [TraceKind.DATES_DIFFER] * differs


@pytest.mark.parametrize(
    ("properties", "off"),
    [
        (b"<</OCGs[9 0 R]/D<</OFF[9 0 R]>>>>", 1),
        (b"<</OCGs[9 0 R 10 0 R]/D<</BaseState/OFF/ON[9 0 R]>>>>", 1),
        (b"<</OCGs[9 0 R]/D<</ON[9 0 R]>>>>", 0),
        (b"<</OCGs 7/D 8>>", 0),
    ],
)
def test_layers_that_are_off_are_told(properties: bytes, off: int) -> None:
    told = of_file(with_catalog({"OCProperties": properties}))
    assert [(t.kind, t.facts) for t in told] == [(TraceKind.LAYER_OFF, {"count": off})] * (off > 0)


def with_catalog(entries: dict[str, bytes], info: bytes = b"<<>>") -> bytes:
    """A PDF of one empty page whose catalog has more entries, each an object of its own."""
    bodies = [
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        info,
        *entries.values(),
    ]
    more = b"".join(f"/{name} {number} 0 R".encode() for number, name in enumerate(entries, start=5))
    objects = [b"<</Type/Catalog/Pages 2 0 R" + more + b">>", *bodies]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    size = len(objects) + 1
    end = f"trailer\n<</Size {size}/Root 1 0 R/Info 4 0 R>>\nstartxref\n{len(out)}\n%%EOF".encode()
    return bytes(out) + f"xref\n0 {size}\n0000000000 65535 f \n".encode() + table + end


def of_file(data: bytes) -> list[Trace]:
    with PdfReader(data) as reader:
        return list(file_traces(data, reader, None))
