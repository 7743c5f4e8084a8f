"""The QR ladder: zxing-cpp, then ZBar, then OpenCV, each on better and better prepared images.

The order is that of `qr_steps.STEPS`, cheapest first, and the ladder ends with the first step that reads
something; every reading names the step that made it. On a page drawn by a program the first step reads every
code in a few milliseconds; a photograph without any code pays for all steps, and a hostile image can keep a
decoder busy for seconds: read strangers' images inside the sandbox.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from extractors.edevlet import looks_like_barcode, parse_payload
from extractors.facts import Box, Code
from extractors.qr_decoders import Corners, Grey, available_decoders, load_all
from extractors.qr_steps import STEPS, Step, resized

__all__ = [
    "Read",
    "available_decoders",
    "find_codes",
    "find_codes_in_images",
    "read_codes",
    "read_page_codes",
    "read_step",
]

MAX_PIXELS = 25_000_000
"""Pixels of an image that decoders see; larger ones are shrunk. At 144 MP each decoder takes 7 s and more."""
FAST_DPI = 100
"""At which every page is looked at first: enough for every page drawn by a program and most scans."""
FINE_DPI = (200, 300)
"""At which pages are looked at again while no e-Devlet code is known."""
LADDER_DPI = 200
"""At which a page goes up the whole ladder: finer pages cost twice as much and read no more codes."""
DEEP_PAGES = 10
"""Pages from the end that are looked at more than once: the code stands by the footer, mostly of the last page."""


@dataclass(frozen=True, slots=True)
class Read:
    """A QR code read from an image: text, box in the pixels of that image, and the step that read it."""

    text: str
    box: Box
    decoder: str


class Pages(Protocol):
    """What `find_codes` needs of a PDF: `extractors.reader.PdfReader` has it. Pages count from 1."""

    pages: int

    def page_size(self, number: int) -> tuple[float, float]:
        """Return width and height in points, as shown."""

    def image_share(self, number: int) -> float:
        """Return the part of the page that images cover, 0 to 1."""

    def render(self, number: int, dpi: int) -> Grey:
        """Return the page as a grey image, as shown."""


def _anything(_text: str) -> bool:
    return True


def read_codes(image: Grey, enough: Callable[[str], bool] = _anything) -> tuple[Read, ...]:
    """Return the distinct QR codes of a grey image (uint8, height x width).

    The ladder goes on until a step has read a text for which `enough` holds; what the steps before it read is
    returned too.
    """
    found: list[Read] = []
    for step in STEPS:
        reads = read_step(step, image)
        found.extend(reads)
        if any(enough(read.text) for read in reads):
            break
    return _distinct(found)


def read_step(step: Step, image: Grey) -> tuple[Read, ...]:
    """Return what one step of the ladder reads in an image."""
    if not image.size:
        return ()
    view = resized(image, min(1.0, (MAX_PIXELS / image.size) ** 0.5))
    decoders = load_all(step.decoders)
    return _distinct(
        Read(
            sighting.text,
            _box(view.place(prepared.place(sighting.corners)), image),
            _label(decoder.name, step),
        )
        for prepared in (step.prepare(view.image) if decoders else ())
        for decoder in decoders
        for sighting in decoder.read(prepared.image)
    )


def _label(name: str, step: Step) -> str:
    return f"{name}+{step.suffix}" if step.suffix else name


def _box(corners: Corners, image: Grey) -> Box:
    """Return the upright box around some corners, as far as it lies on the image."""
    height, width = image.shape
    x, y = corners[:, 0].clip(0, width), corners[:, 1].clip(0, height)
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def _distinct(reads: Iterable[Read]) -> tuple[Read, ...]:
    """Leave out what was read before: the same text in a box that overlaps."""
    kept: list[Read] = []
    for read in reads:
        if not any(read.text == known.text and _overlap(read.box, known.box) for known in kept):
            kept.append(read)
    return tuple(kept)


def _overlap(a: Box, b: Box) -> bool:
    return a.x0 <= b.x1 and b.x0 <= a.x1 and a.y0 <= b.y1 and b.y0 <= a.y1


def _first_step(image: Grey) -> tuple[Read, ...]:
    return read_step(STEPS[0], image)


def _whole_ladder(image: Grey) -> tuple[Read, ...]:
    return read_codes(image, enough=_is_edevlet)


def _is_edevlet(text: str) -> bool:
    """Tell whether nothing better need be looked for; a bare text counts only in the shape of a known barcode."""
    payload = parse_payload(text)
    return payload is not None and (payload.form != "barcode_only" or looks_like_barcode(payload.barcode))


def read_page_codes(
    reader: Pages, number: int, dpi: int, read: Callable[[Grey], tuple[Read, ...]] = _first_step
) -> tuple[Code, ...]:
    """Return the codes of one PDF page at one resolution, with boxes in points."""
    image = reader.render(number, dpi)
    width, height = reader.page_size(number)
    x, y = width / image.shape[1], height / image.shape[0]
    return tuple(
        Code(
            code.text,
            number,
            Box(code.box.x0 * x, code.box.y0 * y, code.box.x1 * x, code.box.y1 * y),
            code.decoder,
        )
        for code in read(image)
    )


def find_codes(reader: Pages) -> tuple[Code, ...]:
    """Return the QR codes of a PDF, those of the last page first, with boxes in points.

    Every page is looked at once, quickly. Only while no page has an e-Devlet code are the last `DEEP_PAGES` looked
    at more closely, and those with images taken up the whole ladder: a code that a program drew as
    lines needs no ladder.
    """
    pages = range(reader.pages, 0, -1)
    found = [code for page in pages for code in read_page_codes(reader, page, FAST_DPI)]
    for dpi in FINE_DPI:
        if not _has_edevlet(found):
            found += [code for page in pages[:DEEP_PAGES] for code in read_page_codes(reader, page, dpi)]
    for page in pages[:DEEP_PAGES]:
        if not _has_edevlet(found) and reader.image_share(page):
            found += read_page_codes(reader, page, LADDER_DPI, _whole_ladder)
    return _by_page(found)


def find_codes_in_images(images: Sequence[Grey]) -> tuple[Code, ...]:
    """Return the QR codes of the pages of an image file, those of the last page first, with boxes in pixels."""
    found = [code for page in range(len(images), 0, -1) for code in _codes(images, page, _first_step)]
    for page in range(len(images), 0, -1):
        if not _has_edevlet(found):
            found += _codes(images, page, _whole_ladder)
    return _by_page(found)


def _codes(images: Sequence[Grey], page: int, read: Callable[[Grey], tuple[Read, ...]]) -> list[Code]:
    return [Code(code.text, page, code.box, code.decoder) for code in read(images[page - 1])]


def _has_edevlet(codes: Iterable[Code]) -> bool:
    return any(_is_edevlet(code.text) for code in codes)


def _by_page(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Order codes by page, the last first, and leave out what was seen twice."""
    kept: list[Code] = []
    for code in sorted(codes, key=lambda c: -c.page):
        same = (known for known in kept if known.page == code.page and known.text == code.text)
        if not any(_overlap(known.box, code.box) for known in same):
            kept.append(code)
    return tuple(kept)
