"""The synthetic papers say what their models say, in every engine and style: other tests rely on it."""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Literal

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFont
from stdnum.tr import tckimlik, vkn

from tests.papers import builders, draw, identities, scans, variants, with_html, with_reportlab
from tests.papers.fonts import font_path, misreading_font
from tests.papers.model import (
    Declaration,
    ExitDeclaration,
    GazettePage,
    Letter,
    Paper,
    Period,
    ServiceStatement,
    SocialSecurityRecord,
    day,
)
from tests.papers.style import Encoding, Family, Form, Style, any_style, as_cp1254_read_as_latin1

_pdfium: Any = pypdfium2  # it has no annotations
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
ENGINES: tuple[Literal["reportlab"], Literal["fpdf"]] = ("reportlab", "fpdf")
needs_chromium = pytest.mark.skipif(with_html.browser() is None, reason="no Chromium on this machine")


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page without any white space."""
    document = _pdfium.PdfDocument(pdf)
    try:
        return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]
    finally:
        document.close()


def qr_codes(pdf: bytes) -> list[list[str]]:
    """Return the QR texts of each page."""
    return [
        sorted(found.text for found in zxingcpp.read_barcodes(picture, formats=QR))
        for picture in scans.pictures(pdf, dpi=100)
    ]


def promised(paper: Paper) -> list[str]:
    """Return words that the text layer must hold."""
    match paper:
        case ServiceStatement():
            found = [
                paper.person.national_id,
                *(word for row in paper.rows for cell in paper.cells(row) for word in cell.split()),
                *(f"{number}{title}" for number, title in paper.printed_workplaces),
                str(paper.total()),
            ]
            found = [word for word in found if word not in {row.occupation for row in paper.rows}]
        case Declaration():
            kind = "AYRILIŞ" if isinstance(paper, ExitDeclaration) else "GİRİŞ"
            found = [kind, paper.printed_day, paper.person.national_id, paper.person.birth_date.isoformat()]
            found += [paper.printed_title, paper.employer_address, paper.printed_groups["sequence"]]
            found += [paper.person.given_name, paper.person.family_name, "01.10.2008"]
        case SocialSecurityRecord():
            found = ["KAYITBELGESİ", paper.person.national_id, paper.person.full_name, "tescilibulunduğu"]
        case GazettePage():
            found = ["TİCARETSİCİLİGAZETESİ", *(notice.company.mersis_number for notice in paper.notices)]
        case Letter():
            found = [paper.heading, *paper.paragraphs]
    if not isinstance(paper, GazettePage) and paper.footer:
        found += [paper.footer.barcode, paper.footer.sentence]
    return [re.sub(r"\s", "", word) for word in found]


def footed_pages(paper: Paper, pages: int) -> list[list[str]]:
    """Return the QR payloads that each page must show."""
    if isinstance(paper, GazettePage) or paper.footer is None:
        return [[] for _ in range(pages)]
    foot = paper.footer
    return [sorted(foot.payloads) if foot.on(page, pages) else [] for page in range(1, pages + 1)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", variants.ALL)
def test_every_variant_shows_what_it_says(name: str, engine: Literal["reportlab", "fpdf"]) -> None:
    seed = sorted(variants.ALL).index(name)
    paper, style = variants.ALL[name](seed), replace(any_style(seed), encoding=Encoding.UNICODE)
    pdf = draw(paper, style, engine)
    pages = texts(pdf)
    missing = [word for word in promised(paper) if word not in "".join(pages)]
    assert not missing
    assert qr_codes(pdf) == footed_pages(paper, len(pages))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("family", Family)
def test_every_family_and_form_shows_the_same(
    engine: Literal["reportlab", "fpdf"], form: Form, family: Family
) -> None:
    paper = variants.declaration(4)
    pdf = draw(paper, Style(seed=11, family=family, form=form, qr_as_image=True), engine)
    assert all(word in texts(pdf)[0] for word in promised(paper))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["open job", "declaration", "older edition", "gazette"])
def test_the_same_paper_and_style_give_the_same_bytes(
    name: str, engine: Literal["reportlab", "fpdf"]
) -> None:
    make = variants.ALL[name]
    assert draw(make(5), any_style(5), engine) == draw(make(5), any_style(5), engine)
    assert draw(make(5), any_style(5), engine) != draw(make(5), any_style(6), engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("family", Family)
def test_the_latin1_kind_reads_wrong(engine: Literal["reportlab", "fpdf"], family: Family) -> None:
    paper = variants.declaration(3)
    text = texts(draw(paper, Style(family=family, encoding=Encoding.LATIN1), engine))[0]
    assert "SÝGORTALIÝÞEGÝRÝÞBÝLDÝRGESÝ" in text
    assert as_cp1254_read_as_latin1(paper.printed_title).replace(" ", "") in text
    assert not set("İıŞşĞğ") & set(text)


@pytest.mark.parametrize("family", Family)
def test_misreading_fonts_show_the_turkish_letters(family: Family) -> None:
    sound = ImageFont.truetype(font_path(family), 40)
    misread = ImageFont.truetype(io.BytesIO(misreading_font(family)), 40)
    for letter in "İıŞşĞğ":
        shown = as_cp1254_read_as_latin1(letter)
        assert bytes(misread.getmask(shown)) == bytes(sound.getmask(letter)), letter
        assert bytes(sound.getmask(shown)) != bytes(sound.getmask(letter)), letter


@pytest.mark.slow
@needs_chromium
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("three pages", Form.RULED),
        ("two QR codes", Form.OPEN),
        ("declaration", Form.RULED),
        ("older edition", Form.OPEN),
        ("exit", Form.OPEN),
        ("gazette", Form.RULED),
    ],
)
def test_a_browser_prints_the_same(name: str, form: Form) -> None:
    paper = variants.ALL[name](8)
    pdf = draw(paper, Style(seed=8, form=form, qr_as_image=form is Form.OPEN), "html")
    pages = texts(pdf)
    assert not [word for word in promised(paper) if word not in "".join(pages)]
    assert qr_codes(pdf) == footed_pages(paper, len(pages))


def test_statements_have_the_promised_pages() -> None:
    for name, least in (("one page", 1), ("three pages", 3), ("ten pages", 10)):
        assert len(texts(draw(variants.STATEMENTS[name](0)))) == least, name


def test_the_header_is_repeated_on_each_page_of_the_table() -> None:
    pages = texts(draw(variants.STATEMENTS["ten pages"](0)))
    assert all("DğrEk" in page.replace("/", "") and "Gösterge" in page for page in pages[:-1])
    assert "ÜNVANLİSTESİ" in pages[-1]


def test_titles_are_cut_as_the_office_cuts_them() -> None:
    paper = variants.long_title(1)
    assert len(paper.printed_title) == 55
    assert paper.employer_title.startswith(paper.printed_title)
    listed = replace(variants.open_job(1), workplaces=(("1000000", paper.employer_title),))
    assert [len(title) for _, title in listed.printed_workplaces] == [60]


@given(
    entry=st.dates(date(2022, 1, 1), date(2025, 12, 31)),
    length=st.one_of(st.none(), st.integers(0, 700)),
)
@settings(max_examples=60, deadline=None)
def test_rows_of_a_job_are_consistent(entry: date, length: int | None) -> None:
    leaving = None if length is None else entry + timedelta(days=length)
    job = builders.Job(identities.company(Random(1)), entry, leaving)
    rows = builders.rows_of(job, Period(2026, 9))
    assert [row.entry for row in rows] == [entry] + [None] * (len(rows) - 1)
    assert [row.exit for row in rows] == [None] * (len(rows) - 1) + [leaving]
    assert rows[-1].period == (Period.of(leaving) if leaving else Period(2026, 9))
    assert all(later.period == row.period.next() for row, later in pairwise(rows))
    assert all(1 <= row.days <= 30 for row in rows)
    assert all(row.days == 30 for row in rows[1:-1])


def test_totals_are_asil_plus_ek_minus_iptal() -> None:
    whole, part = variants.open_job(2), variants.partly_cancelled(2)
    assert part.total() == whole.total() - 5
    assert variants.cancelled_job(2).total() == 0
    years = {row.period.year for row in whole.rows}
    assert sum(whole.total(year) for year in years) == whole.total()


def test_a_statement_does_not_show_what_was_not_reported_yet() -> None:
    before, after = builders.NOW.replace(day=25), builders.NOW.replace(day=26)
    assert builders.last_shown(before) == Period(2026, 9)
    assert builders.last_shown(after) == Period(2026, 10)
    assert builders.last_shown(builders.NOW.replace(month=1)) == Period(2025, 11)


@pytest.mark.parametrize("seed", range(20))
def test_identities_are_valid_and_invented_by_seed(seed: int) -> None:
    who, firm = identities.person(Random(seed)), identities.company(Random(seed), leading_zeros=seed % 2 == 0)
    assert tckimlik.is_valid(who.national_id)
    assert vkn.is_valid(firm.tax_number)
    assert firm.mersis_number[:11] == f"0{firm.tax_number}"
    assert len(firm.mersis_number) == 16
    assert identities.person(Random(seed)) == who
    assert identities.person(Random(seed + 1)) != who


@pytest.mark.parametrize("seed", range(20))
def test_workplace_numbers_have_26_digits_and_hold_their_control(seed: int) -> None:
    number = identities.company(Random(seed), leading_zeros=seed % 2 == 0).workplace_number
    groups = identities.split_workplace_number(number)
    assert re.fullmatch("[0-9]{26}", number)
    assert "".join(groups.values()) == number
    assert int(groups["province"] + groups["sequence"]) % 97 == int(groups["control"]) % 97
    assert 1 <= int(groups["control"]) <= 97


def test_broken_and_foreign_numbers_are_what_they_claim() -> None:
    assert not any(tckimlik.is_valid(identities.broken_national_id(Random(seed))) for seed in range(50))
    foreign = [identities.national_id(Random(seed), foreign=True) for seed in range(50)]
    assert all(tckimlik.is_valid(number) and number.startswith("99") for number in foreign)


@pytest.mark.parametrize(
    ("family", "shape"),
    [
        ("hd", r"hd[0-9a-f]{18}"),
        ("SGK", r"SGK[A-Z0-9]{16}"),
        ("NV02", r"NV02(-[A-Z0-9]{4}){3}"),
        ("YOKOG", r"YOKOG[A-Z0-9]{13}"),
        ("MSB", r"MSB[0-9]{15}"),
    ],
)
def test_barcodes_have_the_shape_of_their_family(family: str, shape: str) -> None:
    assert re.fullmatch(shape, identities.barcode(Random(family), family))


def test_a_scan_has_pictures_and_no_text() -> None:
    paper = variants.open_job(6)
    scan = scans.image_only(draw(paper))
    assert texts(scan) == [""] * len(texts(draw(paper)))
    assert qr_codes(scan)[-1] == list(paper.footer.payloads)
    assert scan == scans.image_only(draw(paper))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_photograph_still_shows_the_code(kind: str) -> None:
    paper = variants.declaration(6)
    with Image.open(io.BytesIO(scans.as_image(draw(paper), kind))) as picture:
        assert picture.format == kind
        codes = zxingcpp.read_barcodes(picture.convert("L"), formats=QR)
    assert [code.text for code in codes] == list(paper.footer.payloads)


@pytest.mark.parametrize(
    "paper", [variants.open_job(1), variants.declaration(1)], ids=["statement", "declaration"]
)
def test_a_truncated_file_opens_in_no_way(paper: Paper) -> None:
    with pytest.raises(_pdfium.PdfiumError):
        _pdfium.PdfDocument(scans.truncated(draw(paper)))


def test_passwords_protect_unless_they_are_empty() -> None:
    paper = variants.declaration(2)
    locked = with_reportlab.draw_protected(paper, Style(), user="1234")
    with pytest.raises(_pdfium.PdfiumError, match="password"):
        _pdfium.PdfDocument(locked)
    _pdfium.PdfDocument(locked, password="1234").close()
    opened = texts(with_reportlab.draw_protected(paper, Style(), user=""))
    assert paper.footer.barcode in opened[0]


def test_the_papers_need_neither_pytest_nor_prefect() -> None:
    code = (
        "import sys, tests.papers.inbox, tests.papers.with_fpdf, tests.papers.with_html;"
        "sys.exit(str({'pytest', 'prefect', 'hypothesis'} & set(sys.modules) or ''))"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.stderr == "\n"


def test_dates_are_printed_day_first() -> None:
    assert day(date(2026, 3, 9)) == "09.03.2026"
    assert day(date(2026, 3, 9), "/") == "09/03/2026"
    assert day(None) == ""


STYLE_SEEDS = range(1, 16)


@pytest.mark.parametrize("make", [variants.open_job, variants.declaration], ids=["statement", "declaration"])
def test_a_style_moves_things_but_says_the_same(make: Callable[[int], Paper]) -> None:
    paper = make(9)
    for seed in STYLE_SEEDS:
        style = replace(any_style(seed), encoding=Encoding.UNICODE)
        page = "".join(texts(draw(paper, style)))
        assert not [word for word in promised(paper) if word not in page], seed
