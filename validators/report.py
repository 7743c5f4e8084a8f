"""The public report (contract, section 3): a judgement or a document as plain JSON values.

T.C. numbers are masked in every text, also in QR payloads, file names and codes of others, unless `reveal`.
Messages and the facts of findings hold masked numbers from the start, so that `reveal` shows none there.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from extractors.facts import (
    Box,
    Code,
    Document,
    Field,
    QrReading,
    Record,
    Signature,
    TextSource,
    Trace,
    Value,
    Workplace,
    split_key,
)
from validators.case import Judgement, PersonJudgement
from validators.finding import Finding, Proposal
from validators.identity import mask_national_id, redact
from validators.messages import LANGUAGES, message
from validators.schema import document_schema, report_schema

__all__ = ["Mask", "document_report", "document_schema", "report_schema", "to_report"]

Json = dict[str, Any]

REPORT_VERSION = 1
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides the numbers known from the papers, whether their check digits hold or not, and every valid one."""

    numbers: frozenset[str]
    reveal: bool

    @classmethod
    def of(cls, documents: Iterable[Document], people: Iterable[str], *, reveal: bool) -> "Mask":
        """Make a mask for papers and for the T.C. numbers of people."""
        found = set(people)
        for document in documents:
            found |= {qr.national_id for qr in document.qrs if qr.national_id}
            field = document.fields.get("national_id")
            if field is not None and isinstance(field.value, str):
                found.add(field.value)
        return cls(frozenset(number for number in found if _ELEVEN_DIGITS.fullmatch(number)), reveal)

    def number(self, number: str) -> str:
        """Mask what is known to be a T.C. number."""
        return number if self.reveal else mask_national_id(number)

    def text(self, text: str) -> str:
        """Mask the T.C. numbers in a text."""
        if self.reveal:
            return text
        for number in self.numbers:
            text = text.replace(number, mask_national_id(number))
        return redact(text)

    def value(self, value: Value) -> Value:
        """Mask the T.C. numbers in a fact."""
        if isinstance(value, dict):
            return {name: self.text(part) for name, part in value.items()}
        return self.text(value) if isinstance(value, str) else value


def to_report(judgement: Judgement, *, reveal: bool = False) -> Json:
    """Return the report of one application, as `report_schema` describes it."""
    documents = [document for document, _ in judgement.documents]
    people = (person.national_id for person in judgement.people)
    mask = Mask.of(documents, people, reveal=reveal)
    return {
        "report": REPORT_VERSION,
        "application_id": judgement.application_id,
        "procedure": judgement.procedure,
        "decision": judgement.decision.value,
        "policy": judgement.policy,
        "people": [_person(person, mask) for person in judgement.people],
        "findings": _findings(judgement.findings, mask),
        "documents": [_document(document, findings, mask) for document, findings in judgement.documents],
    }


def document_report(document: Document, findings: Sequence[Finding] = (), *, reveal: bool = False) -> Json:
    """Return one document, as `document_schema` describes it: what `kanit read --json` prints."""
    return _document(document, findings, Mask.of([document], (), reveal=reveal))


def _person(person: PersonJudgement, mask: Mask) -> Json:
    report: Json = {
        "national_id": mask.number(person.national_id),
        "decision": person.decision.value,
        "route": person.route.value if person.route is not None else None,
        "findings": _findings(person.findings, mask),
    }
    if person.proposal is not None:
        report["proposal"] = person.proposal.value
    if person.proposal is Proposal.WAIT_UNTIL:
        report["wait_until"] = person.wait_until
    return report


def _findings(findings: Iterable[Finding], mask: Mask) -> list[Json]:
    return [_finding(finding, mask) for finding in findings]


def _finding(finding: Finding, mask: Mask) -> Json:
    document, paper = split_key(finding.document) if finding.document is not None else (None, None)
    return {
        "code": finding.code.value,
        "outcome": finding.outcome.value,
        "level": finding.level.value,
        "legal_basis": finding.legal_basis,
        "message": {language: mask.text(message(finding, language)) for language in LANGUAGES},
        "document": document,
        **({"paper": paper} if paper is not None else {}),
        "page": finding.page,
        "box": _box(finding.box),
        "facts": {name: mask.value(value) for name, value in finding.facts.items()},
    }


