"""The layout engine: words of a paper to its kind and fields, by one layout file a paper.

A layout says by which titles and labels a paper is known and under which labels its values stand. It holds no
coordinates: papers drawn by engines nobody here has seen must read as well.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from pydantic import BaseModel, ConfigDict

from extractors.facts import Field, Kind, Recognition, Record, Workplace
from extractors.groups import read_workplace_number
from extractors.headlines import Headline, headlines, stands, word_parts
from extractors.labels import Label, LabelledPage, Phrases
from extractors.listing import WorkplaceList
from extractors.official import read_official
from extractors.official_forms import OfficialForm, all_titles, missing_words, titled_form
from extractors.stamps import STAMPS, Stamp
from extractors.table import StatementTable, Table
from extractors.values import PARSERS, field_of
from extractors.words import PageText, Run, letters_and_digits, lines_of

_TITLE_SLACK = 30
"""Letters that may stand beside a title on its line; a sentence that mentions the paper has more."""
_DIGIT_GAP = 6.0
"""Widest space between digits in boxes, in line heights."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecogniseRule(_Strict):
    """A paper is of this kind if a title stands on a line and at least `minimum` anchors are on its pages."""

    titles: tuple[str, ...]
    anchors: tuple[str, ...]
    minimum: int

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The titles as letters and digits."""
        return tuple(map(letters_and_digits, self.titles))


class FieldRule(_Strict):
    """One field: the type of its value and the labels it may stand under, preferred ones first."""

    type: str
    labels: tuple[str, ...]
    required: bool = False


class OtherRule(_Strict):
    """Labels of the form whose values are not read, but must not be taken for others."""

    labels: tuple[str, ...]


class WorkplacesRule(_Strict):
    """Headings of the list of workplaces."""

    headings: tuple[str, ...]


class Layout(_Strict):
    """One layout file."""

    kind: Kind
    recognise: RecogniseRule
    fields: Mapping[str, FieldRule] = {}
    other: OtherRule = OtherRule(labels=())
    groups: Mapping[str, tuple[str, ...]] = {}
    columns: Mapping[str, tuple[str, ...]] = {}
    workplaces: WorkplacesRule | None = None
    stamps: Mapping[str, Stamp] = {}

    @cached_property
    def phrases(self) -> Phrases:
        """Every label of the form; other labels carry the name `""`."""
        named = [(name, label) for name, rule in self.fields.items() for label in rule.labels]
        others = [("", label) for label in self.other.labels]
        return Phrases([(name, letters_and_digits(label)) for name, label in (*named, *others)])


@dataclass(frozen=True)
class Reading:
    """What one text reader's words say: the kind, the fields, the rows, and what is doubtful."""

    kind: Kind
    recognition: Recognition
    fields: Mapping[str, Field]
    records: tuple[Record, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    doubts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@cache
def load_layouts() -> tuple[Layout, ...]:
    """Load every layout file of the package; raises pydantic's ValidationError for a faulty one."""
    folder = resources.files("extractors") / "layouts"
    files = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    raw = (tomllib.loads((folder / name).read_text("utf-8")) for name in files)
    return tuple(map(_with_forms, map(Layout.model_validate, raw)))


def _with_forms(layout: Layout) -> Layout:
    """Give the layout of official documents the titles of all their forms."""
    if layout.kind is not Kind.TRADE_REGISTRY_GAZETTE:
        return layout
    titles = tuple(dict.fromkeys((*layout.recognise.titles, *all_titles())))
    rule = RecogniseRule(titles=titles, anchors=layout.recognise.anchors, minimum=layout.recognise.minimum)
    return layout.model_copy(update={"recognise": rule})


def read_layout(pages: Sequence[PageText]) -> Reading:
    """Recognise a paper and read its fields from the words of its pages."""
    layout, recognition, doubts = recognise([page.lines for page in pages])
    if layout is None:
        return Reading(Kind.UNKNOWN, recognition, {}, doubts=doubts)
    form = _form([page.lines for page in pages]) if layout.kind is Kind.TRADE_REGISTRY_GAZETTE else None
    if form is not None:
        return Reading(layout.kind, recognition, read_official(form, pages))
    return _Extraction(layout, recognition).read(pages)


def recognise(pages: Sequence[Sequence[Run]]) -> tuple[Layout | None, Recognition, tuple[str, ...]]:
    """Tell the kind of a paper: the layout, how near it came, and doubts (pages titled as different papers)."""
    vocabulary, text = _said(pages)
    titled = [layout.kind for lines in pages if (layout := _titled(lines)) is not None]
    scores = {
        layout.kind: (layout.kind in titled, _missing(layout, vocabulary, text)) for layout in load_layouts()
    }
    kinds = dict.fromkeys(titled)
    if len(kinds) > 1:
        return None, Recognition(titled[0]), ("pages titled as different papers: " + ", ".join(kinds),)
    nearest = max(
        load_layouts(),
        key=lambda lay: (scores[lay.kind][0], len(lay.recognise.anchors) - len(scores[lay.kind][1])),
    )
    has_title, missing = scores[nearest.kind]
    present = len(nearest.recognise.anchors) - len(missing)
    if has_title and nearest.kind is Kind.TRADE_REGISTRY_GAZETTE:
        form = _form(pages)
        missing = missing_words(form, vocabulary, text) if form is not None else missing
        return (None if missing else nearest), Recognition(nearest.kind, missing), ()
    if has_title and present >= nearest.recognise.minimum:
        return nearest, Recognition(nearest.kind), ()
    if not present:
        return None, Recognition(), ()
    return (
        None,
        Recognition(nearest.kind, missing if has_title else (nearest.recognise.titles[0], *missing)),
        (),
    )


def _said(pages: Sequence[Sequence[Run]]) -> tuple[frozenset[str], str]:
    """The parts of all words of a paper, and its letters and digits in a row."""
    words = [word for lines in pages for line in lines for word in line.words]
    text = "".join(line.key for lines in pages for line in lines)
    return frozenset[str]().union(*(word_parts(word.text) for word in words)), text


def _missing(layout: Layout, vocabulary: frozenset[str], text: str) -> tuple[str, ...]:
    """The anchors that are not on the paper."""
    return tuple(anchor for anchor in layout.recognise.anchors if not stands(anchor, vocabulary, text))


def _form(pages: Sequence[Sequence[Run]]) -> OfficialForm | None:
    """The form of an official document: that of the first page with a title of one."""
    titled = (titled_form(headlines(lines, _title_cues()), lines) for lines in pages)
    return next((found[1] for found in titled if found is not None), None)


def _titled(lines: Sequence[Run]) -> Layout | None:
    """The layout whose title stands highest on a page: a paper may mention another one farther down."""
    texts = headlines(lines, _title_cues())
    places = [
        (place, layout)
        for layout in load_layouts()
        if (place := _title_place(texts, layout, lines)) is not None
    ]
    return min(places, key=lambda found: found[0])[1] if places else None


@cache
def _title_cues() -> re.Pattern[str]:
    """First and last words of titles: of a title in one line or two, every line has one of them."""
    titles = [title.split() for layout in load_layouts() for title in layout.recognise.titles]
    cues = {letters_and_digits(word) for words in titles for word in (words[0], words[-1])}
    return re.compile("|".join(sorted(cues)))


def _title_place(texts: Sequence[Headline], layout: Layout, lines: Sequence[Run]) -> float | None:
    """Where on a page one of the titles stands: a line of its own, or two lines close together."""
    if layout.kind is Kind.TRADE_REGISTRY_GAZETTE:
        form = titled_form(texts, lines)
        return form[0] if form is not None else None
    keys = layout.recognise.keys
    places = [y for y, text in texts for key in keys if key in text and len(text) - len(key) <= _TITLE_SLACK]
    return min(places, default=None)


def _outside(lines: Sequence[Run], top: float, bottom: float) -> tuple[Run, ...]:
    """The lines above and below a part of a page."""
    return lines_of(word for line in lines for word in line.words if not top <= word.middle <= bottom)


class _Extraction:
    def __init__(self, layout: Layout, recognition: Recognition) -> None:
        self.layout = layout
        self.recognition = recognition
        self.fields: dict[str, Field] = {}
        self.doubts: list[str] = []

    def read(self, pages: Sequence[PageText]) -> Reading:
        table, places, letters = self._tables(pages)
        for page, lines in zip(pages, letters, strict=True):
            labelled = LabelledPage(page.number, lines, self.layout.phrases)
            for name, rule in self.layout.fields.items():
                self._field(labelled, name, rule)
        self._names(table)
        for name, form in self.layout.stamps.items():
            self._stamp(name, form, pages, letters)
        doubts = (*self.doubts, *table.doubts)
        missing = tuple(self._missing(table, places))
        return Reading(
            self.layout.kind, self.recognition, self.fields, table.records, places, doubts, missing
        )

    def _missing(self, table: Table, places: Sequence[Workplace]) -> Iterator[str]:
        """What the layout expects and the words do not give."""
        yield from (n for n, rule in self.layout.fields.items() if rule.required and n not in self.fields)
        if self.layout.columns and not table.records:
            yield "records"
        if self.layout.workplaces is not None and any(r.workplace for r in table.records) and not places:
            yield "workplaces"

    def _tables(
        self, pages: Sequence[PageText]
    ) -> tuple[Table, tuple[Workplace, ...], list[tuple[Run, ...]]]:
        """Read the table and the list; return with them the lines outside the table, page by page."""
        if not self.layout.columns:
            return Table((), (), ()), (), [page.lines for page in pages]
        table = StatementTable(self.layout.columns)
        listing = WorkplaceList(self.layout.workplaces.headings if self.layout.workplaces else ())
        outside: list[tuple[Run, ...]] = []
        for page in pages:
            span = table.add(page)
            rest = page.lines if span is None else _outside(page.lines, *span)
            listing.add(page.number, rest)
            outside.append(rest)
        return table.result(), listing.result(), outside

    def _field(self, page: LabelledPage, name: str, rule: FieldRule) -> None:
        for label in page.labels:
            if label.name != name:
                continue
            found = (
                read_workplace_number(page, label, self.layout.groups)
                if rule.type == "workplace_number"
                else self._typed(page, label, rule.type)
            )
            if found is not None:
                self._keep(name, found)

    @staticmethod
    def _typed(page: LabelledPage, label: Label, kind: str) -> Field | None:
        gap = _DIGIT_GAP if kind == "national_id" else 1.0
        for place in page.places(label, gap=gap):
            parsed = PARSERS[kind](place)
            if parsed is not None:
                lines = len(place) if kind == "title" else 1
                return field_of(*parsed, page.number, place, lines)
        return None

    def _keep(self, name: str, found: Field) -> None:
        """Keep the first value; a second label with another value makes the field doubtful."""
        kept = self.fields.setdefault(name, found)
        if kept.value != found.value and name in ("national_id", "start_date", "workplace_number"):
            self.doubts.append(f"{name}: two values")

    def _stamp(
        self, name: str, form: Stamp, pages: Sequence[PageText], lines: Sequence[Sequence[Run]]
    ) -> None:
        found = STAMPS[form](pages, lines) if name not in self.fields else None
        if found is not None:
            self.fields[name] = found

    def _names(self, table: Table) -> None:
        """Split a full name (the last word is the family name) where no separate labels were found."""
        full = self.fields.pop("full_name", None)
        if ("given_name" in self.fields and "family_name" in self.fields) or (
            full is None and len(table.names) != 1
        ):
            return
        if full is None:
            record = table.records[0]
            full = Field(table.names[0], table.names[0], record.page, record.box)
        given, _, family = str(full.value).rpartition(" ")
        if given:
            self.fields["given_name"] = Field(given, full.raw, full.page, full.box)
            self.fields["family_name"] = Field(family, full.raw, full.page, full.box)
