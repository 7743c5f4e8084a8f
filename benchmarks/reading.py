"""Where the time of reading a page goes, stage by stage, beside the least that reading can cost.

    .venv/bin/python -m benchmarks.reading [--papers N]

Draws N papers (48 unless told otherwise) and as many scans, as `benchmarks.speed` does, and reads them in this process,
without the sandbox, OCR off. Printed are CPU milliseconds a page, each stage's best of a few rounds. The first stage
opens the PDF, lists what is drawn on its pages and decodes the picture that a scanned one is, each of them once; the
layout is recognition, table, list of workplaces and labels, lines of words included. `whole document` is
`read_document`: all of these, papers told apart, and where the first reader leaves a question open, the second one.
`floor` is `benchmarks.floor`, on the same pages by turns.
"""

import argparse
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import drawn, floor
from benchmarks.drawn import Upload
from extractors.barcodes import printed_barcodes
from extractors.document import read_document
from extractors.layout import read_layout
from extractors.qr import find_codes
from extractors.reader import PdfReader

PAPERS = 48
ROUNDS = 5
STAGES = ("open, words, pictures", "QR codes", "layout", "printed barcodes", "whole document", "floor")
"""In the order in which they are printed."""


class Laps:
    """A stopwatch of processor time: seconds by the name of the stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.process_time()

    def lap(self, stage: str | None) -> None:
        """Count the time since the last lap for a stage, or for none."""
        now = time.process_time()
        if stage is not None:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def read(data: bytes, laps: Laps) -> int:
    """Read one PDF whole, stage by stage and as the floor does; return how many pages it has."""
    laps.lap(None)
    documents = read_document(data, "belge.pdf", ocr=False)
    laps.lap("whole document")
    floor.read_pdf(data)
    laps.lap("floor")
    codes_of_papers = [qr for document in documents for qr in document.qrs]
    laps.lap(None)
    with PdfReader(data) as reader:
        pages = [reader.page_text(number) for number in range(1, reader.pages + 1)]
        laps.lap("open, words, pictures")
        find_codes(reader)
        laps.lap("QR codes")
        read_layout(pages)
        laps.lap("layout")
        printed_barcodes(pages, codes_of_papers)
        laps.lap("printed barcodes")
    return len(pages)


def milliseconds_a_page(uploads: Iterable[Upload]) -> dict[str, float]:
    """Read all uploads some rounds over; return each stage's best."""
    papers = list(map(_paper_of, uploads))
    rounds = [_round(papers) for _ in range(ROUNDS)]
    return {stage: min(each[stage] for each in rounds) for stage in rounds[0]}


def _round(papers: Sequence[bytes]) -> dict[str, float]:
    laps = Laps()
    pages = sum(read(data, laps) for data in papers)
    return {stage: 1000 * seconds / pages for stage, seconds in laps.seconds.items()}


def _paper_of(upload: Upload) -> bytes:
    with zipfile.ZipFile(upload.path) as archive:
        return archive.read(archive.namelist()[0])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.reading", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--papers", type=int, default=PAPERS)
    count = parser.parse_args().papers
    with tempfile.TemporaryDirectory(prefix="kanit-reading-") as folder:
        papers = milliseconds_a_page(drawn.born_digital(Path(folder), count))
        scans = milliseconds_a_page(drawn.scanned(Path(folder), count))
    print(f"{'CPU ms a page':<24}{'born-digital':>14}{'scan':>8}")
    for stage in STAGES:
        print(f"{stage:<24}{papers[stage]:14.2f}{scans[stage]:8.2f}")


if __name__ == "__main__":
    main()
