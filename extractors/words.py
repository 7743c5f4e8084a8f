"""Words with boxes: the one shape in which every text reader hands its text to the layout engine."""

from dataclasses import dataclass

from extractors.facts import Box


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a space or a column gap inside.

    Coordinates are points from the top left of the page as it is shown (rotation applied). `size` is the
    height of the line of type in points. `confidence` is 1.0 for embedded text, 0 to 1 for OCR.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float = 1.0

    @property
    def height(self) -> float:
        """Height of the box in points."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Vertical middle of the box."""
        return (self.y0 + self.y1) / 2

    @property
    def box(self) -> Box:
        """The word's box."""
        return Box(self.x0, self.y0, self.x1, self.y1)


@dataclass(frozen=True, slots=True)
class PageText:
    """The words of one page, `number` from 1; `width` and `height` in points as shown.

    `image_share` is the part of the page (0 to 1) that images cover: a page of images without words
    is a scan.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    image_share: float = 0.0
