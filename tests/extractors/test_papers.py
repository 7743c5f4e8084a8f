"""Which pages of a file are one paper: by clues alone, then on merged and stitched PDFs of every engine."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import read_document, second_opinion
from extractors.facts import Document, Kind
from extractors.page_clues import Clues, gather, glance
from extractors.papers import find_papers, split_papers
from extractors.words import PageText
from tests.extractors.sheets import page
from tests.extractors.test_layout import ENGINES, cast, declaration, statement
from tests.papers import builders, bundles
from tests.papers.model import Footer, Letter, Paper, ServiceStatement, Where
from tests.papers.style import any_style

STATEMENT, DECLARATION = Kind.SERVICE_STATEMENT, Kind.ENTRY_DECLARATION
A, B = frozenset({"10000000078"}), frozenset({"10000000146"})
X, Y = frozenset({"HD00000000000000000X"}), frozenset({"HD00000000000000000Y"})
NONE = frozenset[str]()


def titled(
    people: frozenset[str] = NONE, barcodes: frozenset[str] = NONE, kind: Kind = STATEMENT, **more: Any
) -> Clues:
    """A page with a title."""
    return replace(Clues(0, kind, barcodes, people, rows=kind is STATEMENT), **more)


def rows(barcodes: frozenset[str] = NONE, people: frozenset[str] = NONE, **more: Any) -> Clues:
    """A page with rows and without a title."""
    return replace(Clues(0, None, barcodes, people, rows=True), **more)


LETTER = Clues(0, letter=True)
BLANK = Clues(0, blank=True)
SILENT = Clues(0)


def split(*clues: Clues) -> list[tuple[int, ...]]:
    """The pages of each paper, where nothing is doubtful."""
    papers = split_papers([replace(clue, number=number) for number, clue in enumerate(clues, start=1)])
    assert [paper.doubts for paper in papers] == [()] * len(papers)
    return [paper.numbers for paper in papers]


def doubts(*clues: Clues) -> list[tuple[tuple[int, ...], int]]:
    """The pages of each paper and how many doubts there are of it."""
    papers = split_papers([replace(clue, number=number) for number, clue in enumerate(clues, start=1)])
    return [(paper.numbers, len(paper.doubts)) for paper in papers]


@pytest.mark.parametrize(
    ("clues", "papers"),
    [
        ((titled(A), rows(X)), [(1, 2)]),
        ((titled(A), rows(X), titled(B), rows(Y)), [(1, 2), (3, 4)]),
        ((titled(A, X), titled(B, Y)), [(1,), (2,)]),
        ((titled(A, X), titled(A, Y)), [(1,), (2,)]),
        ((titled(NONE, X), titled(NONE, Y)), [(1,), (2,)]),
        ((titled(A), titled(B)), [(1,), (2,)]),
        ((titled(A), titled(A, X), titled(A), titled(A, Y)), [(1, 2), (3, 4)]),
        ((titled(A, X), titled(A, X), titled(B, Y), titled(B, Y)), [(1, 2), (3, 4)]),
        ((titled(A, X), titled(A), titled(A)), [(1, 2, 3)]),
        ((titled(), rows(X), titled(), rows(Y)), [(1, 2), (3, 4)]),
        ((titled(A, X), titled(A), rows(Y)), [(1,), (2, 3)]),
        ((titled(A, X, DECLARATION), titled(A, NONE, STATEMENT), rows(Y)), [(1,), (2, 3)]),
        ((titled(A, X), titled(A, kind=Kind.EXIT_DECLARATION)), [(1,), (2,)]),
        ((titled(kind=Kind.TRADE_REGISTRY_GAZETTE), titled(kind=Kind.TRADE_REGISTRY_GAZETTE)), [(1, 2)]),
    ],
)
def test_a_title_begins_a_paper_unless_it_is_repeated(
    clues: tuple[Clues, ...], papers: list[tuple[int, ...]]
) -> None:
    assert split(*clues) == papers


@pytest.mark.parametrize(
    ("clues", "papers"),
    [
        ((LETTER, titled(A), rows(X)), [(2, 3)]),
        ((BLANK, titled(A, X), BLANK, titled(B, Y), BLANK), [(2,), (4,)]),
        ((titled(A), rows(X), LETTER, titled(B, Y), LETTER), [(1, 2), (4,)]),
        ((LETTER, LETTER), [(1, 2)]),
        ((BLANK, BLANK), [(1, 2)]),
        ((titled(A), LETTER, rows(X)), [(1, 2, 3)]),
        ((titled(A), LETTER), [(1, 2)]),
        ((Clues(0, None, Y, A), titled(A, X)), [(1,), (2,)]),
        ((titled(A, X), Clues(0, None, Y, A)), [(1,), (2,)]),
        ((SILENT, titled(A, X)), [(1,), (2,)]),
        ((titled(A, X), SILENT), [(1, 2)]),
    ],
)
def test_letters_blank_pages_and_papers_of_no_known_kind(
    clues: tuple[Clues, ...], papers: list[tuple[int, ...]]
) -> None:
    assert split(*clues) == papers


@pytest.mark.parametrize(
    ("clues", "papers"),
    [
        ((titled(A), rows(X), rows(Y)), [(1, 2, 3)]),
        ((titled(A, X), rows(Y)), [(1, 2)]),
        ((titled(A), rows(Y, B)), [(1, 2)]),
        ((titled(A, X), rows()), [(1, 2)]),
    ],
)
def test_rows_that_may_be_stitched_on_stay_with_the_paper_and_contradict_it(
    clues: tuple[Clues, ...], papers: list[tuple[int, ...]]
) -> None:
    """Apart, the page before them would look sound on its own."""
    assert split(*clues) == papers


@pytest.mark.parametrize(
    ("clues", "papers"),
    [
        ((titled(A, X), titled(A), titled(A, Y)), [((1,), 1), ((2, 3), 1)]),
        ((rows(), titled(A, X)), [((1, 2), 1)]),
        ((titled(A, X), titled(B, Y), rows(X)), [((1, 2, 3), 1)]),
        ((titled(A, X), titled(B, Y), titled(A, X)), [((1, 2, 3), 1)]),
        ((titled(A, X, crowded=True), titled(B, Y)), [((1,), 1), ((2,), 0)]),
        ((Clues(0, None, X), SILENT, Clues(0, None, Y)), [((1, 2), 1), ((3,), 1)]),
    ],
)
def test_what_cannot_be_told_apart_is_doubtful(
    clues: tuple[Clues, ...], papers: list[tuple[tuple[int, ...], int]]
) -> None:
    assert doubts(*clues) == papers


pages_of_any_kind = st.builds(
    Clues,
    number=st.just(0),
    title=st.sampled_from([None, None, STATEMENT, STATEMENT, DECLARATION, Kind.TRADE_REGISTRY_GAZETTE]),
    barcodes=st.sampled_from([NONE, NONE, X, Y, X | Y]),
    people=st.sampled_from([NONE, A, B, A | B]),
    counter=st.sampled_from([None, None, None, (1, 2), (2, 2), (1, 1)]),
    rows=st.booleans(),
    letter=st.just(False),
    crowded=st.booleans(),
)


@given(
    st.lists(st.one_of(pages_of_any_kind, st.sampled_from([LETTER, BLANK, SILENT])), min_size=1, max_size=9)
)
@settings(max_examples=300)
def test_no_page_that_says_anything_is_lost_and_no_barcode_is_in_two_papers(clues: list[Clues]) -> None:
    numbered = [replace(clue, number=number) for number, clue in enumerate(clues, start=1)]
    papers = split_papers(numbered)
    put = [number for paper in papers for number in paper.numbers]
    assert papers
    assert all(paper.numbers for paper in papers)
    assert put == sorted(set(put))
    lost = [clue for clue in numbered if clue.number not in put]
    assert all(clue.letter or clue.blank for clue in lost)
    for barcode in X | Y:
        holders = [p for p in papers if any(barcode in numbered[n - 1].barcodes for n in p.numbers)]
        assert len(holders) <= 1


def test_page_counters_count_the_pages_of_a_paper() -> None:
    two = [titled(A, counter=(1, 2)), rows(X, counter=(2, 2)), titled(A, counter=(1, 1))]
    assert split(*two) == [(1, 2), (3,)]
    assert split(
        titled(counter=(1, 2)), rows(counter=(2, 2)), rows(counter=(1, 2)), rows(counter=(2, 2))
    ) == [
        (1, 2),
        (3, 4),
    ]
    assert doubts(titled(A, counter=(1, 3)), rows(X, counter=(3, 3))) == [((1, 2), 1)]
    assert doubts(titled(A, counter=(2, 2)), rows(X, counter=(1, 2))) == [((1,), 1), ((2,), 1)]


def test_counters_of_the_whole_file_say_nothing_about_its_papers() -> None:
    clues = [
        titled(A, counter=(1, 4)),
        rows(X, counter=(2, 4)),
        titled(B, counter=(3, 4)),
        rows(Y, counter=(4, 4)),
    ]
    assert split(*clues) == [(1, 2), (3, 4)]


@pytest.mark.parametrize(
    ("text", "counter"),
    [
        ("Sayfa 2/3", (2, 3)),
        ("SAYFA : 2 / 3", (2, 3)),
        ("Sayfa No: 2/10", (2, 10)),
        ("2/3 Sayfa", (2, 3)),
        ("Sayfa 4/3", None),
        ("Sayfa 890", None),
        ("2026/10 Sayfa", None),
        ("Sayfa 12/05/2026", None),
    ],
)
def test_page_counters_as_papers_print_them(text: str, counter: tuple[int, int] | None) -> None:
    sheet = page((40, 30, text))
    assert gather(sheet, glance(sheet), ()).counter == counter


@pytest.mark.parametrize(("confidence", "barcodes"), [(1.0, 1), (0.9, 0)])
def test_what_a_scan_prints_is_no_barcode_unless_a_code_confirms_it(confidence: float, barcodes: int) -> None:
    read = page((40, 30, "Barkod No : hd0123456789abcdef01"))
    words = tuple(replace(word, confidence=confidence) for word in read.words)
    sheet = PageText(1, read.width, read.height, words)
    assert len(gather(sheet, glance(sheet), ()).barcodes) == barcodes


def draw(engine: str, paper: Paper, seed: int = 3) -> bytes:
    return ENGINES[engine](paper, any_style(seed))


def with_code(paper: ServiceStatement, where: Where) -> ServiceStatement:
    return replace(paper, footer=replace(paper.footer, where=where))


def said(document: Document) -> tuple[object, ...]:
    """What a paper says, wherever in a file it stands."""
    fields = {name: field.value for name, field in document.fields.items()}
    return document.kind, document.qr and document.qr.text, len(document.records), fields, document.doubts


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("where", Where)
def test_the_papers_of_several_people_in_one_file(engine: str, where: Where) -> None:
    papers: list[Paper] = [
        with_code(statement(0, years=6), where),
        with_code(statement(1), where),
        declaration(2),
    ]
    drawn = [draw(engine, paper, seed) for seed, paper in enumerate(papers)]
    alone = [read_document(data, "x.pdf")[0] for data in drawn]
    found = read_document(bundles.merged(*drawn), "hepsi.pdf")
    assert [said(document) for document in found] == [said(document) for document in alone]
    assert [(document.paper, document.papers) for document in found] == [(1, 3), (2, 3), (3, 3)]
    assert [n for document in found for n in document.page_numbers] == list(range(1, found[0].pages + 1))
    assert len({document.id for document in found}) == 1
    assert len({document.key for document in found}) == 3


@pytest.mark.parametrize("where", Where)
def test_several_papers_of_one_person(where: Where) -> None:
    new = with_code(statement(0, years=6), where)
    jobs = [builders.Job(cast(0)[2], new.rows[0].entry or new.issued_at.date())]
    old = builders.service_statement(Random(9), new.person, jobs, builders.NOW.replace(year=2025))
    papers: list[Paper] = [with_code(old, where), new, declaration(0)]
    found = read_document(bundles.merged(*(draw("reportlab", paper) for paper in papers)), "hepsi.pdf")
    assert [document.kind for document in found] == [STATEMENT, STATEMENT, DECLARATION]
    assert [len(document.records) for document in found[:2]] == [len(old.rows), len(new.rows)]
    assert [document.doubts for document in found] == [()] * 3


def test_boxes_keep_the_pages_of_the_file() -> None:
    drawn = [draw("fpdf", statement(0)), draw("fpdf", declaration(1))]
    first, second = read_document(bundles.merged(*drawn), "hepsi.pdf")
    assert {record.page for record in first.records} <= set(first.page_numbers)
    assert {field.page for field in second.fields.values()} == set(second.page_numbers) == {second.pages}
    assert second.qr is not None
    assert second.qr.page == second.pages


def test_letters_and_blank_pages_between_papers_belong_to_nobody() -> None:
    letter = Letter("DİLEKÇE", ("Belgelerimiz ektedir.", "T.C. Kimlik No : 10000000146 olan çalışanımız"))
    first, second = statement(0), declaration(1)
    parts = [draw("reportlab", paper) for paper in (letter, first, letter, second, letter)]
    found = read_document(bundles.merged(parts[0], parts[1], bundles.blank_page(), *parts[2:]), "x.pdf")
    assert [document.kind for document in found] == [STATEMENT, DECLARATION]
    people = [document.fields["national_id"].value for document in found]
    assert people == [first.person.national_id, second.person.national_id]
    assert [document.doubts for document in found] == [(), ()]


def test_a_letter_before_the_only_paper_is_no_part_of_it() -> None:
    letter = Letter("DİLEKÇE", ("T.C. Kimlik No : 10000000146 olan çalışanımız",))
    paper = statement(0)
    (found,) = read_document(bundles.merged(draw("fpdf", letter), draw("fpdf", paper)), "x.pdf")
    assert found.fields["national_id"].value == paper.person.national_id
    assert (found.papers, found.page_numbers[0], found.doubts) == (1, 2, ())


Pages = tuple[bytes, list[int]]


def stitched(where: Where) -> dict[str, list[bytes | Pages]]:
    """Pages of a statement of somebody else put into a genuine one."""
    one, other = with_code(statement(0, years=6), where), with_code(statement(1, years=6), where)
    mine, theirs = draw("reportlab", one), draw("reportlab", other)
    (whole,), (strange,) = read_document(mine, "x"), read_document(theirs, "x")
    rest, last = list(range(2, whole.pages + 1)), [strange.pages]
    return {
        "their last page behind my first": [(mine, [1]), (theirs, last)],
        "their page between mine": [(mine, [1]), (theirs, last), (mine, rest)],
        "their paper between my pages": [(mine, [1]), theirs, (mine, rest)],
        "their page behind my paper": [mine, (theirs, last)],
        "their page before my paper": [(theirs, last), mine],
    }


def is_sound(document: Document) -> bool:
    """Whether nothing about the paper contradicts itself: rules would take it for genuine."""
    person = document.fields.get("national_id")
    return (
        document.kind in (STATEMENT, DECLARATION)
        and not document.doubts
        and len(document.qrs) == 1
        and [field.raw for field in document.barcodes] == [document.qrs[0].barcode]
        and person is not None
        and person.value == document.qrs[0].national_id
        and bool(document.workplaces)
    )


@pytest.mark.parametrize("where", Where)
def test_a_stitched_statement_never_looks_sound(where: Where) -> None:
    whole = {statement(n).footer.barcode: len(statement(n, years=6).rows) for n in (0, 1)}
    for name, parts in stitched(where).items():
        for document in read_document(bundles.merged(*parts), "x.pdf"):
            if is_sound(document):
                assert len(document.records) == whole[document.qrs[0].barcode], (name, where)


def test_two_codes_in_one_paper_stay_together() -> None:
    one, other = statement(0), statement(1)
    footer = Footer(one.footer.barcode, (*one.footer.payloads, *other.footer.payloads))
    (found,) = read_document(draw("reportlab", replace(one, footer=footer)), "x.pdf")
    assert len(found.qrs) == 2


def test_titles_of_two_papers_on_one_page_are_doubtful() -> None:
    sheet = page(
        (100, 40, "SİGORTALI İŞE GİRİŞ BİLDİRGESİ"), (100, 440, "SİGORTALI İŞTEN AYRILIŞ BİLDİRGESİ")
    )
    assert [len(paper.doubts) for paper in find_papers([sheet], ())] == [1]


def test_pages_without_words_are_one_paper_unless_codes_tell() -> None:
    pages = [PageText(number, 500, 700, (), 1.0) for number in (1, 2)]
    assert [paper.numbers for paper in find_papers(pages, ())] == [(1, 2)]


def test_the_second_reader_is_asked_about_the_pages_of_the_paper_alone() -> None:
    data = bundles.merged(*(draw("reportlab", paper) for paper in (statement(0), statement(1))))
    for first in read_document(data, "x.pdf"):
        assert second_opinion(data, first) == replace(first, readers=("pdfium", "pdfplumber"))
