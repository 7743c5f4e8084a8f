"""What anyone would write first: pictures at 300 dpi, all bar codes, text and tables, a row in a database.

Nothing is isolated, checked or judged. It answers what its reader finds: the texts of codes, and the pages' text.
"""

import io
import sqlite3
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pdfplumber
from pyzbar import pyzbar

DPI = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in one upload: pages read, texts of the codes, printed text."""

    pages: int = 0
    codes: frozenset[str] = frozenset()
    text: str = ""


def read_upload(path: Path) -> Answer:
    """Read every PDF of a zip, one after the other; a file that cannot be read counts for nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [read_pdf(archive.read(name)) for name in archive.namelist() if name.endswith(".pdf")]
    except Exception:  # there is no plan for files that are not as they should be
        return Answer()
    codes = frozenset(code for each in found for code in each.codes)
    return Answer(sum(each.pages for each in found), codes, "\n".join(each.text for each in found))


def read_pdf(data: bytes) -> Answer:
    """Read one PDF: picture, codes, text and tables of every page."""
    codes: set[str] = set()
    texts = []
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            found = pyzbar.decode(page.to_image(resolution=DPI).original)
            codes |= {code.data.decode("utf-8", "replace") for code in found}
            texts.append(page.extract_text())
            page.extract_tables()
        return Answer(len(pdf.pages), frozenset(codes), "\n".join(texts))


def store(database: Path, answers: Iterable[tuple[str, Answer]]) -> int:
    """Insert a row for each application as its answer comes; return how many there were."""
    count = 0
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE applications (name TEXT, codes TEXT, text TEXT)")
        for name, answer in answers:
            row = (name, "\n".join(sorted(answer.codes)), answer.text)
            connection.execute("INSERT INTO applications VALUES (?, ?, ?)", row)
            connection.commit()
            count += 1
    connection.close()
    return count
