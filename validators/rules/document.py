"""Questions to one paper: could it be read, which paper is it, does its QR code agree with its print.

The kind of paper is a gate: a genuine e-Devlet paper in the right name can be the wrong paper, so nothing
printed on it is compared before its kind is known. Papers without a text layer are asked only for their code.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from extractors.edevlet import same_barcode
from extractors.facts import FaultCode, Field, Kind, QrReading
from validators.finding import Code, Finding, Level
from validators.identity import mask_national_id
from validators.rules.traces import is_unedited
from validators.subjects import EVIDENCE_KINDS, REFUSED_KINDS, Paper

DocumentRule = Callable[[Paper], Iterator[Finding]]


def was_read(paper: Paper) -> Iterator[Finding]:
    """Ask whether the document could be opened and read, and whether the readers agree about it."""
    faults = [fault for fault in paper.document.faults if fault.code is not FaultCode.DOCUMENT_UNSUPPORTED]
    for fault in faults:
        facts = {"reason": "unknown", **fault.facts}
        yield paper.ask.failed(Code(fault.code.value), paper.at(), **facts)
    if faults or not paper.supported:
        return
    if paper.document.doubts and (paper.kind in EVIDENCE_KINDS or not paper.has_text):
        doubts = "; ".join(paper.document.doubts)
        yield paper.ask.unclear(Code.DOCUMENT_UNREADABLE, paper.at(), reason="doubts", doubts=doubts)
    else:
        yield paper.ask.passed(Code.DOCUMENT_UNREADABLE, paper.at(), pages=paper.document.pages)


def is_supported(paper: Paper) -> Iterator[Finding]:
    """Ask whether it is a PDF or an image."""
    if not paper.supported:
        yield paper.ask.failed(Code.DOCUMENT_UNSUPPORTED, paper.at(), media=paper.document.media.value)


def has_text(paper: Paper) -> Iterator[Finding]:
    """Ask whether the words of the paper are known."""
    if paper.unread or not paper.supported:
        return
    if paper.has_text:
        yield paper.ask.passed(Code.DOCUMENT_NO_TEXT, paper.at(), source=paper.document.text.value)
    else:
        reason = "illegible" if paper.document.readers else "not_recognised"
        yield paper.ask.failed(Code.DOCUMENT_NO_TEXT, paper.at(), reason=reason)


def is_original(paper: Paper) -> Iterator[Finding]:
    """Ask whether it is the file that e-Devlet issued, not a scan, photo or screenshot of it."""
    if paper.unread or not paper.supported:
        return
    answer = paper.ask.failed if paper.document.scan else paper.ask.passed
    yield answer(Code.DOCUMENT_NOT_ORIGINAL, paper.at())


def is_recognised(paper: Paper) -> Iterator[Finding]:
    """Ask which paper it is."""
    if not paper.readable:
        return
    if paper.kind is Kind.UNKNOWN:
        nearest = paper.document.recognition
        yield paper.ask.failed(
            Code.DOCUMENT_KIND_UNKNOWN,
            paper.at(),
            nearest=nearest.nearest.value,
            missing=", ".join(nearest.missing),
            edevlet_code="yes" if paper.document.qrs else "no",
        )
    else:
        yield paper.ask.passed(Code.DOCUMENT_KIND_UNKNOWN, paper.at(), kind=paper.kind.value)


def is_admissible(paper: Paper) -> Iterator[Finding]:
    """Ask whether the recognised paper is evidence in the guide's sense."""
    if not paper.readable or paper.kind is Kind.UNKNOWN:
        return
    answer = paper.ask.failed if paper.kind in REFUSED_KINDS else paper.ask.passed
    yield answer(Code.DOCUMENT_KIND_REFUSED, paper.at(), kind=paper.kind.value)


def has_code(paper: Paper) -> Iterator[Finding]:
    """Ask whether the paper carries a QR code (karekodlu)."""
    if not _asks_for_code(paper):
        return
    codes = paper.document.codes or paper.document.qrs
    if codes:
        yield paper.ask.passed(Code.QR_MISSING, paper.at(codes[0]), decoder=codes[0].decoder)
    else:
        yield paper.ask.failed(Code.QR_MISSING, paper.at())


