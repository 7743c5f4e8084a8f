"""The layout engine on papers of every engine and style, and on moved, scaled and shuffled words."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.facts import Kind
from extractors.layout import Reading, load_layouts, read_layout
from extractors.reader import PdfReader, second_reading
from extractors.words import PageText
from tests.extractors.sheets import moved, page
from tests.papers import builders, identities, with_fpdf, with_reportlab
from tests.papers.identities import Company, Person
from tests.papers.model import DeclarationForm, EntryDeclaration, Paper, ServiceStatement
from tests.papers.style import Form, Style, any_style

ISSUED = datetime(2026, 11, 18, 10, 30, tzinfo=builders.ISTANBUL)
START = date(2026, 11, 9)
ENGINES: dict[str, Callable[[Paper, Style], bytes]] = {
    "reportlab": with_reportlab.draw,
    "fpdf": with_fpdf.draw,
}


def pages_of(data: bytes) -> tuple[PageText, ...]:
    with PdfReader(data) as reader:
        return tuple(reader.page_text(number) for number in range(1, reader.pages + 1))


def cast(seed: int) -> tuple[Person, Company, Company]:
    rng = Random(seed)
    return (
        identities.person(rng),
        identities.company(rng, leading_zeros=seed % 5 == 0),
        identities.company(rng),
    )


def statement(seed: int, years: int = 2) -> ServiceStatement:
    person, company, other = cast(seed)
    jobs = [
        builders.Job(other, date(2025 - years, 3, 4), date(2025, 6, 30)),
        builders.Job(company, date(2026, 3 - seed % 2, 15)),
    ]
    return builders.service_statement(Random(seed), person, jobs, ISSUED)


def declaration(seed: int) -> EntryDeclaration:
    person, company, _ = cast(seed)
    paper = builders.entry_declaration(Random(seed), person, company, START)
    edition = DeclarationForm.OLDER if seed % 3 == 1 else DeclarationForm.CURRENT
    return replace(paper, form=edition, separator="/" if seed % 2 else ".", keeps_zeros=seed % 4 == 0)


def name_of(reading: Reading) -> list[str]:
    names = [reading.fields[name].value for name in ("given_name", "family_name")]
    return sorted(" ".join(map(str, names)).split())


def assert_reads_statement(reading: Reading, paper: ServiceStatement) -> None:
    assert (reading.kind, reading.missing, reading.doubts) == (Kind.SERVICE_STATEMENT, (), ())
    assert reading.fields["national_id"].value == paper.person.national_id
    assert name_of(reading) == sorted(paper.person.full_name.split())
    assert str(reading.fields["issued_on"].value).startswith("2026-11-18")
    assert [w.number for w in reading.workplaces] == [number for number, _ in paper.printed_workplaces]
    assert [w.title for w in reading.workplaces] == [title for _, title in paper.printed_workplaces]
    said = [
        (r.workplace, r.unit, r.period, r.document_type, r.entry_date, r.days, r.exit_date)
        for r in reading.records
    ]
    assert said == [
        (
            row.workplace,
            row.unit,
            f"{row.period.year}-{row.period.month:02d}",
            row.document_type,
            row.entry.isoformat() if row.entry else None,
            row.days,
            row.exit.isoformat() if row.exit else None,
        )
        for row in paper.rows
    ]
    assert all(record.doubts == () for record in reading.records)


def assert_reads_declaration(reading: Reading, paper: EntryDeclaration) -> None:
    assert (reading.kind, reading.missing, reading.doubts) == (Kind.ENTRY_DECLARATION, (), ())
    assert reading.fields["national_id"].value == paper.person.national_id
    assert name_of(reading) == sorted(paper.person.full_name.split())
    assert reading.fields["start_date"].value == START.isoformat()
    assert reading.fields["employer_title"].value == paper.printed_title
    groups = reading.fields["workplace_number"].value
    assert isinstance(groups, dict)
    truth = identities.split_workplace_number(paper.workplace_number)
    assert [int(text) for text in groups.values()] == [int(text) for text in truth.values()]


CASES = list(itertools.product(ENGINES, Form, range(4)))


@pytest.mark.parametrize(("engine", "form", "seed"), CASES)
def test_statements_of_every_engine_and_form(engine: str, form: Form, seed: int) -> None:
    paper = statement(seed)
    data = ENGINES[engine](paper, replace(any_style(seed), form=form))
    assert_reads_statement(read_layout(pages_of(data)), paper)


@pytest.mark.parametrize(("engine", "form", "seed"), CASES)
def test_declarations_of_every_engine_and_form(engine: str, form: Form, seed: int) -> None:
    paper = declaration(seed)
    data = ENGINES[engine](paper, replace(any_style(seed), form=form))
    assert_reads_declaration(read_layout(pages_of(data)), paper)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_second_reader_reads_the_same(engine: str) -> None:
    style = any_style(3)
    sheet, form = statement(3), declaration(3)
    assert_reads_statement(read_layout(second_reading(ENGINES[engine](sheet, style))), sheet)
    assert_reads_declaration(read_layout(second_reading(ENGINES[engine](form, style))), form)


def test_ten_pages() -> None:
    paper = statement(1, years=22)
    pages = pages_of(with_reportlab.draw(paper, Style()))
    assert len(pages) >= 5
    assert_reads_statement(read_layout(pages), paper)


@pytest.fixture(scope="module")
def drawn() -> tuple[
    tuple[EntryDeclaration, tuple[PageText, ...]], tuple[ServiceStatement, tuple[PageText, ...]]
]:
    form, sheet = declaration(2), statement(2)
    style = any_style(2)
    return (form, pages_of(with_reportlab.draw(form, style))), (sheet, pages_of(with_fpdf.draw(sheet, style)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dx=st.floats(-20, 60), dy=st.floats(-20, 60), scale=st.floats(0.6, 1.6), seed=st.integers(0, 99))
def test_place_scale_and_order_of_drawing_do_not_matter(
    drawn: tuple[
        tuple[EntryDeclaration, tuple[PageText, ...]], tuple[ServiceStatement, tuple[PageText, ...]]
    ],
    dx: float,
    dy: float,
    scale: float,
    seed: int,
) -> None:
    def other(sheet: PageText) -> PageText:
        order = Random(seed).sample(range(len(sheet.words)), len(sheet.words))
        return moved(sheet, (dx, dy), scale, order)

    (form, form_pages), (sheet, sheet_pages) = drawn
    assert_reads_declaration(read_layout([other(one) for one in form_pages]), form)
    assert_reads_statement(read_layout([other(one) for one in sheet_pages]), sheet)


TITLE = (200.0, 40.0, "SİGORTALI İŞE GİRİŞ BİLDİRGESİ")
STAMP = (200.0, 52.0, "(4/1-a-b kapsamındaki sigortalılar için) 08.11.2026 09:00:00")
FRAME = (
    TITLE,
    STAMP,
    (40.0, 80.0, "(T.C.KİMLİK NUMARASI)"),
    (250.0, 80.0, "10000000078"),
    (40.0, 100.0, "4 Baba Adı"),
    (250.0, 100.0, "ALİ"),
    (40.0, 200.0, "24 İşverenin/İşyerinin/İlgili Kuruluşun Adı-Soyadı/Ünv."),
    (40.0, 120.0, "13 01.10.2008 Tarihinden Önce Hizmeti Varsa;"),
)


@pytest.mark.parametrize(
    "cells",
    [
        [(40.0, 140.0, "16 Sigortalının işe başladığı tarih"), (250.0, 140.0, "09.11.2026")],
        [(40.0, 140.0, "16 Sigortalının işe başladığı tarih"), (250.0, 140.0, "09/11/2026")],
        [(40.0, 140.0, "16 Sigortalının işe başladığı tarih :"), (250.0, 140.0, "9.11.2026")],
        [(40.0, 140.0, "16- Sigortalının İşe Başladığı Tarih"), (40.0, 152.0, "09.11.2026")],
        [
            (40.0, 140.0, "20 Sigortalının İşe"),
            (40.0, 149.0, "Başladığı Tarih"),
            (250.0, 144.0, "09.11.2026"),
        ],
        [(40.0, 140.0, "İşe başlama tarihi:09.11.2026")],
        [(40.0, 140.0, "SİGORTALININ İŞE BAŞLADIĞI TARİH (GÜN/AY/YIL)"), (300.0, 140.0, "09.11.2026")],
    ],
)
def test_start_date_wherever_its_label_puts_it(cells: list[tuple[float, float, str]]) -> None:
    reading = read_layout([page(*FRAME, *cells)])
    assert reading.fields["start_date"].value == "2026-11-09"
    assert reading.fields["generated_at"].value == "2026-11-08T09:00:00"


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [(40.0, 140.0, "16 Sigortalının işe başladığı tarih")],
        [
            (40.0, 140.0, "16 Sigortalının işe başladığı tarih"),
            (40.0, 152.0, "Bildirgenin verildiği gün 09.11.2026"),
        ],
        [
            (40.0, 140.0, "16 Sigortalının işe başladığı tarih"),
            (40.0, 152.0, "7 Doğum Tarihi"),
            (250.0, 152.0, "09.11.2026"),
        ],
        [(40.0, 140.0, "16 Sigortalının işe başladığı tarih"), (250.0, 140.0, "09.11.2026 08:00")],
        [(40.0, 140.0, "16 Sigortalının işe başladığı tarih"), (250.0, 140.0, "31.11.2026")],
        [(40.0, 140.0, "16 Sigortalının işe başladığı tarih"), (250.0, 140.0, "09.11.2026 - 10.11.2026")],
    ],
)
def test_no_other_date_is_taken_for_the_start_date(cells: list[tuple[float, float, str]]) -> None:
    reading = read_layout([page(*FRAME, *cells)])
    assert "start_date" not in reading.fields
    assert "start_date" in reading.missing


@pytest.mark.parametrize(("x", "y"), [(170.0, 90.0), (250.0, 85.0), (250.0, 80.0), (250.0, 90.0)])
def test_a_number_beside_any_line_of_its_label(x: float, y: float) -> None:
    """İlk / Tekrar may stand on the same lines."""
    label = (40.0, 80.0, "SOSYAL GÜVENLİK SİCİL NUMARASI"), (40.0, 90.0, "(T.C.KİMLİK NUMARASI)")
    boxes = [(x + 10 * index, y, digit) for index, digit in enumerate("10000000078")]
    rest = [
        (420.0, 80.0, "İlk"),
        (460.0, 80.0, "Tekrar X"),
        (40.0, 110.0, "4 Baba Adı"),
        (250.0, 110.0, "ALİ"),
    ]
    reading = read_layout([page(FRAME[0], STAMP, *label, *boxes, *rest, *FRAME[-2:])])
    assert reading.fields["national_id"].value == "10000000078"


def test_two_start_dates_are_a_doubt() -> None:
    cells = [
        (40.0, 140.0, "16 Sigortalının işe başladığı tarih"),
        (250.0, 140.0, "09.11.2026"),
        (40.0, 180.0, "16 Sigortalının işe başladığı tarih"),
        (250.0, 180.0, "10.11.2026"),
    ]
    assert "start_date: two values" in read_layout([page(*FRAME, *cells)]).doubts


def test_a_parents_name_is_not_the_persons() -> None:
    cells = [
        (40.0, 140.0, "5 Ana Adı"),
        (250.0, 140.0, "FATMA"),
        (40.0, 152.0, "3 İlk Soyadı"),
        (250.0, 152.0, "ESKİ"),
    ]
    reading = read_layout([page(*FRAME, *cells)])
    assert "given_name" not in reading.fields
    assert "family_name" not in reading.fields


def test_an_employers_title_of_two_lines_is_joined() -> None:
    cells = [
        (300.0, 200.0, "ÖRNEK BİYOMEDİKAL TEKNİK SERVİS"),
        (300.0, 210.0, "SANAYİ VE TİCARET LİMİTED ŞİRKETİ"),
        (40.0, 230.0, "İşyerinin (Kurumun) Adresi"),
        (300.0, 230.0, "MERKEZ MAH."),
    ]
    title = read_layout([page(*FRAME, *cells)]).fields["employer_title"].value
    assert title == "ÖRNEK BİYOMEDİKAL TEKNİK SERVİS SANAYİ VE TİCARET LİMİTED ŞİRKETİ"


def test_a_letter_that_mentions_a_paper_is_not_that_paper() -> None:
    letter = page(
        (40.0, 40.0, "DİLEKÇE"),
        (
            40.0,
            60.0,
            "Ekte sunulan sigortalı işe giriş bildirgesi ile SGK hizmet dökümü kaydıma esas alınsın.",
        ),
        (
            40.0,
            80.0,
            "T.C. KİMLİK NUMARASI : 10000000078 BABA ADI : ALİ ANA ADI : AYŞE DOĞUM TARİHİ : 01.02.1990",
        ),
    )
    reading = read_layout([letter])
    assert reading.kind is Kind.UNKNOWN
    assert reading.recognition.missing


def test_a_title_in_two_lines_is_a_title() -> None:
    sheet = page((200.0, 40.0, "SİGORTALI İŞE GİRİŞ"), (220.0, 52.0, "BİLDİRGESİ"), *FRAME[2:])
    assert read_layout([sheet]).kind is Kind.ENTRY_DECLARATION


def test_pages_of_different_papers_are_not_one_paper() -> None:
    other = page((200.0, 40.0, "SİGORTALI İŞTEN AYRILIŞ BİLDİRGESİ"), *FRAME[2:], number=2)
    reading = read_layout([page(*FRAME), other])
    assert reading.kind is Kind.UNKNOWN
    assert reading.doubts == ("pages titled as different papers: entry_declaration, exit_declaration",)


def test_every_layout_file_is_sound() -> None:
    layouts = load_layouts()
    assert len({layout.kind for layout in layouts}) == len(layouts) == 5
    for layout in layouts:
        assert layout.recognise.titles
        assert layout.recognise.minimum <= len(layout.recognise.anchors)
