"""Pages that are pictures: their words by OCR, and the way back from the straightened picture to the page.

The layout engine reads the words where they stand in the straightened picture; what it finds is then brought back
to the page that was given, so that a box shows a person the place.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from extractors import ocr
from extractors.facts import Box, Field, Record, Workplace
from extractors.layout import Reading
from extractors.legibility import only_legible
from extractors.qr_decoders import Grey
from extractors.words import PageText

MAX_PAGES = 20
"""Pages of one file that are read by OCR; a scanned statement has up to ten."""
MAX_SECONDS = 40.0
"""Seconds after the reading of a file began from which on no further page is read by OCR: a page takes some seconds,
and a child of the sandbox has 60."""

Seen = TypeVar("Seen", Field, Record, Workplace)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a picture: how to get its grey pixels, and the size of the page in its own units.

    The units are points for PDFs and pixels for images.
    """

    number: int
    width: float
    height: float
    pixels: Callable[[], Grey]


@dataclass(frozen=True, slots=True)
class Scans:
    """What OCR read: the words of each page in its straightened picture, and the matrices that lead back.

    `unread` are the pages for which there was no time, `illegible` those on which no word could be read.
    """

    pages: Mapping[int, PageText] = field(default_factory=dict)
    back: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)
    unread: tuple[int, ...] = ()
    illegible: tuple[int, ...] = ()

    def followed_by(self, other: "Scans", pages: int) -> "Scans":
        """Return these scans and those of another file, whose pages are counted on from `pages`."""
        read = {pages + n: replace(page, number=pages + n) for n, page in other.pages.items()}
        back = {pages + n: matrix for n, matrix in other.back.items()}
        unread = tuple(pages + n for n in other.unread)
        illegible = tuple(pages + n for n in other.illegible)
        return Scans(
            {**self.pages, **read},
            {**self.back, **back},
            (*self.unread, *unread),
            (*self.illegible, *illegible),
        )

    def legible(self, reading: Reading, pages: Sequence[PageText]) -> Reading:
        """Return what is legible of a reading of those pages, with its places on the pages as given."""
        clear = only_legible(reading, pages)
        return replace(
            clear,
            fields={name: self._placed(found) for name, found in clear.fields.items()},
            records=tuple(map(self._placed, clear.records)),
            workplaces=tuple(map(self._placed, clear.workplaces)),
        )

    def legible_fields(
        self, found: Sequence[Field], like: Reading, pages: Sequence[PageText]
    ) -> tuple[Field, ...]:
        """Return those of some fields that are legible, with their places on the pages as given."""
        named = {str(number): each for number, each in enumerate(found)}
        bare = replace(like, fields=named, records=(), workplaces=(), doubts=(), missing=())
        return tuple(self.legible(bare, pages).fields.values())

    def _placed(self, seen: Seen) -> Seen:
        back = self.back.get(seen.page)
        return seen if back is None else replace(seen, box=_brought_back(seen.box, back))


def read_scans(pictures: Iterable[Picture], until: float) -> Scans:
    """Read the words of pages that are pictures, as many as there is time for; none where there is no OCR.

    `until` is the moment of `time.monotonic` after which no page is begun.
    """
    wanted = list(pictures)
    if not wanted or not ocr.available():
        return Scans()
    pages: dict[int, PageText] = {}
    back: dict[int, NDArray[np.float64]] = {}
    unread: list[int] = []
    illegible: list[int] = []
    for place, picture in enumerate(wanted):
        if place >= MAX_PAGES or time.monotonic() > until:
            unread.append(picture.number)
            continue
        image = picture.pixels()
        found = ocr.read_picture(image)
        if found is None:
            illegible.append(picture.number)
        else:
            height, width = image.shape
            pages[picture.number] = PageText(picture.number, found.width, found.height, found.upright, 1.0)
            scale = np.diag((picture.width / width, picture.height / height, 1.0))
            back[picture.number] = scale @ found.back
    return Scans(pages, back, tuple(unread), tuple(illegible))


def _brought_back(box: Box, back: NDArray[np.float64]) -> Box:
    """Return the upright box around the place of a box in another picture."""
    corners = np.array([(x, y, 1.0) for x in (box.x0, box.x1) for y in (box.y0, box.y1)])
    places = corners @ back.T
    x, y = places[:, 0] / places[:, 2], places[:, 1] / places[:, 2]
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
