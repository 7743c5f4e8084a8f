"""WHAT a paper says, without how it is drawn.

Papers are frozen: change one with `dataclasses.replace`. Builders are in `tests.papers.variants`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from tests.papers.identities import Company, Person, split_workplace_number

STATEMENT_TITLE_WIDTH = 60
"""SGK cuts employer titles at so many characters in its statements."""
DECLARATION_TITLE_WIDTH = 55
"""... and at so many in its declarations."""
_ADDRESS = "https://www.turkiye.gov.tr/belge-dogrulama"
SENTENCES = (
    (
        f"Bu belgenin doğruluğu {_ADDRESS} adresinden veya e-Devlet Kapısı’na ait Barkodlu Belge Doğrulama"
        " uygulaması ile yandaki karekod okutularak kontrol edilebilir."
    ),
    (
        f"Bu belgenin doğruluğunu barkod numarası ile {_ADDRESS} adresinden, mobil cihazlarınıza"
        " yükleyeceğiniz e-Devlet Kapısına ait Barkodlu Belge Doğrulama uygulaması vasıtası ile yandaki"
        " karekod okutularak kontrol edilebilir."
    ),
    f"Bu belge {_ADDRESS} adresinden doğrulanabilir.",
)
"""Verification sentences; the exact one of SGK is not known, so none may be relied on."""


class Period(NamedTuple):
    """A calendar month of a statement (Dönem)."""

    year: int
    month: int

    def next(self) -> "Period":
        """Return the month after this one."""
        return Period(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> "Period":
        """Return the month before this one."""
        return Period(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @classmethod
    def of(cls, day: date) -> "Period":
        """Return the month of a day."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year}/{self.month}"


class Qr(StrEnum):
    """The shapes of an e-Devlet QR payload, and two that are none."""

    SPACED_SCHEME = "A1"
    SCHEME = "A2"
    CLOSED = "A3"
    PLAIN = "A4"
    WITH_ADDRESS = "A5"
    BARCODE_ONLY = "A6"
    ADDRESS = "A7"
    FOREIGN_ADDRESS = "foreign address"
    FOREIGN_INVOICE = "foreign invoice"


def payload(shape: Qr, barcode: str, national_id: str) -> str:
    """Return the text of a QR code of that shape."""
    pair = f"barkod:{barcode};tckn:{national_id}"
    return {
        Qr.SPACED_SCHEME: f"barkodlubelgedogrulama://barkod: {barcode};tckn:{national_id}",
        Qr.SCHEME: f"barkodlubelgedogrulama://{pair}",
        Qr.CLOSED: f"{pair};",
        Qr.PLAIN: pair,
        Qr.WITH_ADDRESS: f"{pair};{_ADDRESS}",
        Qr.BARCODE_ONLY: barcode,
        Qr.ADDRESS: f"{_ADDRESS}?barkod={barcode}",
        Qr.FOREIGN_ADDRESS: "https://www.ornek.example/kampanya/2026?kaynak=afis",
        Qr.FOREIGN_INVOICE: '{"senaryo":"TEMELFATURA","tip":"SATIS","no":"ORN2026000000001"}',
    }[shape]


class Where(StrEnum):
    """On which page the barcode and the QR code stand."""

    LAST = "last"
    FIRST = "first"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Footer:
    """The verification part of a paper: printed barcode (empty: none), QR payloads side by side, sentence."""

    barcode: str
    payloads: tuple[str, ...]
    sentence: str = SENTENCES[0]
    where: Where = Where.LAST

    def on(self, page: int, pages: int) -> bool:
        """Tell whether the QR code stands on that page (from 1)."""
        return self.where is Where.EVERY or page == (1 if self.where is Where.FIRST else pages)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a service statement.

    `workplace` and `unit` are texts as printed, empty for 4/b partners; `amount` is printed instead of the
    earnings where it is not empty.
    """

    period: Period
    days: int
    earnings: Decimal
    workplace: str = ""
    unit: str = ""
    branch: str = "4a"
    status: str = "APHB"
    document_type: str = "Asıl"
    document_code: str = "1"
    occupation: str = "7411.02"
    entry: date | None = None
    exit: date | None = None
    missing_reason: str = ""
    exit_reason: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A TOPLAM line: `label` is `TOPLAM 2026` or `TOPLAM`, `days` is Asıl + Ek - İptal."""

    label: str
    days: int


class Earnings(StrEnum):
    """How amounts are printed."""

    US = "33,030.00"
    TR = "33.030,00"


def money(amount: Decimal, form: Earnings) -> str:
    """Print an amount."""
    us = f"{amount:,.2f}"
    return us if form is Earnings.US else us.translate(str.maketrans(",.", ".,"))


def day(value: date | None, separator: str = ".") -> str:
    """Print a date as dd.mm.yyyy, nothing for None."""
    return f"{value:%d}{separator}{value:%m}{separator}{value:%Y}" if value else ""


