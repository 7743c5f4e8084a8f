"""The QR codes of a document: which pages are looked at, where, how closely, and in which order.

Cheapest first. The picture that a scanned page is comes from its JPEG, reduced; on a page drawn by a program only the
places where a code can be are rendered. Whole pages are rendered, finer and finer, and taken up the ladder of
`qr_ladder` only while no e-Devlet code is known.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Protocol

import cv2
import numpy as np

from extractors.edevlet import looks_like_barcode, parse_payload
from extractors.facts import Box, Code
from extractors.page_images import PagePicture
from extractors.page_listing import Matrix
from extractors.qr_decoders import Grey, available_decoders
from extractors.qr_ladder import PAGE_BUDGET, Budget, Read, overlap, read_codes, read_first, read_places
from extractors.qr_ladder import rungs as ladder_rungs

__all__ = ["available_decoders", "disagreements", "find_codes", "find_codes_in_images", "rungs"]

FAST_DPI = 100
"""At which a whole page is looked at first: enough for every page drawn by a program and most scans."""
FINE_DPI = 200
"""At which whole pages are looked at again, and go up the ladder, where no single picture covers them."""
DEEP_PAGES = 10
"""Pages from the end that are looked at more than once: the code stands by the footer, mostly of the last page."""
_REGION_SIDE = 140
"""Pixels wanted of the shorter side of a region: four a module of a code of version 3."""
_REGION_DPI = (100, 200)
"""Least and greatest resolution at which a region is rendered first."""
_FINE_REGION_DPI = 300
"""At which regions are rendered again while no e-Devlet code is known."""
_MOST_REGIONS = 12
"""Regions of a page from which on it is cheaper to render all of it."""
_MOST_AREA = 0.4
"""The same by their part of the page."""
PICTURE, REGION = "zxing+picture", "zxing+region"
"""Names of the rungs that read the embedded picture of a page, and a region of it; whole pages have the ladder's."""
_ROOM = 0.5
"""Part of a code's side that may be free beside it in a region before there is room for another one: a double quiet
zone and the margin of a region take 0.46."""
_SAME_PLACE = 0.5
"""Part of the smaller of two boxes that both must cover to be one place."""


def rungs() -> tuple[str, ...]:
    """Return every name that `Code.decoder` can have, the cheapest first: stable, for counting."""
    return (REGION, PICTURE, *ladder_rungs())


class Pages(Protocol):
    """What `find_codes` needs of a PDF (`extractors.reader.PdfReader`). Pages count from 1."""

    pages: int

    def page_size(self, number: int) -> tuple[float, float]:
        """Return width and height in points, as shown."""

    def image_share(self, number: int) -> float:
        """Return the part of the page that images cover, 0 to 1."""

    def render(self, number: int, dpi: float, region: Box | None = None) -> Grey:
        """Return the page, or a region of it in points, as a grey image, as shown."""

    def regions(self, number: int) -> tuple[Box, ...]:
        """Return where a code may be drawn, in points as shown."""

    def first_picture(self, number: int) -> PagePicture | None:
        """Return the picture that the page is, reduced, or None."""

    def only_picture(self, number: int) -> bool:
        """Tell whether the page shows nothing but the picture that it is."""

    def page_picture(self, number: int) -> PagePicture:
        """Return the picture that the page is with all its pixels, or the page rendered."""


def find_codes(reader: Pages, numbers: Iterable[int] | None = None) -> tuple[Code, ...]:
    """Return the QR codes of a PDF, or of some of its pages, those of the last page first, with boxes in points.

    Every page is looked at once, quickly. Only while no page has an e-Devlet code are the last `DEEP_PAGES` and the
    first looked at more closely, and those with images taken up the ladder wherever a code may stand on them: a code
    that a program drew as lines needs no ladder. No page costs more than `PAGE_BUDGET` and one look.
    """
    pages = range(1, reader.pages + 1) if numbers is None else numbers
    search = _Search(reader, sorted(pages, reverse=True))
    search.run()
    return _by_page(search.found)


