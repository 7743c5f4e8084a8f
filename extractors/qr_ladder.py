"""The QR ladder: zxing-cpp, then ZBar, then OpenCV, each on better and better prepared images.

The order is that of `qr_steps.STEPS`, cheapest first, and the ladder ends with the first step that reads something
that is enough, or with its budget of time; every reading names the step that made it (`rungs` lists them). On a page
drawn by a program the first step reads every code in a few milliseconds; an image without any code pays for all steps,
never more than the budget and one look of one decoder.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractors.facts import Box
from extractors.qr_decoders import Corners, Decoder, Grey, load_all
from extractors.qr_places import code_places
from extractors.qr_steps import PLAIN_STEPS, SHRUNK_SIDES, SHRUNK_STEPS, STEPS, Step, View, resized, within

MAX_PIXELS = 25_000_000
"""Pixels of an image that decoders see; larger ones are shrunk: no code gains by more, and memory and time grow."""
PAGE_BUDGET = 2.0
"""CPU seconds for one page: the whole ladder on a 12-megapixel photograph takes half of it."""
_CONFIRM_MARGIN = 0.2
"""Part of a code's side that is looked at around it when a second decoder is asked."""
_SOLE = "zxing"
"""The decoder whose word is enough: it has invented nothing on any image measured, and it comes first."""


@dataclass(frozen=True, slots=True)
class Read:
    """A QR code read from an image: text, box in the pixels of that image, and the step that read it."""

    text: str
    box: Box
    decoder: str


class Budget:
    """CPU seconds that a page may still cost, counted from now."""

    def __init__(self, seconds: float = PAGE_BUDGET) -> None:
        self._end = time.process_time() + seconds

    def spent(self) -> bool:
        """Tell whether nothing may be begun any more."""
        return time.process_time() >= self._end


def _anything(_text: str) -> bool:
    return True


def rungs() -> tuple[str, ...]:
    """Return every name that `Read.decoder` can have, in the order of the ladder: stable, for counting."""
    names = (_label(decoder.name, step) for step in STEPS for decoder in load_all(step.decoders))
    return tuple(dict.fromkeys(names))


def read_codes(
    image: Grey,
    enough: Callable[[str], bool] = _anything,
    budget: Budget | None = None,
    steps: Sequence[Step] = STEPS,
) -> tuple[Read, ...]:
    """Return the distinct QR codes of a grey image (uint8, height x width); `steps` is the ladder or part of it.

    The ladder goes on until a step has read a text for which `enough` holds or the `budget` (`PAGE_BUDGET` where none
    is given) is spent; what the steps before it read is returned too. What another decoder than zxing-cpp read is
    looked at once more by zxing-cpp: if that reads another text, both are returned.
    """
    budget = budget or Budget()
    found: list[Read] = []
    for step in steps:
        reads = read_step(step, image, budget)
        found.extend(reads)
        if any(enough(read.text) for read in reads) or budget.spent():
            break
    return distinct((*found, *_second_looks(image, found)))


def read_places(
    image: Grey, known: Sequence[Box], enough: Callable[[str], bool], budget: Budget
) -> tuple[Read, ...]:
    """Return the distinct QR codes of an image: the whole of it looked at plainly, the ladder where a code may stand.

    `known` are boxes of codes that have been read: the ladder is spared where nothing else can be. The rest as in
    `read_codes`.
    """
    found = list(read_codes(image, enough, budget, PLAIN_STEPS))
    for place in code_places(image, (*known, *(read.box for read in found))):
        if budget.spent() or any(enough(read.text) for read in found):
            break
        found += _in_place(image, place, enough, budget)
    return distinct(found)


def _in_place(image: Grey, place: Box, enough: Callable[[str], bool], budget: Budget) -> Iterator[Read]:
    """Yield what the ladder reads in a place, and what ZBar reads of it as small as it is in the whole image shrunk."""
    x, y, x1, y1 = (int(edge) for edge in (place.x0, place.y0, place.x1, place.y1))
    crop = image[y:y1, x:x1]
    reads = read_codes(crop, enough, budget)
    yield from _shifted(reads, x, y)
    for side in SHRUNK_SIDES:
        if not reads and side < max(image.shape) and not budget.spent():
            small = resized(crop, side / max(image.shape)).image
            reads = read_codes(small, enough, budget, SHRUNK_STEPS)
            yield from _shifted(reads, x, y, crop.shape[1] / small.shape[1])


def read_first(image: Grey) -> tuple[Read, ...]:
    """Return what the first step alone reads: enough for pages drawn by a program and for most scans."""
    return read_step(STEPS[0], image)


def read_step(step: Step, image: Grey, budget: Budget | None = None) -> tuple[Read, ...]:
    """Return what one step of the ladder reads in an image."""
    if not image.size:
        return ()
    view = within(image, MAX_PIXELS)
    decoders = load_all(step.decoders)
    looks = _looks(step.prepare(view.image), decoders, budget or Budget()) if decoders else ()
    return distinct(
        Read(text, _box(view.place(corners), image), _label(name, step)) for name, text, corners in looks
    )


def _looks(
    views: Iterator[View], decoders: list[Decoder], budget: Budget
) -> Iterator[tuple[str, str, Corners]]:
    """Yield decoder, text and corners of what is read; of a target that has been read nothing more."""
    done: set[int | None] = set()
    for view in views:
        if view.target in done:
            continue
        for decoder in decoders:
            if budget.spent():
                return
            for sighting in decoder.read(view.image):
                yield decoder.name, sighting.text, view.place(sighting.corners)
                done |= {view.target} - {None}


def _second_looks(image: Grey, reads: Iterable[Read]) -> Iterator[Read]:
    """Yield what zxing-cpp reads where only another decoder has read something."""
    for read in reads:
        if not read.decoder.startswith(_SOLE):
            yield from _second_look(image, read.box)


def _second_look(image: Grey, box: Box) -> Iterator[Read]:
    margin = _CONFIRM_MARGIN * max(box.x1 - box.x0, box.y1 - box.y0)
    x0, y0 = (max(0, int(edge - margin)) for edge in (box.x0, box.y0))
    crop = image[y0 : int(box.y1 + margin) + 1, x0 : int(box.x1 + margin) + 1]
    for step in STEPS:
        if all(name.startswith(_SOLE) for name in step.decoders):
            reads = read_step(step, crop)
            yield from _shifted(reads, x0, y0)
            if reads:
                return


def _shifted(reads: Iterable[Read], x: int, y: int, scale: float = 1.0) -> Iterator[Read]:
    for r in reads:
        left, top, right, bottom = (scale * edge for edge in (r.box.x0, r.box.y0, r.box.x1, r.box.y1))
        yield Read(r.text, Box(left + x, top + y, right + x, bottom + y), r.decoder)


def _label(name: str, step: Step) -> str:
    return f"{name}+{step.suffix}" if step.suffix else name


def _box(corners: Corners, image: Grey) -> Box:
    """Return the upright box around some corners, as far as it lies on the image."""
    height, width = image.shape
    x, y = corners[:, 0].clip(0, width), corners[:, 1].clip(0, height)
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def distinct(reads: Iterable[Read]) -> tuple[Read, ...]:
    """Leave out what was read before: the same text in a box that overlaps."""
    kept: list[Read] = []
    for read in reads:
        if not any(read.text == known.text and overlap(read.box, known.box) for known in kept):
            kept.append(read)
    return tuple(kept)


def overlap(a: Box, b: Box) -> bool:
    """Tell whether two boxes share a point."""
    return a.x0 <= b.x1 and b.x0 <= a.x1 and a.y0 <= b.y1 and b.y0 <= a.y1
