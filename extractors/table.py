"""The rows of a service statement: each anchored by its period, its cells placed under the heads.

A cell belongs to the head that stands nearest among those that can hold such a text, and the order of the columns
must agree. Whatever cannot be placed (a date on a line of its own, a cell between two heads) becomes a doubt of
the row: a lost exit date must not make an ended employment look open.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from extractors.facts import Record
from extractors.heads import PERIOD, Heads, find_heads
from extractors.values import dates_in
from extractors.words import PageText, Run, Word, around, letters_and_digits, lines_of

_NUMBER = re.compile(r"^[0-9]{3,8}$")
_APART = 2.5
"""So many times farther than the nearest row must the next one be for a loose date to be the nearest's."""
_TOUCHES = 0.8
"""Distance of middles, in line heights, up to which a loose date touches a row; the next line is farther."""
_CUT = 6.0
"""Depth, in line heights, of what a cut row leaves at the top of the next page."""
_CUT_LINES = 3
"""Lines at the top of a page without heads or rows that may be left of a cut row."""
_WRAP = 1.5
"""Line pitch, in line heights, of a cell that wraps."""
_REGISTRY = re.compile(r"^[0-9]{9,}")
"""The person's registry number; tight columns glue the name to it."""
_SMALL = re.compile(r"^[0-9]{1,2}$")
_AMOUNT = re.compile(r"^(?:[0-9]{1,3}(?:[.,][0-9]{3})*|[0-9]+)[.,][0-9]{2}/?$")
_DATE_PART = re.compile(r"^[0-9]{1,2}[./-][0-9]{1,2}[./-]?[0-9]{0,3}$")
"""What is left of a date whose year stands on the next line, or nowhere."""
_PERIOD_PART = re.compile(r"^(?:(?:19|20)[0-9]{2}/0?|[0-9]{0,3}/(?:0?[1-9]|1[0-2]))$")
"""One half of a period that an engine drew as two words; of one that is cut before the stroke, the second half."""
_BRANCH = re.compile(r"^\(?\*?\)?(4[ABCabc]|GM20)$")
_TYPES = {"ASIL": "Asıl", "EK": "Ek", "IPTAL": "İptal"}
_CELL_GAP = 0.6
"""Space between two words, in line heights, up to which they stand in one cell."""
_LEFT = ("branch", "status", "registry", "name", "occupation", "workplace", "unit")
_ORDER = ("workplace", "unit", "period", "document_type", "entry_date", "days", "exit_date")