def find_codes_in_images(images: Sequence[Grey]) -> tuple[Code, ...]:
    """Return the QR codes of the pages of an image file, those of the last page first, with boxes in pixels."""
    found: list[Code] = []
    for read in (read_first, _whole_ladder):
        for page in range(len(images), 0, -1):
            if read is read_first or not _has_edevlet(found):
                found += [Code(code.text, page, code.box, code.decoder) for code in read(images[page - 1])]
    return _by_page(found)


def disagreements(codes: Sequence[Code]) -> tuple[str, ...]:
    """Return a doubt for every place that was read in two ways: `codes disagree: page 2`.

    Error correction makes a wrong reading nearly impossible, so either one code was pasted over another and both were
    seen, or a decoder is wrong: in both cases a human must look.
    """
    pages = {
        a.page
        for a, b in combinations(codes, 2)
        if a.page == b.page and a.text != b.text and _same_place(a.box, b.box)
    }
    return tuple(f"codes disagree: page {page}" for page in sorted(pages))


class _Search:
    """The search of one document: what was found, and what each page has cost."""

    def __init__(self, reader: Pages, pages: Sequence[int]) -> None:
        self.found: list[Code] = []
        self._reader = reader
        self._pages = list(pages)
        self._seconds: defaultdict[int, float] = defaultdict(float)
        self._seen_whole: set[int] = set()

    def run(self) -> None:
        """Look at the pages, ever more closely while no e-Devlet code is known."""
        deep = self._pages[:DEEP_PAGES] + self._pages[DEEP_PAGES:][-1:]
        self._look_at(self._pages, self._quick)
        for look in (self._regions_again, self._whole_page, self._whole_page_again):
            if not _has_edevlet(self.found):
                self._look_at(deep, look)
        for page in deep:
            if not _has_edevlet(self.found) and self._has_pictures(page) and self._is_open(page):
                self._look_at([page], self._laddered)

    def _look_at(self, pages: Iterable[int], look: Callable[[int], Iterable[Code]]) -> None:
        for page in pages:
            if self._seconds[page] < PAGE_BUDGET:
                started = time.process_time()
                self.found += look(page)
                self._seconds[page] += time.process_time() - started

    def _has_pictures(self, page: int) -> bool:
        """Tell whether a camera or a scanner may have had to do with the page, faint as the picture may be."""
        return bool(self._reader.first_picture(page) or self._reader.image_share(page))

    def _quick(self, page: int) -> Iterable[Code]:
        picture = self._reader.first_picture(page)
        codes = _placed(read_first(picture.image), page, picture.place, PICTURE) if picture else []
        regions = self._regions(page)
        if regions is None:
            self._seen_whole.add(page)
            return [*codes, *self._drawn(page, FAST_DPI)]
        return [*codes, *(code for box in regions for code in self._in_region(page, box, _first_dpi(box)))]

    def _regions(self, page: int) -> tuple[Box, ...] | None:
        """Return where a code may be drawn, None where it is cheaper to look at the whole page."""
        regions = self._reader.regions(page)
        width, height = self._reader.page_size(page)
        share = sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in regions) / (width * height)
        return None if len(regions) > _MOST_REGIONS or share > _MOST_AREA else regions

    def _regions_again(self, page: int) -> Iterable[Code]:
        regions = self._regions(page) or ()
        return [code for box in regions for code in self._in_region(page, box, _FINE_REGION_DPI)]

    def _whole_page(self, page: int) -> Iterable[Code]:
        """Look at what is in no region: codes drawn with letters, patterns, annotations, forms in forms."""
        seen = page in self._seen_whole or self._reader.only_picture(page)
        return [] if seen else self._drawn(page, FAST_DPI)

    def _whole_page_again(self, page: int) -> Iterable[Code]:
        return [] if self._reader.first_picture(page) else self._drawn(page, FINE_DPI)

    def _drawn(self, page: int, dpi: int) -> Iterable[Code]:
        image = self._reader.render(page, dpi)
        return _placed(read_first(image), page, _scaled(*self._reader.page_size(page), image))

    def _in_region(self, page: int, region: Box, dpi: float) -> Iterable[Code]:
        image = self._reader.render(page, dpi, region)
        place = _scaled(region.x1 - region.x0, region.y1 - region.y0, image)
        place[0, 2], place[1, 2] = region.x0, region.y0
        return _placed(read_first(image), page, place, REGION)

    def _is_open(self, page: int) -> bool:
        """Tell whether a page has a place where a code may stand unread: a foreign one explains its own only."""
        if self._reader.first_picture(page):
            return True
        read = [code.box for code in self.found if code.page == page]
        return not all(any(_fills(box, place) for box in read) for place in self._reader.regions(page))

    def _laddered(self, page: int) -> Iterable[Code]:
        """Take the page up the ladder: the picture that it is as it is stored, any other rendered."""
        budget = Budget(PAGE_BUDGET - self._seconds[page])
        if self._reader.first_picture(page):
            picture = self._reader.page_picture(page)
            image, place = picture.image, picture.place
        else:
            image = self._reader.render(page, FINE_DPI)
            place = _scaled(*self._reader.page_size(page), image)
        to_pixels = np.asarray(np.linalg.inv(place), np.float64)
        known = [_moved(code.box, to_pixels) for code in self.found if code.page == page]
        return _placed(read_places(image, known, _is_edevlet, budget), page, place)


