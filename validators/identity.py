"""Numbers that identify people, taxpayers and workplaces, and their masking.

All of them are text, since leading zeros count. Only ASCII digits are digits here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from stdnum.tr import tckimlik, vkn

from extractors.turkish import repair

_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")
_TEN_DIGITS = re.compile(r"[0-9]{10}")
_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")
_DIGITS = re.compile(r"[0-9]+")
_SEPARATORS = re.compile(r"[\s.\-]+")


def is_national_id(text: str) -> bool:
    """Tell whether `text` is a T.C. kimlik no, or a foreigner's number, whose check digits hold.

    True does not mean that it was ever issued, nor that it is the right person's.
    """
    return bool(_ELEVEN_DIGITS.fullmatch(text)) and bool(tckimlik.is_valid(text))


def is_foreign_id(text: str) -> bool:
    """Tell whether `text` is a valid number of a foreigner: 99 (yabancı) or 98 (geçici koruma) in front."""
    return text.startswith(("98", "99")) and is_national_id(text)


def is_tax_number(text: str) -> bool:
    """Tell whether `text` is a VKN whose check digit holds or, for a sole trader, a T.C. number."""
    if _TEN_DIGITS.fullmatch(text):
        return bool(vkn.is_valid(text))
    return is_national_id(text)


def tax_number_of_mersis(text: str) -> str | None:
    """Return the tax number inside a MERSİS number: 0 + VKN, or the T.C. number of a natural person.

    Spaces, dots and dashes are allowed. None where the text has not 16 digits or the number inside is not
    valid. The last five digits have no published meaning and are not looked at.
    """
    digits = _SEPARATORS.sub("", repair(text))
    if not _SIXTEEN_DIGITS.fullmatch(digits):
        return None
    inside = digits[1:11] if digits.startswith("0") else digits[:11]
    return inside if is_tax_number(inside) else None


class WorkplaceMatch(StrEnum):
    """Whether two SGK workplace numbers are of one workplace."""

    SAME = "same"
    CONFLICT = "conflict"
    """Sequence and province agree, the branch of industry (işkolu) does not: a human looks."""
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    """A part that decides is missing on one side."""


# The official order of the 26 digits (SSİY m.28); 21 and 23 lack the end, the exit declaration's 24
# digits have one unit code instead of two.
_WIDTHS: Mapping[str, int] = {
    "nature": 1,
    "sector": 4,
    "new_unit": 2,
    "old_unit": 2,
    "sequence": 7,
    "province": 3,
    "district": 2,
    "control": 2,
    "subcontractor": 3,
}
_FULL = tuple(_WIDTHS)
_LAYOUTS: Mapping[int, tuple[str, ...]] = {
    26: _FULL,
    24: tuple(name for name in _FULL if name != "old_unit"),
    23: _FULL[:8],
    21: _FULL[:7],
}


@dataclass(frozen=True, slots=True)
class WorkplaceNumber:
    """An SGK workplace number (işyeri sicil numarası) by its groups; None where a group was not printed.

    Groups have their full width, zeros in front. Two workplaces are told apart by `sequence` and
    `province`; `control` and `subcontractor` (aracı) take no part in that.
    """

    nature: str | None = None
    sector: str | None = None
    new_unit: str | None = None
    old_unit: str | None = None
    sequence: str | None = None
    province: str | None = None
    district: str | None = None
    control: str | None = None
    subcontractor: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read 21, 23, 24 or 26 digits, with spaces, dots or dashes between them; otherwise None.

        Where the separators show as many groups as a layout has, the groups count rather than the
        positions, since printed groups may have lost zeros in front.
        """
        groups = _SEPARATORS.split(repair(text).strip())
        if not all(_DIGITS.fullmatch(group) for group in groups):
            return None
        digits = "".join(groups)
        if len(digits) not in _LAYOUTS:
            return None
        layouts = _layouts_of(groups)
        if len(layouts) > 1:
            return None
        if layouts:
            return cls.from_groups(dict(zip(layouts[0], groups, strict=True)))
        return cls.from_groups(_cut(digits))

    @classmethod
    def from_groups(cls, groups: Mapping[str, str]) -> Self:
        """Read groups by name, as a form labels them; zeros in front may be lost.

        The names are those of the attributes; others are ignored. A group that is no number, or is too
        long for its box, is left out.
        """
        return cls(**{name: _padded(groups[name], _WIDTHS[name]) for name in _FULL if name in groups})

    @property
    def key(self) -> tuple[int, int] | None:
        """Sequence number and province, which make a workplace unique; None where one is missing or zero."""
        sequence, province = int(self.sequence or 0), int(self.province or 0)
        return (sequence, province) if sequence and province else None

    @property
    def by_subcontractor(self) -> bool | None:
        """True when the number is used by a subcontractor (aracı other than 000); None when not printed."""
        return None if self.subcontractor is None else int(self.subcontractor) != 0

    @property
    def control_holds(self) -> bool | None:
        """Whether the control digits fit; None where they, sequence or province are missing.

        The rule (province and sequence as one number, modulo 97, with 97 for 0) was derived from printed
        numbers and is published nowhere: False is a reason to warn of a misreading, never to refuse.
        """
        if self.control is None or self.key is None:
            return None
        return int(self.control) == (int(f"{self.province}{self.sequence}") % 97 or 97)

    def matches(self, other: "WorkplaceNumber") -> WorkplaceMatch:
        """Compare by sequence and province as numbers, and by branch of industry where both have one."""
        if self.key is None or other.key is None:
            return self._compare_parts(other)
        if self.key != other.key:
            return WorkplaceMatch.DIFFERENT
        if self.sector and other.sector and self.sector != other.sector:
            return WorkplaceMatch.CONFLICT
        return WorkplaceMatch.SAME

    def _compare_parts(self, other: "WorkplaceNumber") -> WorkplaceMatch:
        pairs = ((self.sequence, other.sequence), (self.province, other.province))
        differ = any(int(a or 0) and int(b or 0) and a != b for a, b in pairs)
        return WorkplaceMatch.DIFFERENT if differ else WorkplaceMatch.UNKNOWN


