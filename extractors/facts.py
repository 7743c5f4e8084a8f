"""What extraction hands on: frozen, picklable facts that decide nothing.

Every fact carries where it was seen (page and box), so that a reviewer can be shown the place.
Boxes are PDF points from the page's top left for PDFs, pixels for images.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Scalar | dict[str, str]


class Kind(StrEnum):
    """The paper that a document was recognised as."""

    SERVICE_STATEMENT = "service_statement"
    """SGK hizmet dökümü (E1)."""
    ENTRY_DECLARATION = "entry_declaration"
    """Sigortalı işe giriş bildirgesi (E2)."""
    EXIT_DECLARATION = "exit_declaration"
    """Sigortalı işten ayrılış bildirgesi: the same service issues it; never evidence."""
    SOCIAL_SECURITY_RECORD = "social_security_record"
    """Sosyal Güvenlik Kayıt Belgesi: looks like a statement, shows no workplace."""
    TRADE_REGISTRY_GAZETTE = "trade_registry_gazette"
    """Türkiye Ticaret Sicili Gazetesi (E3)."""
    UNKNOWN = "unknown"


class Media(StrEnum):
    """What the bytes are, whatever the name says."""

    PDF = "pdf"
    IMAGE = "image"
    ZIP = "zip"
    OTHER = "other"


class TextSource(StrEnum):
    """Where the words of a document come from."""

    EMBEDDED = "embedded"
    OCR = "ocr"
    NONE = "none"


class FaultCode(StrEnum):
    """Why bytes could not be read. The names are those of the public contract, section 4."""

    ARCHIVE_NOT_ZIP = "ARCHIVE_NOT_ZIP"
    ARCHIVE_DAMAGED = "ARCHIVE_DAMAGED"
    ARCHIVE_ENCRYPTED = "ARCHIVE_ENCRYPTED"
    ARCHIVE_LIMIT = "ARCHIVE_LIMIT"
    ARCHIVE_UNSAFE = "ARCHIVE_UNSAFE"
    ARCHIVE_EMPTY = "ARCHIVE_EMPTY"
    MALWARE_FOUND = "MALWARE_FOUND"
    """A scanner found something in the bytes: nothing parsed them, and nothing is to open them."""
    DOCUMENT_UNREADABLE = "DOCUMENT_UNREADABLE"
    DOCUMENT_ENCRYPTED = "DOCUMENT_ENCRYPTED"
    DOCUMENT_UNSUPPORTED = "DOCUMENT_UNSUPPORTED"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, x to the right and y downwards from the top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def as_list(self) -> list[float]:
        """Return `[x0, y0, x1, y1]`, rounded to a tenth."""
        return [round(value, 1) for value in (self.x0, self.y0, self.x1, self.y1)]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be read, with what is known of the reason.

    `facts` fill the places of the message of that code (for example `{"found": "RAR"}`); they hold
    no personal data and no text of the upload beyond what the message needs.
    """

    code: FaultCode
    facts: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """A value read from a paper: normalised value, the text as printed, and its place.

    Dates are ISO 8601 strings, numbers are strings of digits. `method` says how the words were got
    (`text`, `ocr`, or `second_reader` where only the second text reader saw it). `value` is None
    when the readers disagree: then `raw` tells both.
    """

    value: Value
    raw: str
    page: int
    box: Box
    method: str = "text"


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code as found: its text, page (from 1), box, and the decoder rung that read it."""

    text: str
    page: int
    box: Box
    decoder: str


@dataclass(frozen=True, slots=True)
class QrReading:
    """A QR code whose payload is that of an e-Devlet paper.

    `national_id` is None when the code carries the barcode alone. `barcode` is spelled as in the code.
    """

    text: str
    barcode: str
    national_id: str | None
    page: int
    box: Box
    decoder: str


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a service statement, as far as the rules need it.

    `branch` (Sgrt. Kolu: `4a`, `4b`, `4c`, `GM20`; `*4a` for short-term branches), `status` (Sgrt. Statü),
    `workplace` (İşyeri No, digits as printed), `unit` (Ünite), `period` as `YYYY-MM`, `document_type`
    (`Asıl`, `Ek`, `İptal`, or the text as printed), dates ISO or None where the cell is empty, `days` 0-31.
    `doubts` says what in the row could not be placed; a row with doubts must not help anybody.
    A row that was `left_out` is another employer's, judged and then forgotten: its cells are empty.
    """

    branch: str
    status: str
    workplace: str
    unit: str
    period: str
    document_type: str
    entry_date: str | None
    days: int | None
    exit_date: str | None
    page: int
    box: Box
    doubts: tuple[str, ...] = ()
    left_out: bool = False

    def emptied(self) -> "Record":
        """Return the row with its place alone."""
        return Record("", "", "", "", "", "", None, None, None, self.page, self.box, left_out=True)


