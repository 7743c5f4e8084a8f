"""How well scans are read, against plain Tesseract in one run.

    .venv/bin/python -m benchmarks.ocr [PAPERS [SEED]]

Draws PAPERS statements and as many declarations (4 unless told otherwise) in many styles from SEED on (20 unless told
otherwise; nothing was tuned on those: the thresholds come from seeds 0 to 3), wears them as scanners and
phones do at 150, 200 and 300 dpi, and reads each with kanit and with Tesseract alone (page segmentation 3, the same
data and the same layout engine). Printed: the share of characters read right of dates, numbers and titles, place by
place; the share of fields and rows kept, and of wrong ones among those kept; seconds of processor time a page.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.drawn import Evidence
from extractors.layout import Reading, read_layout
from extractors.legibility import only_legible
from extractors.ocr import read_picture
from extractors.pictures import moved
from extractors.reader import PdfReader
from extractors.tesseract import LANGUAGE, data_folder
from extractors.words import PageText, Word
from tests.papers import Engine, draw, variants
from tests.papers.scans import Grey, Matrix, Wear, photographed, pictures, scanned
from tests.papers.style import any_style

tesserocr: Any = import_module("tesserocr")  # its enumerations carry no types

RESOLUTIONS = (150, 200, 300)
ENGINES: Sequence[Engine] = ("reportlab", "fpdf")
CLASSES = {
    "dates": re.compile(r"^:?\d\d[./]\d\d[./]\d{4}$"),
    "numbers": re.compile(r"^:?(?:\d{11}|\d{6,8})$"),
    "titles": re.compile(r"^[A-ZÇĞİÖŞÜ]{4,}$"),
}
"""Words by what they are: dates, T.C. and workplace numbers, and capitals, of which titles and names are made."""
SCANS: Mapping[str, Wear | None] = {
    "clean": Wear(),
    "skew 2, noise, JPEG 80": Wear(2, 6, 0.4, 80),
    "skew -5, noise, JPEG 40": Wear(-5, 8, 0.6, 40),
    "grey paper, pale ink, JPEG 50": Wear(1, 8, 0.7, 50, 200, 60),
    "photo: tilt, shade, JPEG 70": None,
}


@dataclass
class Tally:
    """What was counted for one kind of scan."""

    pages: int = 0
    seconds: float = 0.0
    right: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)

    def share(self, name: str) -> float:
        """Return the share of right ones, 1 where there were none."""
        return self.right[name] / self.total[name] if self.total[name] else 1.0


Words = tuple[tuple[Word, ...], PageText]
"""Words on the picture given, and the page for the layout engine."""


def kanit(picture: Grey, number: int) -> Words:
    found = read_picture(picture)
    if found is None:
        return (), PageText(number, 1, 1, (), 1.0)
    return found.words, PageText(number, found.width, found.height, found.upright, 1.0)


def plain(picture: Grey, number: int) -> Words:
    engine = _engine()
    height, width = picture.shape
    engine.SetImageBytes(picture.tobytes(), width, height, 1, width)
    engine.Recognize(0)
    level = tesserocr.RIL.WORD
    words = tuple(
        Word(item.GetUTF8Text(level), x0, y0, x1, y1, item.Confidence(level) / 100)
        for item in tesserocr.iterate_level(engine.GetIterator(), level)
        if not item.Empty(level)
        for x0, y0, x1, y1 in [item.BoundingBox(level)]
    )
    unit = 842 / max(width, height)
    upright = tuple(
        Word(w.text, w.x0 * unit, w.y0 * unit, w.x1 * unit, w.y1 * unit, w.confidence) for w in words
    )
    return words, PageText(number, width * unit, height * unit, upright, 1.0)


@cache
def _engine() -> Any:
    return tesserocr.PyTessBaseAPI(path=str(data_folder()), lang=LANGUAGE, psm=tesserocr.PSM.AUTO)


def papers(count: int, first: int = 0) -> Iterator[bytes]:
    groups: Sequence[Mapping[str, Callable[[int], Evidence]]] = (variants.STATEMENTS, variants.DECLARATIONS)
    for group in groups:
        makers = list(group.values())
        for seed in range(first, first + count):
            yield draw(makers[seed % len(makers)](seed), any_style(seed), ENGINES[seed % 2])


def printed(data: bytes) -> tuple[PageText, ...]:
    """Return the words that stand on a paper, from its own text."""
    with PdfReader(data) as reader:
        return tuple(reader.page_text(number) for number in range(1, reader.pages + 1))


def wear(picture: Grey, worn: Wear | None, seed: int) -> tuple[Grey, Matrix]:
    if worn is None:
        return photographed(picture, Wear(noise=5, blur=0.5, quality=70), seed=seed)
    return scanned(picture, worn, seed)


def measure(read: Callable[[Grey, int], Words], drawn: Sequence[bytes], dpi: int, worn: Wear | None) -> Tally:
    tally = Tally()
    for seed, data in enumerate(drawn):
        truth = printed(data)
        found = []
        for page, picture in zip(truth, pictures(data, dpi), strict=True):
            image, matrix = wear(np.asarray(picture), worn, seed)
            start = time.process_time()
            words, text = read(image, page.number)
            tally.seconds += time.process_time() - start
            tally.pages += 1
            found.append(text)
            count_characters(tally, page, words, np.linalg.inv(matrix).astype(np.float64), dpi / 72)
        count_fields(tally, read_layout(truth), only_legible(read_layout(found), found))
    return tally


def count_characters(tally: Tally, page: PageText, words: Sequence[Word], back: Matrix, scale: float) -> None:
    """Compare each printed word with what was read at its place, character by character."""
    middles = np.array([((w.x0 + w.x1) / 2, w.middle) for w in words]).reshape(-1, 2)
    places = moved(middles, back) / scale if len(middles) else middles
    for wanted in page.words:
        kind = next((name for name, shape in CLASSES.items() if shape.match(wanted.text)), None)
        if kind is None:
            continue
        x, y = places[:, 0], places[:, 1]
        near = np.flatnonzero(
            (x >= wanted.x0 - 1) & (x <= wanted.x1 + 1) & (y >= wanted.y0 - 1) & (y <= wanted.y1 + 1)
        )
        text = "".join(words[n].text for n in sorted(near.tolist(), key=lambda n: x[n])).strip("|:()[] ")
        expected = wanted.text.strip(":")
        tally.total[kind] += len(expected)
        tally.right[kind] += max(0, len(expected) - distance(expected, text))


def distance(a: str, b: str) -> int:
    """Return Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]


