"""Cases flagged for what is wrong with a paper."""

from dataclasses import replace

from extractors.facts import FaultCode, Kind, Media, Recognition
from tests.validators import factory as f
from tests.validators.cases.row import (
    BY_HAND,
    GOOD,
    RETURN,
    STATEMENT,
    Person,
    Row,
    flagged,
)
from validators.case import RegistryFacts

DISPUTED = f.seen(None, "hd1 | hd2")


FLAGGED_PAPERS = (
    flagged("QR code missing", f.case(f.with_codes(GOOD)), "QR_MISSING", RETURN),
    flagged("QR code foreign", f.case(f.foreign(GOOD)), "QR_FOREIGN", RETURN),
    flagged(
        "printed barcode differs",
        f.case(replace(GOOD, barcodes=(f.seen("hd0123456789abcdef99"),))),
        "QR_BARCODE_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "one of two printed barcodes differs",
        f.case(replace(GOOD, barcodes=(*GOOD.barcodes, f.seen("hd0123456789abcdef99")))),
        "QR_BARCODE_MISMATCH",
        BY_HAND,
    ),
    flagged("no barcode printed", f.case(replace(GOOD, barcodes=())), "QR_BARCODE_MISMATCH", BY_HAND),
    flagged(
        "printed barcode disputed",
        f.case(replace(GOOD, barcodes=(DISPUTED,))),
        "QR_BARCODE_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "codes of two papers",
        f.case(
            f.with_codes(
                GOOD,
                f.qr("hd0123456789abcdef01", f.AYSE["national_id"]),
                f.qr("hd0123456789abcdef77", f.AYSE["national_id"]),
            )
        ),
        "QR_BARCODE_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "QR code of somebody else",
        f.case(f.with_codes(GOOD, f.qr("hd0123456789abcdef01", f.STRANGER))),
        "QR_PERSON_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "codes of two people",
        f.case(
            f.with_codes(
                GOOD,
                f.qr("hd0123456789abcdef01", f.AYSE["national_id"]),
                f.qr("hd0123456789abcdef01", f.STRANGER),
            )
        ),
        "QR_PERSON_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "printed T.C. number unreadable",
        f.case(f.without_field(GOOD, "national_id")),
        "QR_PERSON_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "printed T.C. number disputed",
        f.case(f.with_field(GOOD, "national_id", None, "10000000078 | 10000000079")),
        "QR_PERSON_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "T.C. number on neither paper nor code",
        f.case(f.without_field(f.with_codes(GOOD, f.qr("hd0123456789abcdef01", None)), "national_id")),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
        application="QR_PERSON_MISMATCH",
    ),
    flagged(
        "readers disagree",
        f.case(replace(GOOD, doubts=("readers disagree: records",))),
        "DOCUMENT_UNREADABLE",
        BY_HAND,
    ),
    flagged(
        "photograph",
        f.case(f.scan(GOOD)),
        "DOCUMENT_NO_TEXT DOCUMENT_NOT_ORIGINAL PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
    ),
    flagged(
        "photograph where there is no OCR",
        f.case(replace(f.scan(GOOD), readers=())),
        "DOCUMENT_NO_TEXT DOCUMENT_NOT_ORIGINAL PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
    ),
    flagged(
        "photograph without a readable code",
        f.case(f.with_codes(f.scan(GOOD))),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
        application="DOCUMENT_NO_TEXT DOCUMENT_NOT_ORIGINAL QR_MISSING",
    ),
    flagged("one page scanned", f.case(replace(GOOD, scan=True)), "DOCUMENT_NOT_ORIGINAL", BY_HAND),
    flagged(
        "unknown paper alone",
        f.case(
            replace(
                f.of_kind(Kind.UNKNOWN, f.without_field(GOOD, *GOOD.fields)),
                recognition=Recognition(Kind.SERVICE_STATEMENT, ("DÖNEM", "ÜNİTE")),
            )
        ),
        "DOCUMENT_KIND_UNKNOWN PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
    ),
    flagged(
        "exit declaration alone",
        f.case(f.of_kind(Kind.EXIT_DECLARATION, GOOD)),
        "DOCUMENT_KIND_REFUSED PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
    ),
    flagged(
        "exit declaration beside a good statement",
        f.case(GOOD, f.of_kind(Kind.EXIT_DECLARATION, f.declaration())),
        "DOCUMENT_KIND_REFUSED",
        RETURN,
    ),
    flagged(
        "social security record",
        f.case(f.of_kind(Kind.SOCIAL_SECURITY_RECORD, GOOD)),
        "DOCUMENT_KIND_REFUSED PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
    ),
    flagged(
        "damaged document",
        f.case(f.faulty(FaultCode.DOCUMENT_UNREADABLE, reason="timeout")),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
        application="DOCUMENT_UNREADABLE",
    ),
    flagged(
        "encrypted document",
        f.case(f.faulty(FaultCode.DOCUMENT_ENCRYPTED, reason="password")),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
        application="DOCUMENT_ENCRYPTED",
    ),
    flagged(
        "infected document",
        f.case(f.faulty(FaultCode.MALWARE_FOUND, reason="document", signature="Kanit.Test")),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
        application="MALWARE_FOUND",
    ),
    flagged(
        "nothing but a text file",
        f.case(f.faulty(FaultCode.DOCUMENT_UNSUPPORTED, Media.OTHER)),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
    ),
    flagged(
        "evidence of another application",
        f.case(GOOD, registry=RegistryFacts(reused={GOOD.id: ("TS-2026-000007",)})),
        "DOCUMENT_REUSED",
        BY_HAND,
    ),
    Row(
        "one barcode on the papers of two people",
        f.case(GOOD, f.statement(f.CAN, rows=f.OPEN_ROWS[1:]), about=f.application(f.AYSE, f.CAN)),
        (
            Person(frozenset({"DOCUMENT_REUSED"}), STATEMENT, BY_HAND),
            Person(frozenset({"DOCUMENT_REUSED"}), STATEMENT, BY_HAND),
        ),
    ),
)
