"""Good papers on invented people, to be changed in one place by a test."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from extractors.facts import (
    Box,
    Code,
    Document,
    Fault,
    FaultCode,
    Field,
    Kind,
    Media,
    QrReading,
    Record,
    TextSource,
    Upload,
    Value,
    Workplace,
)
from validators.application import Application
from validators.case import Case, RegistryFacts
from validators.policy import Policy, load_policy

AYSE = {"national_id": "10000000078", "given_name": "AYŞE", "family_name": "ÖRNEK"}
CAN = {"national_id": "10000000146", "given_name": "CAN", "family_name": "DENEMECİ"}
STRANGER = "22222222220"
FOREIGNER = {"national_id": "99000000042", "given_name": "ANNA", "family_name": "SINAMA"}

TITLE = "ÖRNEK BİYOMEDİKAL TEKNİK SERVİS SANAYİ VE TİCARET LİMİTED ŞİRKETİ"
OTHER_TITLE = "KURGU GIDA PAZARLAMA ANONİM ŞİRKETİ"
WORKPLACE = "23313010110433770010924000"
SEQUENCE = "1043377"
SECOND_WORKPLACE = "23313010110551200340177000"
SECOND_SEQUENCE = "1055120"
OTHER_SEQUENCE = "1099999"
GROUPS = {
    "nature": "2",
    "sector": "3313",
    "new_unit": "1",
    "old_unit": "1",
    "sequence": "1043377",
    "province": "1",
    "district": "9",
    "control": "24",
    "subcontractor": "0",
}
SUBMITTED = "2026-11-20T14:05:00+03:00"
START = date(2026, 11, 9)
BOX = Box(10, 20, 30, 40)
POLICY = load_policy()


def seen(value: Value, raw: str | None = None) -> Field:
    """A field as read from page 1."""
    return Field(value, raw if raw is not None else str(value), 1, BOX)


def row(period: str, **changes: Any) -> Record:
    """A full month's row at the provider's workplace, without entry or exit."""
    good = Record("4a", "506/ APHB", SEQUENCE, "0101", period, "Asıl", None, 30, None, 1, BOX)
    return replace(good, **changes)


def elsewhere(period: str, **changes: Any) -> Record:
    """A row at another employer."""
    return row(period, workplace=OTHER_SEQUENCE, **changes)


OPEN_ROWS = (row("2026-07", entry_date="2026-07-06", days=25), row("2026-08"), row("2026-09"))
ENDED_ROWS = (*OPEN_ROWS[:2], row("2026-09", days=10, exit_date="2026-09-10"))
OTHER_ROWS = (
    elsewhere("2026-07", entry_date="2026-07-06", days=25),
    elsewhere("2026-08"),
    elsewhere("2026-09"),
)
LISTED = (Workplace(SEQUENCE, TITLE, 2, BOX), Workplace(OTHER_SEQUENCE, OTHER_TITLE, 2, BOX))


def listing(*places: tuple[str, str]) -> tuple[Workplace, ...]:
    """An İşyeri Ünvan Listesi."""
    return tuple(Workplace(number, title, 2, BOX) for number, title in places)


def qr(barcode: str, national_id: str | None) -> QrReading:
    """An e-Devlet code on page 2."""
    text = f"barkod:{barcode};tckn:{national_id};" if national_id else barcode
    return QrReading(text, barcode, national_id, 2, BOX, "zxing")


def with_codes(document: Document, *codes: QrReading) -> Document:
    """The document with these e-Devlet codes and no others."""
    found = tuple(Code(code.text, code.page, code.box, code.decoder) for code in codes)
    return replace(document, qrs=codes, codes=found)


def foreign(document: Document) -> Document:
    """The document with a QR code that is not of e-Devlet."""
    return replace(document, qrs=(), codes=(Code("https://ornek.example/kampanya", 1, BOX, "zbar"),))


def with_field(document: Document, name: str, value: Value, raw: str | None = None) -> Document:
    """The document with one field changed; a value of None is one the readers dispute."""
    return replace(document, fields={**document.fields, name: seen(value, raw)})


def without_field(document: Document, *names: str) -> Document:
    """The document without some fields."""
    kept = {name: field for name, field in document.fields.items() if name not in names}
    return replace(document, fields=kept)


def _paper(kind: Kind, person: dict[str, str], barcode: str, fields: dict[str, Field]) -> Document:
    named = {name: seen(value) for name, value in person.items()}
    digest = hashlib.sha256(f"{kind}{barcode}{person}".encode()).hexdigest()
    blank = Document(
        id=f"sha256:{digest}",
        name=f"{barcode}.pdf",
        size=1000,
        media=Media.PDF,
        kind=kind,
        pages=2,
        text=TextSource.EMBEDDED,
        barcodes=(seen(barcode),),
        fields={**named, **fields},
        readers=("pdfium",),
    )
    return with_codes(blank, qr(barcode, person["national_id"]))


def statement(
    person: dict[str, str] = AYSE,
    barcode: str = "hd0123456789abcdef01",
    rows: Sequence[Record] = OPEN_ROWS,
    listed: Sequence[Workplace] = LISTED,
    issued_on: str | None = "2026-11-10T09:00:00",
) -> Document:
    """A service statement that shows an open employment at the provider."""
    fields = {"issued_on": seen(issued_on)} if issued_on else {}
    paper = _paper(Kind.SERVICE_STATEMENT, person, barcode, fields)
    return replace(paper, records=tuple(rows), workplaces=tuple(listed))


def declaration(
    person: dict[str, str] = AYSE, barcode: str = "hd0123456789abcdef02", start: date | None = START
) -> Document:
    """An entry declaration of the provider for somebody who began eleven days before the application."""
    fields = {
        "workplace_number": seen(GROUPS),
        "employer_title": seen(TITLE[:55]),
        "generated_at": seen("2026-11-08T10:00:00"),
    }
    if start is not None:
        fields["start_date"] = seen(start.isoformat(), f"{start:%d.%m.%Y}")
    return _paper(Kind.ENTRY_DECLARATION, person, barcode, fields)


def lacking(person: dict[str, str] = AYSE, **changes: Any) -> Document:
    """A statement that shows another employer only."""
    return statement(person, **{"rows": OTHER_ROWS, "barcode": "hd0123456789abcdef03", **changes})


def gazette() -> Document:
    """A page of the trade registry gazette: no T.C. number, no code."""
    paper = _paper(Kind.TRADE_REGISTRY_GAZETTE, AYSE, "gazette", {})
    return replace(paper, fields={}, qrs=(), codes=(), barcodes=())


def of_kind(kind: Kind, document: Document) -> Document:
    """The document recognised as another kind."""
    return replace(document, kind=kind)


def scan(document: Document) -> Document:
    """A photograph of the document: its code could be read, its words could not."""
    return replace(
        document,
        media=Media.IMAGE,
        kind=Kind.UNKNOWN,
        text=TextSource.NONE,
        scan=True,
        fields={},
        records=(),
        workplaces=(),
        barcodes=(),
        readers=("tesseract",),
    )


def faulty(code: FaultCode, media: Media = Media.PDF, **facts: Any) -> Document:
    """A document that could not be read."""
    digest = hashlib.sha256(code.encode()).hexdigest()
    return Document(f"sha256:{digest}", "bozuk.pdf", 10, media, faults=(Fault(code, facts),))


def application(
    *people: dict[str, str],
    procedure: str = "provider_registration",
    provider: dict[str, Any] | None = None,
    **changes: Any,
) -> Application:
    """An application; `provider` and `changes` replace members, a None leaves one out."""
    company = {
        "title": TITLE,
        "tax_number": "1234567890",
        "mersis_number": "0123456789000014",
        "workplace_numbers": [WORKPLACE],
        **(provider or {}),
    }
    raw = {
        "application_id": "TS-2026-000123",
        "procedure": procedure,
        "submitted_at": SUBMITTED,
        "provider": company,
        "people": list(people) or [AYSE],
        "evidence": ["evidence.zip"],
        **changes,
    }
    return Application.model_validate({name: value for name, value in raw.items() if value is not None})


def upload(*documents: Document, fault: Fault | None = None) -> Upload:
    """One uploaded file."""
    return Upload("evidence.zip", "0" * 64, 5000, fault, documents)


def case(
    *documents: Document,
    about: Application | None = None,
    uploads: tuple[Upload, ...] | None = None,
    registry: RegistryFacts | None = None,
    policy: Policy = POLICY,
) -> Case:
    """A case with one upload that holds these documents."""
    return Case(
        about or application(),
        uploads if uploads is not None else (upload(*documents),),
        registry or RegistryFacts(),
        policy,
    )


def policy(levels: dict[str, str] | None = None, **parameters: Any) -> Policy:
    """The default policy with some levels or parameters changed."""
    raw = POLICY.model_dump(mode="json")
    raw["levels"].update(levels or {})
    raw["parameters"].update(parameters)
    return Policy.model_validate(raw)