def _first_dpi(region: Box) -> float:
    side = min(region.x1 - region.x0, region.y1 - region.y0)
    return float(np.clip(72 * _REGION_SIDE / side, *_REGION_DPI))


def _scaled(width: float, height: float, image: Grey) -> Matrix:
    """Return the matrix from the pixels of an image to a rectangle of that size at the origin."""
    return np.diag((width / image.shape[1], height / image.shape[0], 1.0))


def _placed(reads: Iterable[Read], page: int, place: Matrix, rung: str = "") -> list[Code]:
    """Return what was read in an image as codes of a page; `place` takes the image's pixels to the page's points."""
    return [Code(read.text, page, _moved(read.box, place), rung or read.decoder) for read in reads]


def _moved(box: Box, place: Matrix) -> Box:
    corners = np.array([[(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)]])
    x, y = cv2.perspectiveTransform(corners, place)[0].T
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def _whole_ladder(image: Grey) -> tuple[Read, ...]:
    return read_codes(image, _is_edevlet)


def _is_edevlet(text: str) -> bool:
    """Tell whether nothing better need be looked for; a bare text counts only in the shape of a known barcode."""
    payload = parse_payload(text)
    return payload is not None and (payload.form != "barcode_only" or looks_like_barcode(payload.barcode))


def _has_edevlet(codes: Iterable[Code]) -> bool:
    return any(_is_edevlet(code.text) for code in codes)


def _fills(code: Box, place: Box) -> bool:
    """Tell whether a code leaves no room for another one beside it in a place."""
    beside = (code.x0 - place.x0, place.x1 - code.x1, code.y0 - place.y0, place.y1 - code.y1)
    return overlap(code, place) and max(beside) < _ROOM * max(code.x1 - code.x0, code.y1 - code.y0)


def _same_place(a: Box, b: Box) -> bool:
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    smaller = min((box.x1 - box.x0) * (box.y1 - box.y0) for box in (a, b))
    return width > 0 and height > 0 and width * height >= _SAME_PLACE * smaller


def _by_page(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Order codes by page, the last first, and leave out what was seen twice."""
    kept: list[Code] = []
    for code in sorted(codes, key=lambda c: -c.page):
        same = (known for known in kept if known.page == code.page and known.text == code.text)
        if not any(overlap(known.box, code.box) for known in same):
            kept.append(code)
    return tuple(kept)