CELLS = tuple(each.name for each in fields(Record) if each.name not in {"page", "box", "doubts", "left_out"})
"""Names of what a row of a statement prints."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """One line of the İşyeri Ünvan Listesi: workplace number as printed, and title; `left_out` as of a `Record`."""

    number: str
    title: str
    page: int
    box: Box
    left_out: bool = False

    def emptied(self) -> "Workplace":
        """Return the line with its place alone."""
        return Workplace("", "", self.page, self.box, left_out=True)


class TraceKind(StrEnum):
    """A trace that editing leaves in a PDF. None of them proves a forgery; `HIDING` names those that blind a reader."""

    UPDATED = "updated"
    """Objects were revised or added by an incremental update after the file was first written."""
    SIGNED_UPDATE = "signed_update"
    """The same, by the update with which a signature was put in."""
    PRODUCER = "producer"
    """The file names a program that edits, assembles or prints PDFs."""
    MODIFIED_LATER = "modified_later"
    """ModDate lies after CreationDate."""
    CREATED_LATER = "created_later"
    """The file was created after the day that a statement prints as its own."""
    DATES_DIFFER = "dates_differ"
    """XMP and the document information tell different dates."""
    SIGNATURE_BROKEN = "signature_broken"
    """The signed bytes are not those that were signed."""
    SIGNATURE_PARTIAL = "signature_partial"
    """The file goes on after the signed bytes."""
    LAYER_OFF = "layer_off"
    """The file has optional content that is not shown."""
    ANNOTATION = "annotation"
    """An annotation or form field shows something over the page."""
    INVISIBLE_TEXT = "invisible_text"
    """Text that is not painted, or in the colour of its ground, tiny, or outside the visible page."""
    COVERED_TEXT = "covered_text"
    """Text over which an opaque shape or picture is drawn later."""
    NO_INK = "no_ink"
    """A value of the text layer stands where the page shows nothing."""
    SHOWS_OTHERWISE = "shows_otherwise"
    """The page shows other digits, or another word of a name or title, than the text layer has."""
    UNREAD_INK = "unread_ink"
    """The page shows writing in a row of a statement where the text layer has none."""


HIDING = frozenset(
    {
        TraceKind.ANNOTATION,
        TraceKind.INVISIBLE_TEXT,
        TraceKind.COVERED_TEXT,
        TraceKind.NO_INK,
        TraceKind.SHOWS_OTHERWISE,
        TraceKind.UNREAD_INK,
    }
)
"""Traces of text that a human does not see as it was read: on a value they leave it open."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace of editing: its kind, the page and box where it has a place, and facts without personal data.

    `facts` may hold `field` (the name of the value on which it lies, `records` for a row of a statement), `count`
    (how many pieces of text, objects or updates), `program` and `family`, and days as ISO 8601.
    """

    kind: TraceKind
    page: int | None = None
    box: Box | None = None
    facts: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """The last electronic signature of a PDF, as far as it can be judged offline.

    `signer` is the common name of the signer's certificate, `signed_at` the time that the signature claims (ISO 8601).
    `intact` tells whether the signed bytes are those that were signed, None where that cannot be told; `whole_file`
    whether nothing was added after them; `count` how many signatures the file holds. Whether the certificate can be
    trusted is not judged: that needs the issuer's list, so `trust` is always `not_judged`.
    """

    signer: str | None
    signed_at: str | None
    intact: bool | None
    whole_file: bool
    count: int = 1
    trust: str = "not_judged"


@dataclass(frozen=True, slots=True)
class Recognition:
    """How sure the kind is: for an unknown paper, the layout that came nearest and what it missed."""

    nearest: Kind = Kind.UNKNOWN
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One paper of an upload, as read: nearly always one file.

    `id` is `sha256:` and the hex digest of the file's bytes. `name` is the path inside the archive. A file that
    holds several papers gives one document each: `paper` is its number among the `papers` of the file, and
    `page_numbers` are the pages of the file that belong to it; `pages` counts those of the file. A paper over several
    files is read as a whole into the document of its first file, with pages counted on from file to file; the others
    name that one in `part_of` (its `key`), and their `page_numbers` are their places in that count.
    `qrs` holds every distinct e-Devlet payload (normally one), `codes` every QR code, foreign ones too.
    `barcodes` holds every printed text that is, or claims to be, the paper's barcode number; the first
    is the one that belongs to the QR code where one does. `scan` is true for images and for PDFs
    with a page that is a picture. `doubts` are reasons not to trust what was read, for instance two text readers
    that disagree; those among them that no text reader can remove are in `page_doubts` too: which pages are one
    paper, what was not read at all. `readers` names the text readers that were asked:
    `pdfium`, `pdfplumber`, `tesseract`. `rows_read` is a digest of the rows and workplaces as they were read, once some
    of them were left out. `traces` are traces of editing, of the file and of this paper's pages;
    `signature` is what is known of a PDF's electronic signature, None where it has none.
    """

    id: str
    name: str
    size: int
    media: Media
    kind: Kind = Kind.UNKNOWN
    pages: int = 0
    text: TextSource = TextSource.NONE
    scan: bool = False
    qrs: tuple[QrReading, ...] = ()
    codes: tuple[Code, ...] = ()
    barcodes: tuple[Field, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    recognition: Recognition = Recognition()
    faults: tuple[Fault, ...] = ()
    doubts: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    paper: int = 1
    papers: int = 1
    page_numbers: tuple[int, ...] = ()
    part_of: str | None = None
    page_doubts: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()
    signature: Signature | None = None
    rows_read: str | None = None

    @property
    def key(self) -> str:
        """What tells this paper from others: the file's id, with the paper's number where the file has several."""
        return paper_key(self.id, self.paper) if self.papers > 1 else self.id

    @property
    def qr(self) -> QrReading | None:
        """The e-Devlet code of the paper, or None."""
        return self.qrs[0] if self.qrs else None


def paper_key(document_id: str, paper: int) -> str:
    """Return the key of one paper of a file that holds several."""
    return f"{document_id}#{paper}"


def split_key(key: str) -> tuple[str, int | None]:
    """Return the document's id and the paper's number that `Document.key` made; None where the file has one paper."""
    document_id, _, paper = key.partition("#")
    return document_id, int(paper) if paper else None


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file: its hash and size, why the archive was refused, or its documents in order."""

    name: str
    sha256: str
    size: int
    fault: Fault | None = None
    documents: tuple[Document, ...] = ()