def count_fields(tally: Tally, truth: Reading, found: Reading) -> None:
    """Count what was kept, and what of it is right: fields, rows without a doubt, lines of the list."""
    for name, wanted in truth.fields.items():
        kept = found.fields.get(name)
        group = (
            "text" if isinstance(wanted.value, str) and not any(c.isdigit() for c in wanted.raw) else "number"
        )
        count(tally, group, kept=kept is not None, right=kept is not None and kept.value == wanted.value)
    rows = Counter(
        (r.workplace.lstrip("0"), r.period, r.entry_date, r.exit_date) for r in found.records if not r.doubts
    )
    wanted_rows = Counter(
        (r.workplace.lstrip("0"), r.period, r.entry_date, r.exit_date) for r in truth.records
    )
    right = sum((rows & wanted_rows).values())
    add(tally, "row", sum(wanted_rows.values()), sum(rows.values()), right)
    places, wanted_places = ({p.number for p in reading.workplaces} for reading in (found, truth))
    add(tally, "workplace", len(wanted_places), len(places), len(places & wanted_places))


def count(tally: Tally, group: str, *, kept: bool, right: bool) -> None:
    add(tally, group, 1, int(kept), int(right))


def add(tally: Tally, group: str, wanted: int, kept: int, right: int) -> None:
    tally.total[f"{group} kept"] += wanted
    tally.right[f"{group} kept"] += kept
    tally.total[f"{group} wrong"] += kept
    tally.right[f"{group} wrong"] += kept - right


def line(name: str, tally: Tally) -> str:
    characters = " ".join(f"{tally.share(kind):6.1%}" for kind in CLASSES)
    kept = " ".join(f"{tally.share(f'{g} kept'):6.1%}" for g in ("number", "text", "row", "workplace"))
    wrong = " ".join(
        f"{tally.right[f'{g} wrong']:3d}/{tally.total[f'{g} wrong']:<4d}"
        for g in ("number", "row", "workplace")
    )
    return f"{name:42} {characters}   {kept}   {wrong}  {tally.seconds / tally.pages:5.2f}"


def main() -> None:
    """Print the table."""
    count, first = (int(text) for text in (*sys.argv[1:], *("4", "20")[len(sys.argv) - 1 :]))
    drawn = list(papers(count, first))
    head = f"{'dates':>6} {'number':>6} {'titles':>6}   {'number':>6} {'text':>6} {'rows':>6} {'places':>6}"
    print(
        f"{len(drawn)} papers: characters right, fields kept, wrong among kept (numbers, rows, workplaces), s a page"
    )
    print(f"{'':42} {head}   numbers  rows     places    s")
    for dpi in RESOLUTIONS:
        for name, worn in SCANS.items():
            ours, theirs = measure(kanit, drawn, dpi, worn), measure(plain, drawn, dpi, worn)
            print(line(f"{dpi} dpi, {name}", ours))
            print(line("    plain Tesseract", theirs), flush=True)


if __name__ == "__main__":
    main()