def _document(document: Document, findings: Iterable[Finding], mask: Mask) -> Json:
    return {
        "id": document.id,
        "name": mask.text(document.name),
        "size": document.size,
        "media": document.media.value,
        "kind": document.kind.value,
        "pages": document.pages,
        "text": document.text.value,
        "scan": document.scan,
        "qr": _qr(document.qr, mask),
        "codes": [_code(code, mask) for code in document.codes],
        "barcode": _barcode(document, mask),
        "fields": _fields(document, mask),
        "faults": [{"code": fault.code.value, "facts": dict(fault.facts)} for fault in document.faults],
        "doubts": [mask.text(doubt) for doubt in document.doubts],
        "traces": [_trace(trace) for trace in document.traces],
        "signature": _signature(document.signature, mask),
        **_pages(document),
        "findings": _findings(findings, mask),
    }


def _pages(document: Document) -> Json:
    """Tell which pages are the paper's, where that is not all of one file."""
    numbers = list(document.page_numbers)
    if document.part_of is not None:
        part_of, paper = split_key(document.part_of)
        number = {"paper": paper} if paper is not None else {}
        return {"part_of": part_of, **number, "page_numbers": numbers}
    if document.papers > 1:
        return {"paper": document.paper, "papers": document.papers, "page_numbers": numbers}
    return {"page_numbers": numbers} if numbers and len(numbers) != document.pages else {}


def _qr(qr: QrReading | None, mask: Mask) -> Json | None:
    if qr is None:
        return None
    return {
        "text": mask.text(qr.text),
        "barcode": mask.text(qr.barcode),
        "page": qr.page,
        "box": _box(qr.box),
        "decoder": qr.decoder,
    }


def _trace(trace: Trace) -> Json:
    return {
        "kind": trace.kind.value,
        "page": trace.page,
        "box": _box(trace.box),
        "facts": dict(trace.facts),
    }


def _signature(signature: Signature | None, mask: Mask) -> Json | None:
    """Tell what is known of an electronic signature; some certificates hold the signer's T.C. number."""
    if signature is None:
        return None
    return {
        "signer": mask.text(signature.signer) if signature.signer is not None else None,
        "signed_at": signature.signed_at,
        "intact": signature.intact,
        "whole_file": signature.whole_file,
        "count": signature.count,
        "trust": signature.trust,
    }


def _code(code: Code, mask: Mask) -> Json:
    return {
        "text": mask.text(code.text),
        "page": code.page,
        "box": _box(code.box),
        "decoder": code.decoder,
    }


def _barcode(document: Document, mask: Mask) -> str | None:
    """Return the barcode number that the paper prints, else that of its e-Devlet code."""
    printed = (field.value for field in document.barcodes if isinstance(field.value, str))
    found = next(printed, document.qr.barcode if document.qr is not None else None)
    return mask.text(found) if found is not None else None


def _fields(document: Document, mask: Mask) -> Json:
    fields = {name: _field(name, field, mask) for name, field in document.fields.items()}
    method = "ocr" if document.text is TextSource.OCR else "text"
    records = [record for record in document.records if not record.left_out]
    workplaces = [place for place in document.workplaces if not place.left_out]
    if records:
        fields["records"] = _seen([_row(record, mask) for record in records], records[0], method)
    if workplaces:
        titles: dict[str, str] = {}
        for place in workplaces:
            before = titles.get(place.number)
            titles[place.number] = place.title if before is None else f"{before} / {place.title}"
        shown = {number: mask.text(title) for number, title in titles.items()}
        fields["workplaces"] = _seen(shown, workplaces[0], method)
    return fields


def _field(name: str, field: Field, mask: Mask) -> Json:
    personal = _names_a_person(name.rpartition(".")[2], field)
    value = mask.number(field.value) if personal and isinstance(field.value, str) else mask.value(field.value)
    raw = mask.number(field.raw) if personal else mask.text(field.raw)
    return {"value": value, "raw": raw, "page": field.page, "box": _box(field.box), "method": field.method}


def _names_a_person(name: str, field: Field) -> bool:
    """Tell a T.C. number, and the MERSİS number of a natural person, which begins with one."""
    return name == "national_id" or (name == "mersis_number" and not str(field.value).startswith("0"))


def _seen(value: object, first: Record | Workplace, method: str) -> Json:
    return {"value": value, "page": first.page, "box": _box(first.box), "method": method}


def _row(record: Record, mask: Mask) -> Json:
    return {
        "branch": record.branch,
        "status": mask.text(record.status),
        "workplace": record.workplace,
        "unit": record.unit,
        "period": record.period,
        "document_type": record.document_type,
        "entry_date": record.entry_date,
        "days": record.days,
        "exit_date": record.exit_date,
        "doubts": list(record.doubts),
    }


def _box(box: Box | None) -> list[float] | None:
    return box.as_list() if box is not None else None