@dataclass(frozen=True, slots=True)
class ServiceStatement:
    """SGK hizmet dökümü.

    `workplaces` is the İşyeri Ünvan Listesi: number as printed, title in full. `other_spelling` stands in
    parentheses after the name in the rows.
    """

    person: Person
    issued_at: datetime
    rows: tuple[Row, ...]
    workplaces: tuple[tuple[str, str], ...]
    footer: Footer
    earnings: Earnings = Earnings.US
    other_spelling: str = ""

    @property
    def printed_name(self) -> str:
        """The name as the rows print it."""
        name = self.person.full_name
        return f"{name} ({self.other_spelling})" if self.other_spelling else name

    @property
    def printed_workplaces(self) -> tuple[tuple[str, str], ...]:
        """The list with titles cut as SGK cuts them."""
        return tuple((number, title[:STATEMENT_TITLE_WIDTH].rstrip()) for number, title in self.workplaces)

    def lines(self) -> Iterator[Row | Total]:
        """Give the rows in order with the TOPLAM lines between them."""
        for index, row in enumerate(self.rows):
            yield row
            after = self.rows[index + 1] if index + 1 < len(self.rows) else None
            if after is None or after.period.year != row.period.year:
                yield Total(f"TOPLAM {row.period.year}", self.total(row.period.year))
        if self.rows:
            yield Total("TOPLAM", self.total())

    def total(self, year: int | None = None) -> int:
        """Days of a year, or of all years: Asıl + Ek - İptal."""
        return sum(
            -row.days if row.document_type == "İptal" else row.days
            for row in self.rows
            if year in (None, row.period.year)
        )

    def cells(self, row: Row) -> tuple[str, ...]:
        """Return the sixteen cells of a row, as printed."""
        return (
            row.branch,
            row.status,
            self.person.registration,
            self.printed_name,
            row.occupation,
            row.workplace,
            row.unit,
            str(row.period),
            row.document_type,
            row.document_code,
            day(row.entry),
            str(row.days),
            row.amount or money(row.earnings, self.earnings),
            day(row.exit),
            row.missing_reason,
            row.exit_reason,
        )


class DeclarationForm(StrEnum):
    """The two printed editions of the entry declaration."""

    CURRENT = "current"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What entry and exit declarations share.

    `day` is the start or the exit date (None: the field is blank); `generated_at` is the moment after the
    heading (a decoy); `keeps_zeros` says whether the groups of the workplace number keep leading zeros.
    """

    person: Person
    day: date | None
    generated_at: datetime
    employer_title: str
    employer_address: str
    workplace_number: str
    footer: Footer
    occupation: tuple[str, str] = ("7411.02", "Biyomedikal Cihaz Teknisyeni")
    separator: str = "."
    keeps_zeros: bool = False
    repeated: bool = False

    @property
    def printed_day(self) -> str:
        """The start or exit date as printed."""
        return day(self.day, self.separator)

    @property
    def printed_title(self) -> str:
        """The employer's title, cut as SGK cuts it."""
        return self.employer_title[:DECLARATION_TITLE_WIDTH].rstrip()

    @property
    def printed_groups(self) -> dict[str, str]:
        """The groups of the workplace number as printed."""
        groups = split_workplace_number(self.workplace_number)
        if self.keeps_zeros:
            return groups
        return {name: value if name == "sector" else str(int(value)) for name, value in groups.items()}


@dataclass(frozen=True, slots=True)
class EntryDeclaration(Declaration):
    """Sigortalı işe giriş bildirgesi."""

    form: DeclarationForm = DeclarationForm.CURRENT


@dataclass(frozen=True, slots=True)
class ExitDeclaration(Declaration):
    """Sigortalı işten ayrılış bildirgesi: issued by the same service, never evidence."""

    reason: str = "22"


@dataclass(frozen=True, slots=True)
class SocialSecurityRecord:
    """Sosyal Güvenlik Kayıt Belgesi: days by branch, no workplace."""

    person: Person
    issued_at: datetime
    registered_since: date
    days: int
    footer: Footer


@dataclass(frozen=True, slots=True)
class Notice:
    """One company's notice on a gazette page."""

    company: Company
    officials: tuple[Person, ...]
    registry_number: str
    notice_number: str


@dataclass(frozen=True, slots=True)
class GazettePage:
    """A page of the Türkiye Ticaret Sicili Gazetesi; it has no e-Devlet code."""

    day: date
    issue: int
    page: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A paper of no known kind: a heading and paragraphs, with a footer where it is barcoded."""

    heading: str
    paragraphs: tuple[str, ...]
    footer: Footer | None = None


Paper: TypeAlias = (
    ServiceStatement | EntryDeclaration | ExitDeclaration | SocialSecurityRecord | GazettePage | Letter
)


def list_of_workplaces(companies: Iterable[Company]) -> tuple[tuple[str, str], ...]:
    """Return the İşyeri Ünvan Listesi of some companies, each once, in order."""
    return tuple({company.workplace: company.title for company in companies}.items())
