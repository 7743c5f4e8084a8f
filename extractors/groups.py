"""The boxes of the SGK workplace number on a declaration: nine groups of digits under their heads.

Forms print it as one string, as nine groups, or one digit to a box, and lose leading zeros on the way
(`2 0000 1 1 1000000 27 9 9 0`): hence by group, not by position in a string.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors.facts import Field
from extractors.geometry import union
from extractors.labels import Label, LabelledPage
from extractors.words import Run, Word, letters_and_digits

GROUPS = (
    "nature",
    "sector",
    "new_unit",
    "old_unit",
    "sequence",
    "province",
    "district",
    "control",
    "subcontractor",
)
_WIDTHS = (1, 4, 2, 2, 7, 3, 2, 2, 3)
_ONE_UNIT = (1, 4, 2, 0, 7, 3, 2, 2, 3)
_BY_LENGTH = {26: _WIDTHS, 23: _WIDTHS[:8], 21: _WIDTHS[:7], 24: _ONE_UNIT}
"""Group widths by total length: 26 whole, 23 without aracı, 21 without control, 24 with one unit code only."""
_GROUP_GAP = 1.08
"""From this multiple of the pitch of the boxes on, the next digit begins a new group."""
_DIGITS = re.compile(r"^[0-9][0-9.\-/]*$")
_REACH = 9.0
"""How far below its label, in line heights, the digits may stand (the heads of the boxes lie between)."""


@dataclass(frozen=True)
class _Head:
    group: str
    x0: float
    x1: float


def read_workplace_number(
    page: LabelledPage, label: Label, heads: Mapping[str, Sequence[str]]
) -> Field | None:
    """Read the groups of digits beside or below a label; None where no reading accounts for every digit."""
    below = [
        line
        for line in page.lines
        if label.box.y0 - 0.3 * label.height <= line.middle <= label.box.y1 + _REACH * label.height
    ]
    found_heads = _find_heads(below, heads)
    for line in below:
        words = _digit_words(line, label)
        if words:
            groups = _groups(words, found_heads)
            if groups is None:
                return None
            raw = " ".join(word.text for word in words)
            return Field(groups, raw, page.number, union(word.box for word in words))
    return None


def _digit_words(line: Run, label: Label) -> tuple[Word, ...]:
    """The digits of a line that can be the number: at least seven, right of the label if beside it."""
    same_line = label.box.y0 <= line.middle <= label.box.y1
    candidates = [w for w in line.words if not same_line or w.x0 >= label.box.x1 - 1]
    run: list[Word] = []
    for word in candidates:
        if _DIGITS.match(word.text):
            run.append(word)
        elif run and letters_and_digits(word.text):
            break
    digits = "".join(re.sub(r"[^0-9]", "", word.text) for word in run)
    return tuple(run) if 7 <= len(digits) <= 26 and not re.search(r"[./][0-9]{4}$", run[0].text) else ()


def _groups(words: Sequence[Word], heads: Sequence[_Head]) -> dict[str, str] | None:
    parts = _boxed(words) or [part for word in words for part in re.split(r"[^0-9]+", word.text) if part]
    if len(parts) in (8, 9) and all(len(part) <= width for part, width in zip(parts, _WIDTHS, strict=False)):
        return dict(zip(GROUPS, parts, strict=False))
    widths = _BY_LENGTH.get(sum(len(part) for part in parts))
    if widths is not None and (
        len(parts) <= 2 or all(len(part) == 1 for part in parts) or _fits(parts, widths)
    ):
        return _cut("".join(parts), widths)
    return _by_heads(words, heads)


def _boxed(words: Sequence[Word]) -> list[str]:
    """Join digits that stand one to a box: inside a group they follow at one pitch, between groups farther apart."""
    if not all(re.fullmatch(r"[0-9]", word.text) for word in words):
        return []
    steps = [(b.x0 + b.x1 - a.x0 - a.x1) / 2 for a, b in pairwise(words)]
    groups = [words[0].text]
    for step, word in zip(steps, words[1:], strict=True):
        if step > _GROUP_GAP * min(steps):
            groups.append("")
        groups[-1] += word.text
    return groups if len(groups) in (8, 9) else []


def _fits(parts: Sequence[str], widths: Sequence[int]) -> bool:
    return [len(part) for part in parts] == [width for width in widths if width]


def _cut(digits: str, widths: Sequence[int]) -> dict[str, str]:
    result, at = {}, 0
    for group, width in zip(GROUPS, widths, strict=False):
        if width:
            result[group] = digits[at : at + width]
            at += width
    return result


def _by_heads(words: Sequence[Word], heads: Sequence[_Head]) -> dict[str, str] | None:
    """Place each word of digits under the head it stands below; give up where one stands under none."""
    if not {"sequence", "province"} <= {head.group for head in heads}:
        return None
    result: dict[str, str] = {}
    for word in words:
        middle = (word.x0 + word.x1) / 2
        head = min(heads, key=lambda h: max(h.x0 - middle, middle - h.x1, 0.0))
        if max(head.x0 - middle, middle - head.x1) > 2.5 * word.height:
            return None
        result[head.group] = result.get(head.group, "") + re.sub(r"[^0-9]", "", word.text)
    widths = dict(zip(GROUPS, _WIDTHS, strict=True))
    return result if all(len(text) <= widths[group] for group, text in result.items()) else None


def _find_heads(lines: Sequence[Run], heads: Mapping[str, Sequence[str]]) -> list[_Head]:
    """Find the heads of the boxes among the lines around the digits: runs of words that spell one of them."""
    keys = {letters_and_digits(text): group for group, texts in heads.items() for text in texts}
    found: dict[str, _Head] = {}
    for line in lines:
        words = [w for w in line.words if letters_and_digits(w.text)]
        for start in range(len(words)):
            for end in range(min(len(words), start + 3), start, -1):
                key = "".join(letters_and_digits(w.text) for w in words[start:end])
                group = keys.get(key)
                if group is not None:
                    box = union(w.box for w in words[start:end])
                    found.setdefault(group, _Head(group, box.x0, box.x1))
                    break
    return list(found.values())
