"""How fast papers are read, as ratios in one run.

    .venv/bin/python -m benchmarks.reading [PAPERS]

Draws PAPERS synthetic papers (30 unless told otherwise: statements and declarations of two engines in many
styles), then compares, page by page and in processor time: PDFium's words with pdfplumber's, and `read_document`
with the pipeline that one would write first (pdfplumber's picture at 300 dpi, pyzbar with all symbologies, its
text, its tables). The machine's speed cancels out of the ratios; the milliseconds are only for orientation.
zbar's own warnings about bar codes that are none go to standard error.
"""

import io
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle

import pdfplumber
from pyzbar import pyzbar

from extractors.document import read_document
from extractors.reader import PdfReader, second_reading
from tests.papers import draw, variants
from tests.papers.style import any_style

ENGINES = ("reportlab", "fpdf")
REPEATS = 3


def papers(count: int) -> list[bytes]:
    """Draw statements and declarations by turns."""
    makers = cycle((*variants.STATEMENTS.values(), *variants.DECLARATIONS.values()))
    return [
        draw(make(seed), any_style(seed), ENGINES[seed % 2])
        for seed, make in zip(range(count), makers, strict=False)
    ]


def fast_words(data: bytes) -> int:
    """Words by PDFium; returns the number of pages."""
    with PdfReader(data) as reader:
        for number in range(1, reader.pages + 1):
            reader.page_text(number)
        return reader.pages


def slow_words(data: bytes) -> int:
    """Words by pdfplumber."""
    return len(second_reading(data))


def whole(data: bytes) -> int:
    """Everything kanit reads of a paper."""
    return read_document(data, "paper.pdf").pages


def naive(data: bytes) -> int:
    """The pipeline that one would write first."""
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            pyzbar.decode(page.to_image(resolution=300).original)
            page.extract_text()
            page.extract_tables()
        return len(pdf.pages)


def milliseconds_a_page(read: Callable[[bytes], int], drawn: Sequence[bytes]) -> float:
    """Processor time a page in milliseconds: the best of some runs."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.process_time()
        pages = sum(read(data) for data in drawn)
        best = min(best, (time.process_time() - start) * 1000 / pages)
    return best


def main() -> None:
    """Print the table."""
    drawn = papers(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
    figures = {
        read.__name__: milliseconds_a_page(read, drawn) for read in (fast_words, slow_words, whole, naive)
    }
    print(f"{len(drawn)} papers, {sum(map(fast_words, drawn))} pages")
    for name, value in figures.items():
        print(f"{name:12} {value:8.1f} ms a page")
    print(f"words: pdfplumber / PDFium    {figures['slow_words'] / figures['fast_words']:5.1f}")
    print(f"paper: first idea / kanit     {figures['naive'] / figures['whole']:5.1f}")


if __name__ == "__main__":
    main()
