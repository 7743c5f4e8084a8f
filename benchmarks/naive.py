"""What anyone would write first: pictures at 300 dpi, all bar codes, text and tables, a row in a database.

Nothing is isolated, checked or judged. It answers what its reader finds: the texts of codes, and the pages' text.
"""

import io
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pdfplumber
from pyzbar import pyzbar

from benchmarks.answers import Answer, read_zip

DPI = 300


def read_upload(path: Path) -> Answer:
    """Read every PDF of a zip."""
    return read_zip(path, read_pdf)


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
