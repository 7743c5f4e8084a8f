"""How a paper is drawn: everything that must not matter to a reader.

A style never changes what a paper says. Seed 0 is the plain form: no shift, the first of every choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Family(StrEnum):
    """The font family; all of them cover Turkish and come with Python packages."""

    SANS = "sans"
    """Roboto."""
    SERIF = "serif"
    """Source Serif Pro."""
    WIDE = "wide"
    """Bitstream Vera Sans, a wide face."""


class Encoding(StrEnum):
    """What a text extractor gets for the Turkish letters."""

    UNICODE = "unicode"
    """A right ToUnicode map."""
    LATIN1 = "latin1"
    """Windows-1254 bytes that read as Latin-1: the glyphs look right, the text says `Ý ý Þ þ Ð ð`."""


class Form(StrEnum):
    """The arrangement of a paper. Every engine can draw both."""

    RULED = "ruled"
    """Ruled tables, digits in boxes, values to the right of their labels."""
    OPEN = "open"
    """Few lines, other widths, values below their labels."""


@dataclass(frozen=True, slots=True)
class Style:
    """One way to draw. `form` None means the engine's own arrangement."""

    seed: int = 0
    family: Family = Family.SANS
    encoding: Encoding = Encoding.UNICODE
    qr_as_image: bool = False
    form: Form | None = None

    def pick(self, what: str, options: Sequence[T]) -> T:
        """Choose one of the options for that purpose; seed 0 takes the first."""
        return options[0] if self.seed == 0 else self._random(what).choice(options)

    def between(self, what: str, low: float, high: float, plain: float) -> float:
        """A number between `low` and `high`; seed 0 takes `plain`."""
        return plain if self.seed == 0 else self._random(what).uniform(low, high)

    def _random(self, what: str) -> Random:
        return Random(f"{self.seed}/{what}")


def any_style(seed: int) -> Style:
    """A style in which the seed decides everything, the family and the encoding too."""
    rng = Random(f"style/{seed}")
    return Style(
        seed=seed,
        family=rng.choice(tuple(Family)),
        encoding=rng.choice((Encoding.UNICODE, Encoding.UNICODE, Encoding.LATIN1)),
        qr_as_image=rng.random() < 0.5,
    )


def as_cp1254_read_as_latin1(text: str) -> str:
    """The letters that a naive reader shows for Windows-1254 text: `İŞ` becomes `ÝÞ`."""
    return text.encode("cp1254", "replace").decode("cp1252", "replace")
