"""Files of tables: whatever a cell holds, no spreadsheet takes it for a formula."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.exports import DANGEROUS, Cell, Form, Table, download, exported, harmless

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", '=HYPERLINK("http://x","y")', "＝1")


def rows_of(*cells: Cell) -> list[list[str]]:
    data = exported(Table("Tablo", ("Sütun",), tuple((cell,) for cell in cells)), Form.CSV)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_of(*cells: Cell) -> tuple[str, str]:
    """Return the sheet and the shared texts of a workbook, as XML."""
    data = exported(Table("Tablo", ("Sütun",), tuple((cell,) for cell in cells)), Form.XLSX)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("text", EVIL)
def test_texts_that_look_like_formulas_are_texts_in_csv(text: str) -> None:
    assert rows_of(text)[1] == [f"'{text}"]


@pytest.mark.parametrize("text", EVIL)
def test_and_in_xlsx(text: str) -> None:
    sheet, texts = sheet_of(text)
    assert "<f>" not in sheet
    assert 't="s"' in sheet
    assert "<hyperlink" not in sheet
    assert texts.count("<si>") == 2


@given(st.text())
def test_no_text_begins_like_a_formula(text: str) -> None:
    assert not harmless(text).lstrip(" ").startswith(DANGEROUS)
    assert harmless(text).endswith(text)


def test_a_heading_is_no_formula_either() -> None:
    data = exported(Table("Tablo", ("=1",), ()), Form.CSV)
    assert data.decode("utf-8-sig").startswith("'=1")


def test_numbers_days_and_moments_stay_what_they_are() -> None:
    moment = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
    cells = (-3, 2.5, None, date(2026, 11, 22), moment, "şğİı")
    told = [row[0] if row else "" for row in rows_of(*cells)[1:]]
    assert told == ["-3", "2.5", "", "2026-11-22", "2026-11-22 00:30:00+03:00", "şğİı"]
    sheet, texts = sheet_of(*cells)
    assert "<v>-3</v>" in sheet
    assert "<v>2.5</v>" in sheet
    assert "<v>46348" in sheet
    assert "şğİı" in texts


def test_title_of_a_sheet_may_be_long_and_hold_anything() -> None:
    data = exported(Table("'[a]:*?/\\'" * 9, ("x",), ((1,),)), Form.XLSX)
    assert zipfile.is_zipfile(io.BytesIO(data))


def test_name_of_a_download_breaks_no_header() -> None:
    header = download(b"", 'a"\r\nX: ş.csv', "text/csv").headers["content-disposition"]
    assert header == "attachment; filename=\"a___X___.csv\"; filename*=UTF-8''a%22%0D%0AX%3A%20%C5%9F.csv"