def _layouts_of(groups: Sequence[str]) -> list[tuple[str, ...]]:
    """Layouts that have as many groups, each wide enough; the one that fits exactly alone if there is one."""
    fitting = [
        layout
        for layout in _LAYOUTS.values()
        if len(layout) == len(groups)
        and all(len(group) <= _WIDTHS[name] for name, group in zip(layout, groups, strict=True))
    ]
    exact = [layout for layout in fitting if sum(_WIDTHS[name] for name in layout) == sum(map(len, groups))]
    return exact or fitting


def _cut(digits: str) -> dict[str, str]:
    parts, start = {}, 0
    for name in _LAYOUTS[len(digits)]:
        parts[name] = digits[start : start + _WIDTHS[name]]
        start += _WIDTHS[name]
    return parts


def _padded(text: str, width: int) -> str | None:
    digits = text.strip()
    return digits.zfill(width) if _DIGITS.fullmatch(digits) and len(digits) <= width else None


# A number in running text: groups of digits with gaps. The alternative in front is a hex digest or an
# `hd…` barcode, whose digits mean nothing.
_GAP = r"\s{1,3}|\s?[.\-\u00ad\u200b\u2010-\u2014]\s?"
_NUMBERS = re.compile(
    r"(?<![0-9A-Za-z])(?:hd[0-9a-f]{16,}|[0-9a-f]{32,}|[0-9A-F]{32,})(?![0-9A-Za-z])"
    rf"|(?P<run>[0-9]+(?:(?:{_GAP})[0-9]+(?![0-9A-Za-z*]))*)"
)
_GROUP = re.compile(rf"(?P<gap>{_GAP})?(?P<digits>[0-9]+)")
_LABEL = re.compile(
    r"(?:tckn|(?<![^\W_])t\.?\s?c\.?(?![^\W_])|k[iıİ]ml[iıİ]k|national_id)[^0-9\r\n]{0,25}$", re.IGNORECASE
)
_LABEL_REACH = 60  # characters before a number in which its label is looked for
_WIDEST_GROUP = 6  # of a T.C. number written in groups; the sequence group of a workplace number has 7
_MOST_BOXES = 15  # single digits in a row that may hold a T.C. number; a workplace number has 21 or more


class _Group(NamedTuple):
    gap: str
    digits: str
    start: int
    end: int


def mask_national_id(text: str) -> str:
    """Return a T.C. number with its first two digits and nine stars; of any other text, only stars.

    The last digits stay hidden because they are computed from the others and would narrow them down.
    """
    return f"{text[:2]}{'*' * 9}" if _ELEVEN_DIGITS.fullmatch(text) else "*" * 11


def redact(text: str) -> str:
    """Mask every T.C. number in a text: in file names, QR payloads, or with its digits spaced out.

    A number is masked when its check digits hold, or when a label (`tckn`, `T.C.`, `Kimlik No`) stands
    before it. Workplace and MERSİS numbers, dates, barcodes and digests stay as they are. Eleven digits in
    a row that hold the checksum by chance (one number in a hundred) are masked too.
    """
    return _NUMBERS.sub(_redact_run, text)


def _redact_run(match: re.Match[str]) -> str:
    run = match["run"]
    if run is None:
        return match[0]
    groups = [_Group(m["gap"] or "", m["digits"], m.start("digits"), m.end()) for m in _GROUP.finditer(run)]
    before = match.string[max(0, match.start() - _LABEL_REACH) : match.start()]
    out, done, first = "", 0, 0
    while first < len(groups):
        last = _eleven_digits(groups, first, before)
        if last is None:
            first += 1
            continue
        number = "".join(group.digits for group in groups[first : last + 1])
        out += run[done : groups[first].start] + mask_national_id(number)
        done, first = groups[last].end, last + 1
    return out + run[done:]


def _eleven_digits(groups: Sequence[_Group], first: int, before: str) -> int | None:
    """Index of the last group of a T.C. number that begins with group `first`, or None."""
    total, last = 0, first - 1
    while total < 11 and last + 1 < len(groups):
        last += 1
        total += len(groups[last].digits)
    if total != 11 or not _shaped(groups, first, last, before):
        return None
    labelled = first == 0 and _LABEL.search(before) is not None
    number = "".join(group.digits for group in groups[first : last + 1])
    return last if labelled or is_national_id(number) else None


def _shaped(groups: Sequence[_Group], first: int, last: int, before: str) -> bool:
    """Tell whether groups look like one number: in one piece, digit by digit, or in groups of two to six."""
    if first == last:
        return True
    if first == 0 and before[-1:].isalnum():
        return False
    if len({group.gap.strip() for group in groups[first + 1 : last + 1]}) > 1:
        return False
    widths = {len(group.digits) for group in groups[first : last + 1]}
    if widths == {1}:
        return not _in_long_row(groups, first)
    return min(widths) > 1 and max(widths) <= _WIDEST_GROUP


def _in_long_row(groups: Sequence[_Group], place: int) -> bool:
    """Tell whether more single digits stand in a row around `place` than a T.C. number would have."""
    start = end = place
    while start > 0 and len(groups[start - 1].digits) == 1 and end - start <= _MOST_BOXES:
        start -= 1
    while end < len(groups) and len(groups[end].digits) == 1 and end - start <= _MOST_BOXES:
        end += 1
    return end - start > _MOST_BOXES
