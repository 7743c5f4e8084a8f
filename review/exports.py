"""Tables as files: CSV and XLSX in which no cell is a formula, whatever somebody typed into a name.

A spreadsheet takes a cell that begins with one of `DANGEROUS` for a formula when it opens CSV; such texts get an
apostrophe before them, by which spreadsheets know a text. In XLSX every text is stored as a text.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote

from starlette.responses import Response
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from validators.application import ISTANBUL

Cell: TypeAlias = str | int | float | date | None

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings of what spreadsheets take for a formula."""
_LONGEST_CELL = 32_767
_WIDEST = 60
_SHEET_NAME = 31


class Form(StrEnum):
    """A kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title; every row has a cell for every column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def exported(table: Table, form: Form) -> bytes:
    """Return a table as a file. Moments are told by the clock of Istanbul."""
    return as_csv(table) if form is Form.CSV else as_xlsx(table)


def as_csv(table: Table) -> bytes:
    """Return a table as CSV (RFC 4180) in UTF-8 with a byte order mark, by which Excel knows Turkish letters."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([harmless(column) for column in table.columns])
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """Return a table as a workbook of one sheet; the same table gives the same cells."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(_sheet_name(table.title))
    moments, heading = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}), book.add_format({"bold": True})
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column, heading)
        sheet.set_column(place, place, _width(table, place))
    for number, row in enumerate(table.rows, 1):
        for place, cell in enumerate(row):
            _write(sheet, number, place, cell, moments)
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, moments: Format) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell[:_LONGEST_CELL])
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(ISTANBUL).replace(tzinfo=None), moments)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, datetime.combine(cell, clock()))
    elif cell is not None:
        sheet.write_number(row, column, cell)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text


def download(data: bytes, name: str, media_type: str) -> Response:
    """Answer with a file that the browser saves under a name."""
    plain = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name
    )
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(ISTANBUL).isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else str(cell)


def _sheet_name(title: str) -> str:
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)[:_SHEET_NAME].strip()


def _width(table: Table, place: int) -> int:
    cells: Sequence[Cell] = (table.columns[place], *(row[place] for row in table.rows[:200]))
    return min(max(len(_text(cell)) for cell in cells) + 2, _WIDEST)
