"""The forms of official documents (Kılavuz m.6(3)(e): "ticaret sicil gazetesi vb resmi niteliğe haiz belgeler").

A form is known by a title in the upper part of a page, by words of its own, and by the office that issues it:
private contracts, letterheads and letters that merely mention such a paper are none.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from extractors.headlines import Headline, stands
from extractors.labels import Phrases
from extractors.words import Run, letters_and_digits

FormName = Literal[
    "gazette",
    "trade_registry_certificate",
    "craftsmen_registry",
    "signature_circular",
    "chamber_certificate",
    "tax_certificate",
]
FORM_NAMES: tuple[str, ...] = get_args(FormName)
_SLACK = 30
"""Letters that may stand beside a title on its line: day, issue and page of a gazette."""
_MENTION = re.compile(r"N(?:D[AE]|[IU]N|[AEI])|YL[AE]")
"""How the letters after a title go on where a sentence speaks of the paper: `Gazetesi'nde`, `Levhasının`."""
_UPPER_PART = 0.45
"""Share of a page's text, from the top, in which a title stands; lists of enclosures stand farther down."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormRule(_Strict):
    """A title, at least `minimum` of the anchors, and one of the issuers stand on the paper."""

    titles: tuple[str, ...]
    anchors: tuple[str, ...]
    minimum: int
    issuers: tuple[str, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The titles as letters and digits."""
        return tuple(map(letters_and_digits, self.titles))


class FormField(_Strict):
    """The labels under which a value of the company, or of its owner, stands."""

    labels: tuple[str, ...]


class FormLabels(_Strict):
    """Labels whose values are not read, but must not be taken for others."""

    labels: tuple[str, ...] = ()


class OfficialForm(_Strict):
    """One form; with `owner`, the person under its labels is the owner of the business."""

    form: FormName
    recognise: FormRule
    owner: bool = False
    fields: Mapping[str, FormField] = {}
    other: FormLabels = FormLabels()

    @property
    def in_columns(self) -> bool:
        """True where the paper prints announcements of several companies, in columns."""
        return self.form == "gazette"

    @cached_property
    def phrases(self) -> Phrases:
        """Every label of the form; other labels carry the name `""`."""
        named = [(name, label) for name, field in self.fields.items() for label in field.labels]
        others = [("", label) for label in self.other.labels]
        return Phrases([(name, letters_and_digits(label)) for name, label in (*named, *others)])


@cache
def load_forms() -> tuple[OfficialForm, ...]:
    """Load every form of the package; raises pydantic's ValidationError for a faulty one."""
    folder = resources.files("extractors") / "layouts" / "official"
    files = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    return tuple(
        OfficialForm.model_validate(tomllib.loads((folder / name).read_text("utf-8"))) for name in files
    )


def all_titles() -> tuple[str, ...]:
    """Return the titles of all forms, each once."""
    return tuple(dict.fromkeys(title for form in load_forms() for title in form.recognise.titles))


def titled_form(found: Sequence[Headline], lines: Sequence[Run]) -> tuple[float, OfficialForm] | None:
    """Return where on a page the title of a form stands, and the form; of two on one line the longer title counts."""
    if not lines:
        return None
    top, bottom = lines[0].middle, lines[-1].middle
    lowest = top + _UPPER_PART * (bottom - top)
    titles = [
        (y, -len(key), form)
        for y, text in found
        if y <= lowest
        for form in load_forms()
        for key in form.recognise.keys
        if _is_title(text, key)
    ]
    if not titles:
        return None
    place, _, form = min(titles, key=lambda title: title[:2])
    return place, form


def missing_words(form: OfficialForm, vocabulary: frozenset[str], text: str) -> tuple[str, ...]:
    """Return what a titled paper lacks to be of a form: nothing where it is one, else anchors or an issuer."""
    rule = form.recognise
    absent = tuple(anchor for anchor in rule.anchors if not stands(anchor, vocabulary, text))
    if not any(stands(issuer, vocabulary, text) for issuer in rule.issuers):
        return tuple(dict.fromkeys((rule.issuers[0], *absent)))
    return absent if len(rule.anchors) - len(absent) < rule.minimum else ()


def _is_title(text: str, key: str) -> bool:
    before, found, after = text.partition(key)
    return bool(found) and len(before) + len(after) <= _SLACK and not _MENTION.match(after)
