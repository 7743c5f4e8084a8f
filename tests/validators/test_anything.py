"""Whatever the extractors hand on, judging ends in a judgement that keeps to the contract, never in an error."""

from dataclasses import replace
from datetime import date

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.facts import Document, Fault, FaultCode, Kind, Media, Record, TextSource
from tests.validators import factory as f
from validators.case import Case, RegistryFacts
from validators.finding import Decision
from validators.judgement import judge
from validators.report import report_schema, to_report

VALIDATOR = jsonschema.Draft202012Validator(report_schema())

numbers = st.sampled_from([f.AYSE["national_id"], f.CAN["national_id"], f.STRANGER, "10000000079", "", "x"])
barcodes = st.sampled_from(["hd0123456789abcdef01", "HD0123-456789ABCDEF01", "hd0123456789abcdef02", "ÜÇ"])
texts = st.sampled_from(
    [f.TITLE, f.TITLE[:60], f.OTHER_TITLE, "AYŞE", "ÖRNEK", "2026-11-09", "2026-02-31", "", "—"]
)
days = st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(date.isoformat)
groups = st.sampled_from([f.GROUPS, {"sequence": "", "province": "x"}, {"sequence": "1043377"}])
fields = st.fixed_dictionaries(
    {},
    optional={
        name: st.builds(f.seen, st.none() | values)
        for name, values in {
            "national_id": numbers,
            "given_name": texts,
            "family_name": texts,
            "issued_on": days | st.just("2026-11-10T09:00:00"),
            "start_date": days,
            "workplace_number": groups,
            "employer_title": texts,
            "employer_tax_number": st.sampled_from(["1234567890", "9876543217"]),
        }.items()
    },
)
records = st.builds(
    Record,
    branch=st.sampled_from(["4a", "*4a", "4b", "4c", "GM20", ""]),
    status=st.just("APHB"),
    workplace=st.sampled_from([f.SEQUENCE, f.SECOND_SEQUENCE, "", "0", "²", "12 34", "x"]),
    unit=st.just("0101"),
    period=st.sampled_from(["2026-07", "2026-09", "2026-10", "2027-01", "2026/9", ""]),
    document_type=st.sampled_from(["Asıl", "Ek", "İptal", "ASIL", "?", ""]),
    entry_date=st.none() | days,
    days=st.none() | st.integers(0, 40),
    exit_date=st.none() | days,
    page=st.just(1),
    box=st.just(f.BOX),
    doubts=st.sampled_from([(), (), ("days: unread",)]),
)
faults = st.builds(Fault, st.sampled_from([c for c in FaultCode if c.startswith("DOCUMENT")]))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    paper = draw(st.sampled_from([f.statement(), f.declaration(), f.gazette(), f.statement(f.CAN, "hdcan")]))
    return replace(
        paper,
        id=f"sha256:{draw(st.integers(0, 3)):064x}",
        media=draw(st.sampled_from(Media)),
        kind=draw(st.sampled_from([paper.kind, *Kind])),
        text=draw(st.sampled_from([TextSource.EMBEDDED, *TextSource])),
        scan=draw(st.booleans()),
        fields={**(paper.fields if draw(st.booleans()) else {}), **draw(fields)},
        qrs=tuple(f.qr(draw(barcodes), draw(st.none() | numbers)) for _ in range(draw(st.integers(0, 2)))),
        barcodes=tuple(f.seen(draw(st.none() | barcodes)) for _ in range(draw(st.integers(0, 2)))),
        records=tuple(draw(st.lists(records, max_size=4))) if draw(st.booleans()) else paper.records,
        workplaces=draw(st.sampled_from([(), f.LISTED, f.listing(("x", "y"), (f.SEQUENCE, ""))])),
        faults=tuple(draw(st.lists(faults, max_size=1))),
        doubts=draw(st.sampled_from([(), (), ("readers disagree: records",)])),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    about = f.application(
        f.AYSE,
        f.CAN,
        procedure=draw(st.sampled_from(["provider_registration", "personnel_addition", "personnel_update"])),
        uploaded_at=draw(st.sampled_from([None, "2026-11-01T10:00:00+03:00"])),
        provider={
            "officials": draw(st.sampled_from([[], [f.AYSE["national_id"]]])),
            "workplace_numbers": draw(st.sampled_from([[], [f.WORKPLACE], [f.SECOND_WORKPLACE[:21]]])),
        },
    )
    papers = draw(st.lists(documents(), max_size=4))
    reused = {paper.id: draw(st.sampled_from([(), ("TS-1",)])) for paper in papers}
    registered = draw(st.none() | st.just(frozenset({f.AYSE["national_id"]})))
    return f.case(*papers, about=about, registry=RegistryFacts(registered, reused))


@settings(max_examples=300, deadline=None)
@given(cases())
def test_any_case_ends_in_a_judgement(case: Case) -> None:
    result = judge(case)
    for person in result.people:
        assert (person.decision is Decision.FLAGGED) == any(x.flags for x in person.findings)
        assert (person.proposal is None) == (person.decision is Decision.VERIFIED)
    report = to_report(result)
    VALIDATOR.validate(report)
    for number in (f.AYSE["national_id"], f.CAN["national_id"], f.STRANGER):
        assert number not in str(report)