def has_edevlet_code(paper: Paper) -> Iterator[Finding]:
    """Ask whether a QR code on it is that of an e-Devlet paper."""
    if not _asks_for_code(paper):
        return
    if paper.document.qrs:
        yield paper.ask.passed(Code.QR_FOREIGN, paper.at(paper.document.qrs[0]))
    elif paper.document.codes:
        count = len(paper.document.codes)
        yield paper.ask.failed(Code.QR_FOREIGN, paper.at(paper.document.codes[0]), codes=count)


def barcode_agrees(paper: Paper) -> Iterator[Finding]:
    """Ask whether the barcode number in the QR code is the one that the paper prints.

    Two e-Devlet codes contradict each other on whatever paper they are.
    """
    if not paper.document.qrs:
        return
    qr, code = paper.document.qrs[0], Code.QR_BARCODE_MISMATCH
    other = next((q for q in paper.document.qrs if not same_barcode(q.barcode, qr.barcode)), None)
    if other is not None:
        facts = {"coded": qr.barcode, "other": other.barcode, "reason": "two_papers"}
        yield paper.ask.failed(code, paper.at(other), **facts)
        return
    if not paper.is_evidence:
        return
    differing = next((field for field in paper.document.barcodes if _differs(field, qr)), None)
    if differing is not None:
        yield paper.ask.failed(
            code, paper.at(differing), coded=qr.barcode, printed=str(differing.value), reason="printed"
        )
    elif not paper.document.barcodes or any(field.value is None for field in paper.document.barcodes):
        yield paper.ask.unclear(code, paper.at(qr), coded=qr.barcode)
    else:
        yield paper.ask.passed(code, paper.at(paper.document.barcodes[0]), coded=qr.barcode)


def person_agrees(paper: Paper) -> Iterator[Finding]:
    """Ask whether the person of the QR code is the one that the paper prints.

    A code that carries the barcode alone leaves the question open; that is a note, since such papers exist.
    """
    if not paper.is_evidence or not paper.document.qrs:
        return
    code, printed, coded = Code.QR_PERSON_MISMATCH, paper.printed_person, paper.coded_people
    at = paper.at(paper.field("national_id") or paper.document.qrs[0])
    shown = {
        "printed": mask_national_id(printed) if printed else None,
        "coded": ", ".join(sorted(map(mask_national_id, coded))) or None,
    }
    if len(coded) > 1 or (printed is not None and coded and printed not in coded):
        yield paper.ask.failed(code, at, reason="two_people" if len(coded) > 1 else "printed", **shown)
    elif printed is None:
        yield paper.ask.unclear(code, at, reason="printed_unread", **shown)
    elif not coded:
        unclear = paper.ask.unclear(code, at, reason="code_without_person", **shown)
        yield replace(unclear, level=Level.NOTE)
    else:
        yield paper.ask.passed(code, at, **shown)


def _asks_for_code(paper: Paper) -> bool:
    """Statements and declarations carry a code, and so does whatever paper a scan shows."""
    if paper.unread or not paper.supported:
        return False
    return paper.kind in EVIDENCE_KINDS or not paper.has_text


def _differs(field: Field, qr: QrReading) -> bool:
    return isinstance(field.value, str) and not same_barcode(field.value, qr.barcode)


DOCUMENT_RULES: tuple[DocumentRule, ...] = (
    was_read,
    is_supported,
    has_text,
    is_original,
    is_recognised,
    is_admissible,
    has_code,
    has_edevlet_code,
    barcode_agrees,
    person_agrees,
    is_unedited,
)

CONTINUATION_RULES: tuple[DocumentRule, ...] = (was_read, is_supported, is_original)
"""Asked of a file with further pages of a paper: the other questions are the paper's."""


def certificate_was_read(paper: Paper) -> Iterator[Finding]:
    """Ask whether a certificate could be read; certificates are optional, of any kind (m.4(4)(c)): only a note."""
    for rule in (was_read, is_supported):
        for finding in rule(paper):
            yield replace(finding, level=Level.NOTE)


CERTIFICATE_RULES: tuple[DocumentRule, ...] = (certificate_was_read,)