@dataclass
class _Row:
    line: Run
    period: Word
    cells: dict[str, list[Word]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def put(self, column: str, word: Word) -> None:
        self.cells.setdefault(column, []).append(word)

    def text(self, column: str) -> str:
        words = self.cells.get(column)
        if words is None:
            return ""
        if len(words) == 1:
            return words[0].text
        return " ".join([word.text for line in lines_of(words) for word in line.words])


@dataclass(frozen=True)
class Table:
    """What a statement's table says: its rows, the names in them, and doubts that concern the whole table."""

    records: tuple[Record, ...] = ()
    names: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class StatementTable:
    """Reads the rows page by page; the heads of an earlier page serve where a page has none."""

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        self._columns = columns
        self._heads: Heads | None = None
        self._records: list[Record] = []
        self._names: dict[str, None] = {}
        self._doubts: list[str] = []

    def add(self, page: PageText) -> tuple[float, float] | None:
        """Read one page; return the vertical span of its table, heads included, or None where it has none."""
        lines = _mended(page.lines)
        own = find_heads(lines, self._columns)
        self._heads = own or self._heads
        periods = [line for line in lines if any(PERIOD.match(word.text) for word in line.words)]
        anchors = [
            line
            for line in periods
            if _period_of(line) is not None and (own is None or line.middle > own.line)
        ]
        if len(anchors) < len(periods):
            self._doubts.append(f"page {page.number}: periods that anchor no row")
        if self._heads is not None:
            self._doubt_cut_row(lines, anchors, own, self._heads)
        if not anchors:
            return (own.top, own.bottom) if own is not None else None
        if self._heads is None:
            self._doubts.append(f"page {page.number}: rows without column heads")
            return anchors[0].box.y0, anchors[-1].box.y1
        top = own.top if own is not None else anchors[0].box.y0
        return top, self._read(page, lines, anchors, self._heads, own)

    def result(self) -> Table:
        """The rows of all pages, in order."""
        return Table(tuple(self._records), tuple(self._names), tuple(self._doubts))

    def _doubt_cut_row(
        self, lines: Sequence[Run], anchors: Sequence[Run], own: Heads | None, heads: Heads
    ) -> None:
        """Doubt the last row so far when a page begins with a cell that decides: the page's end cut the row."""
        if not self._records:
            return
        start = own.line if own is not None else 0.0
        first = min((anchor.middle for anchor in anchors), default=float("inf"))
        above = [line for line in lines if start < line.middle < first]
        if own is not None:
            above = [line for line in above if line.middle - own.bottom <= _CUT * line.height]
        elif anchors:
            above = [line for line in above if first - line.middle <= _CUT * line.height]
        else:
            above = above[:_CUT_LINES]
        if _stray_cells(above, heads):
            self._doubt_last("a cell after the end of its page")

    def _doubt_last(self, doubt: str) -> None:
        last = self._records[-1]
        self._records[-1] = replace(last, doubts=(*last.doubts, doubt))

    def _read(
        self, page: PageText, lines: Sequence[Run], anchors: Sequence[Run], heads: Heads, own: Heads | None
    ) -> float:
        body = [
            line for line in lines if own is None or line.middle > own.bottom or _wraps(line, anchors, own)
        ]
        body += [line for line in anchors if line not in body]
        last = max(
            (line for line in body if line in anchors or _is_total(line)), key=lambda line: line.middle
        )
        end = last.box.y1 + 1.6 * last.height
        rows = [_row(line, heads) for line in anchors]
        for line in body:
            if line.middle <= end and line not in anchors and not _is_total(line):
                _place_loose(line, rows, heads)
        for row in rows:
            _check(row)
            self._records.append(_record(page.number, row))
            if (name := row.text("name")) and not row.doubts:
                self._names.setdefault(name)
        below = [line for line in body if end < line.middle <= end + _CUT * line.height]
        if last in anchors and _stray_cells(below, heads):
            # No total closes the table: it may be the last line of a tall row.
            self._doubt_last("a cell below the table")
        return end


def _stray_cells(lines: Sequence[Run], heads: Heads) -> bool:
    """True where a date or document type stands alone about where rows have theirs."""
    cells = [cell.words[0] for line in lines if not _timed(line) for cell in line.segments()]
    return any(_decides(word) and heads.holds(word) for word in cells)


def _wraps(line: Run, anchors: Sequence[Run], own: Heads) -> bool:
    """True for a line between heads and first row that is a cell of that row: heads also stand farther right."""
    first = min(anchors, key=lambda anchor: anchor.middle)
    near = own.line < line.middle < first.middle and first.middle - line.middle <= _WRAP * first.height
    return near and line.box.x1 < own.middles["period"]


def _row(line: Run, heads: Heads) -> _Row:
    period = _period_of(line)
    if period is None:
        raise ValueError("a row needs a period")
    row = _Row(line, period)
    row.put("period", period)
    _place_left([w for w in line.words if w.x0 < period.x0], row, heads)
    _place_right([w for w in line.words if w.x0 > period.x0], row, heads)
    return row


def _place_left(words: Sequence[Word], row: _Row, heads: Heads) -> None:
    """Place the cells left of the period: unit and workplace are the last two numbers before it."""
    numbers = [w for w in words if _NUMBER.match(w.text) and heads.nearest(w, _LEFT) in _LEFT[4:]]
    columns = (
        ("workplace", "unit")
        if len(numbers) > 1
        else (heads.nearest(w, ("workplace", "unit")) for w in numbers)
    )
    placed = dict(zip((id(w) for w in numbers[-2:]), columns, strict=False))
    branch = next((w for w in words if _BRANCH.match(w.text)), None)
    rest: list[Word] = []
    for word in words:
        if word is branch:
            row.put("branch", word)
        elif id(word) in placed:
            row.put(placed[id(word)], word)
        elif branch is not None and word.x0 < branch.x0:
            row.put("star", word)
        else:
            rest.append(word)
    _place_text(rest, row, heads)


def _place_text(words: Sequence[Word], row: _Row, heads: Heads) -> None:
    """Place status, name and what no rule needs: words that stand together go under one head."""
    text = tuple(word for word in words if not _REGISTRY.match(word.text))
    for run in Run(text).segments(_CELL_GAP) if text else ():
        column = heads.above(run, _LEFT[1:5])
        for word in run.words:
            row.put(column, word)


def _place_right(words: Sequence[Word], row: _Row, heads: Heads) -> None:
    """Place the cells right of the period by what they can be; the amount parts days from reasons."""
    amount = next((w for w in words if _AMOUNT.match(w.text) and not dates_in(w.text)), None)
    for word in words:
        if word is amount:
            row.put("earnings", word)
        elif dates_in(word.text):
            row.put(heads.nearest(word, ("entry_date", "exit_date")), word)
        elif letters_and_digits(word.text) in _TYPES:
            row.put("document_type", word)
        elif _SMALL.match(word.text):
            _place_small(word, amount, row, heads)
        elif _DATE_PART.match(word.text):
            row.doubts.append("a part of a date")


def _place_small(word: Word, amount: Word | None, row: _Row, heads: Heads) -> None:
    if amount is None:
        row.put(
            heads.nearest(word, ("document_code", "days", "earnings", "missing_reason", "exit_reason")), word
        )
    elif word.x0 < amount.x0:
        # A right-aligned number may stand nearer to the head of the amount than to its own.
        code = heads.nearest(word, ("document_code", "days", "earnings")) == "document_code"
        row.put("document_code" if code else "days", word)


def _place_loose(line: Run, rows: Sequence[_Row], heads: Heads) -> None:
    """Give the words of a line without a period to the row they wrap from; doubt what would decide something."""
    distances = [abs(row.line.middle - line.middle) for row in rows]
    row = rows[distances.index(min(distances))]
    timed = _timed(line)
    for word in line.words:
        if dates_in(word.text) and not timed and _belongs(line, rows):
            row.put(heads.nearest(word, ("entry_date", "exit_date")), word)
        elif _decides(word) and not timed:
            for near in _neighbours(rows, line):
                near.doubts.append("a date or document type on a line of its own")
    _place_text([word for word in line.words if word.x1 <= row.period.x0], row, heads)


def _timed(line: Run) -> bool:
    return any(clock for _, clock, _ in dates_in(line.text))


def _decides(word: Word) -> bool:
    partly = _DATE_PART.match(word.text) and not _AMOUNT.match(word.text)
    return bool(dates_in(word.text) or partly) or letters_and_digits(word.text) in ("IPTAL", "ASIL")


def _belongs(line: Run, rows: Sequence[_Row]) -> bool:
    """True for a line that touches one row and is far from every other one."""
    distances = sorted(abs(row.line.middle - line.middle) for row in rows)
    near = distances[0] <= _TOUCHES * line.height
    return near and (len(distances) == 1 or distances[1] >= _APART * distances[0])


def _neighbours(rows: Sequence[_Row], line: Run) -> Iterator[_Row]:
    yield from [row for row in rows if row.line.middle <= line.middle][-1:]
    yield from [row for row in rows if row.line.middle > line.middle][:1]


def _check(row: _Row) -> None:
    """Doubt a row whose decisive cells are missing, doubled, or out of the order of the columns."""
    for column in ("branch", "document_type", "days"):
        if not row.cells.get(column):
            row.doubts.append(f"{column}: unread")
    row.doubts += [f"{column}: two values" for column in _ORDER if len(row.cells.get(column, ())) > 1]
    placed = [(column, row.cells[column][0]) for column in _ORDER if row.cells.get(column)]
    row.doubts += [
        f"{a} stands right of {b}" for (a, left), (b, right) in pairwise(placed) if left.x0 >= right.x0
    ]


def _record(page: int, row: _Row) -> Record:
    year, month = row.period.text.split("/")
    printed, document_type, days = (row.text(column) for column in ("branch", "document_type", "days"))
    branch = re.sub(r"[()*]", "", printed)
    starred = "*" in printed + row.text("star")
    return Record(
        branch=("*" if starred else "") + (branch.lower() if branch.startswith("4") else branch),
        status=row.text("status"),
        workplace=row.text("workplace"),
        unit=row.text("unit"),
        period=f"{year}-{int(month):02d}",
        document_type=_TYPES.get(letters_and_digits(document_type), document_type),
        entry_date=_date(row.text("entry_date")),
        days=int(days) if _SMALL.match(days) else None,
        exit_date=_date(row.text("exit_date")),
        page=page,
        box=row.line.box,
        doubts=tuple(dict.fromkeys(row.doubts)),
    )


def _date(text: str) -> str | None:
    found = dates_in(text)
    return found[0][0] if found else None


def _period_of(line: Run) -> Word | None:
    found = [word for word in line.words if PERIOD.match(word.text)]
    return found[0] if len(found) == 1 else None


def _is_total(line: Run) -> bool:
    return "TOPLAM" in line.key and any(word.key.startswith("TOPLAM") for word in line.words)


def _mended(lines: Sequence[Run]) -> Sequence[Run]:
    """The lines of a page with periods and dates joined that an engine or a narrow column broke."""
    texts = [word.text for line in lines for word in line.words]
    if any(map(_PERIOD_PART.match, texts)):
        lines = lines_of(_joined_periods(lines))
    if any(map(_DATE_PART.match, texts)):
        lines = lines_of(_joined_dates([word for line in lines for word in line.words]))
    return lines


def _joined_periods(lines: Sequence[Run]) -> list[Word]:
    """Join a period that an engine drew as two words (`2026/` and `9`)."""
    result: list[Word] = []
    for run in lines:
        for index, word in enumerate(run.words):
            before = result[-1] if index else None
            if (
                before is not None
                and word.x0 - before.x1 < 0.6 * word.height
                and _splits_period(before, word)
            ):
                box = around((before, word))
                text = before.text + word.text
                result[-1] = Word(
                    text, box.x0, box.y0, box.x1, box.y1, min(before.confidence, word.confidence)
                )
            else:
                result.append(word)
    return result


def _splits_period(left: Word, right: Word) -> bool:
    return not PERIOD.match(left.text) and bool(PERIOD.match(left.text + right.text))


def _joined_dates(words: Sequence[Word]) -> list[Word]:
    """Join a date that a narrow column broke (`28.10.20` over `25`)."""
    result = list(words)
    digits = [word for word in words if word.text.isdigit()]
    for upper in words:
        if not _DATE_PART.match(upper.text):
            continue
        below = (w for w in digits if _under(upper, w) and dates_in(upper.text + w.text))
        lower = next((w for w in below if any(w is kept for kept in result)), None)
        if lower is not None and len(dates_in(upper.text + lower.text)[0][2]) == len(upper.text + lower.text):
            box = around((upper, lower))
            result = [w for w in result if w is not upper and w is not lower]
            result.append(Word(upper.text + lower.text, box.x0, box.y0, box.x1, box.y1, upper.confidence))
    return result


def _under(upper: Word, lower: Word) -> bool:
    near = 0.5 * upper.height < lower.middle - upper.middle < 1.6 * upper.height
    return near and upper.x0 - upper.height < lower.x0 and lower.x1 < upper.x1 + upper.height
