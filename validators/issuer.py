"""What the issuer of a paper answers about it, as plain data, and how a paper is compared with the issuer's original.

A QR code says which paper it claims to be, not that its print was left alone: anybody can put the code of a genuine
paper on another one. Only the issuer can tell (the e-Devlet gateway, for papers with a barcode number). Who asks, and
how, is no business of this package: the answers come in with the case, by the document's key.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from extractors.edevlet import same_barcode
from extractors.facts import CELLS, Document, Kind, Record, TextSource, Value, Workplace
from extractors.turkish import capitals
from validators.fields import owner_of, text_of

PAPERS = frozenset({Kind.SERVICE_STATEMENT, Kind.ENTRY_DECLARATION})
"""Papers that come from e-Devlet always; others are asked about where they carry its code."""
NO_EVIDENCE = frozenset({Kind.UNKNOWN, Kind.EXIT_DECLARATION, Kind.SOCIAL_SECURITY_RECORD})
"""Papers on which nothing rests: they are not asked about, whatever code they carry."""

_PERSON = frozenset({"national_id", "given_name", "family_name"})
TOLD: Mapping[Kind, frozenset[str]] = {
    Kind.SERVICE_STATEMENT: _PERSON | {"issued_on"},
    Kind.ENTRY_DECLARATION: _PERSON | {"start_date", "generated_at"},
}
"""Fields that an issuer may tell about a paper instead of giving the original."""

_Row = TypeVar("_Row", Record, Workplace)
_Cells: TypeAlias = tuple[object, ...]


class IssuerStatus(StrEnum):
    """What is known from the issuer. A document without an answer was not checked."""

    IDENTICAL = "identical"
    """Genuine, and the paper says what the issuer's says."""
    DIFFERENT = "different"
    """The issuer's paper says something else."""
    UNKNOWN = "unknown"
    """The issuer knows no such paper of this person."""
    UNCOMPARED = "uncompared"
    """The issuer's original is there, and could not be compared with certainty (a scan, an unreadable file)."""
    UNREACHABLE = "unreachable"
    """The issuer was asked and could not be reached, or gave no answer that could be understood."""


class Compared(StrEnum):
    """What an answer rests on."""

    BYTES = "bytes"
    """The file has the very bytes of the issuer's."""
    FIELDS = "fields"
    """The bytes differ, or were not given; what both papers say was compared."""
    WORD = "word"
    """Nothing was given to compare: the issuer's word alone."""


@dataclass(frozen=True, slots=True)
class IssuerAnswer:
    """The issuer's answer about one paper. `differences` names fields of the paper, never their values."""

    status: IssuerStatus
    compared: Compared = Compared.WORD
    differences: tuple[str, ...] = ()


UNREACHABLE = IssuerAnswer(IssuerStatus.UNREACHABLE)


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """What the issuer is asked about one paper. Its `repr` tells nothing: all of it is personal data.

    `barcode` as the paper's code spells it, the T.C. number of its owner, the SHA-256 of the file in hexadecimal.
    """

    barcode: str
    national_id: str
    sha256: str


def is_of_an_issuer(document: Document) -> bool:
    """Tell whether a document is a readable paper that can be asked about: a statement, a declaration, or coded."""
    if document.part_of is not None or document.faults or document.text is TextSource.NONE:
        return False
    return document.kind in PAPERS or (document.kind not in NO_EVIDENCE and bool(document.qrs))


def question_of(document: Document) -> Question | None:
    """Return what to ask the issuer about a document; None when it is no such paper or a number could not be read."""
    barcode, owner = _barcode(document), owner_of(document)
    if not is_of_an_issuer(document) or not barcode or not owner:
        return None
    return Question(barcode, owner, document.id.removeprefix("sha256:"))


def compare(paper: Document, original: Document) -> IssuerAnswer:
    """Compare what a paper says with what the issuer's original says, by field.

    A field that only one of them has, or that a reader was unsure of, is no proof of a change: such a difference makes
    the answer uncompared, as does every difference of a scan.
    """
    if original.faults or original.kind is Kind.UNKNOWN:
        return IssuerAnswer(IssuerStatus.UNCOMPARED)
    if paper.kind is not original.kind:
        return _answer(("kind",), certain=_is_sure(paper) and _is_sure(original))
    names = sorted({*paper.fields, *original.fields})
    differing = [name for name in names if _value(paper, name) != _value(original, name)]
    certain = any(_value(paper, name) and _value(original, name) for name in differing)
    others = tuple(_other_differences(paper, original))
    return _answer(
        (*differing, *others), certain=(certain or bool(others)) and _is_sure(paper) and _is_sure(original)
    )


def compare_fields(paper: Document, told: Mapping[str, str]) -> IssuerAnswer:
    """Compare a paper with the field values that the issuer told.

    Names that its kind does not print are skipped; letter case and runs of spaces do not count. A field that could not
    be read on the paper makes the answer uncompared; so does a list of which nothing can be compared.
    """
    names = sorted(told.keys() & TOLD.get(paper.kind, paper.fields.keys()))
    if not names:
        return IssuerAnswer(IssuerStatus.UNCOMPARED)
    read = {name: value for name in names if isinstance(value := _value(paper, name), str)}
    wrong = {name for name, value in read.items() if _plain(value) != _plain(told[name])}
    differing = tuple(name for name in names if name in wrong or name not in read)
    return _answer(differing, certain=bool(wrong) and _is_sure(paper))


def _answer(differences: tuple[str, ...], *, certain: bool) -> IssuerAnswer:
    if not differences:
        return IssuerAnswer(IssuerStatus.IDENTICAL, Compared.FIELDS)
    status = IssuerStatus.DIFFERENT if certain else IssuerStatus.UNCOMPARED
    return IssuerAnswer(status, Compared.FIELDS, differences)


def _other_differences(paper: Document, original: Document) -> Iterable[str]:
    mine, theirs = _barcode(paper), _barcode(original)
    if mine and theirs and not same_barcode(mine, theirs):
        yield "barcode"
    if not _may_be(paper.records, original.records, _rows):
        yield "records"
    if not _may_be(paper.workplaces, original.workplaces, _workplaces):
        yield "workplaces"


def _may_be(
    mine: Sequence[_Row], theirs: Sequence[_Row], counted: Callable[[Iterable[_Row]], Counter[_Cells]]
) -> bool:
    """Tell whether the rows of a paper are those of the original; those left out count by their number alone."""
    kept = counted(row for row in mine if not row.left_out)
    return len(mine) == len(theirs) and kept <= counted(theirs)


def _rows(records: Iterable[Record]) -> Counter[_Cells]:
    return Counter(tuple(getattr(record, cell) for cell in CELLS) for record in records)


def _workplaces(places: Iterable[Workplace]) -> Counter[_Cells]:
    return Counter((place.number, place.title) for place in places)


def _is_sure(document: Document) -> bool:
    rows = any(record.doubts for record in document.records)
    return document.text is TextSource.EMBEDDED and not document.scan and not document.doubts and not rows


def _value(document: Document, name: str) -> Value:
    field = document.fields.get(name)
    return field.value if field is not None else None


def _plain(text: str) -> str:
    return " ".join(capitals(text).split())


def _barcode(document: Document) -> str | None:
    """Return the barcode number of the paper's code, else the printed one."""
    if document.qr is not None:
        return document.qr.barcode
    return text_of(document.barcodes[0]) if document.barcodes else None
