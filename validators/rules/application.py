"""Questions to the application as a whole: its archives, strangers among its papers, papers used twice."""

from collections.abc import Callable, Iterator

from extractors.edevlet import normalise_barcode
from extractors.facts import Kind, Upload
from validators.application import Procedure
from validators.finding import Code, Finding
from validators.identity import mask_national_id
from validators.rules.identifiers import identifiers_hold
from validators.subjects import EVIDENCE_KINDS, NOWHERE, Dossier, Paper

ApplicationRule = Callable[[Dossier], Iterator[Finding]]

BY_HAND = frozenset({Procedure.PERSONNEL_REMOVAL, Procedure.RECORD_DELETION})
"""Procedures that an officer decides: deletion on petition always (m.4(3)); removal with a reason, which the guide lets
take effect at once (m.7(1)(h)-(ı)), where the policy says so (`removal = "review"`)."""


def archives_open(dossier: Dossier) -> Iterator[Finding]:
    """Ask whether every upload is a zip that opens, is safe, and holds a document."""
    for upload in dossier.case.uploads:
        yield _archive(dossier, upload)


def procedure_is_automatic(dossier: Dossier) -> Iterator[Finding]:
    """Ask whether the procedure can be verified without an officer."""
    procedure, removal = dossier.application.procedure, dossier.case.policy.parameters.removal
    at_once = procedure is Procedure.PERSONNEL_REMOVAL and removal == "accept"
    if procedure in BY_HAND and not at_once:
        yield dossier.ask.failed(Code.PROCEDURE_BY_HAND, procedure=procedure.value)


def people_are_declared(dossier: Dossier) -> Iterator[Finding]:
    """Ask whether every paper belongs to somebody whom the application names."""
    for paper in dossier.papers:
        if paper.owner is None:
            continue
        at = paper.at(paper.field("national_id") or next(iter(paper.document.qrs), None))
        answer = dossier.ask.passed if paper.owner in dossier.declared else dossier.ask.failed
        yield answer(Code.PERSON_NOT_DECLARED, at, person=mask_national_id(paper.owner))


def papers_are_used_once(dossier: Dossier) -> Iterator[Finding]:
    """Ask whether a paper was evidence of another person or application; the same one twice is harmless."""
    owners: dict[str, set[str | None]] = {}
    for paper in dossier.papers:
        for barcode in _barcodes(paper):
            owners.setdefault(barcode, set()).add(paper.owner)
    for paper in dossier.papers:
        if paper.kind not in EVIDENCE_KINDS and not paper.document.qrs:
            continue
        if paper.kind is Kind.TRADE_REGISTRY_GAZETTE:  # speaks for a company, whoever is added to it
            continue
        applications = ", ".join(dossier.registry.reused.get(paper.document.key, ()))
        if applications:
            yield dossier.ask.failed(
                Code.DOCUMENT_REUSED, paper.at(), reason="application", applications=applications
            )
        elif any(len(owners[barcode]) > 1 for barcode in _barcodes(paper)):
            yield dossier.ask.failed(Code.DOCUMENT_REUSED, paper.at(), reason="person")
        else:
            yield dossier.ask.passed(Code.DOCUMENT_REUSED, paper.at())


APPLICATION_RULES: tuple[ApplicationRule, ...] = (
    archives_open,
    people_are_declared,
    papers_are_used_once,
    identifiers_hold,
)
SIMPLE_RULES: tuple[ApplicationRule, ...] = (archives_open, procedure_is_automatic)
"""Asked where the uploads are no papers on people."""


def _archive(dossier: Dossier, upload: Upload) -> Finding:
    if upload.fault is not None:
        facts = {"reason": "unknown", **upload.fault.facts, "upload": upload.name}
        return dossier.ask.failed(Code(upload.fault.code.value), NOWHERE, **facts)
    if not upload.documents:
        return dossier.ask.failed(Code.ARCHIVE_EMPTY, upload=upload.name)
    return dossier.ask.passed(Code.ARCHIVE_NOT_ZIP, upload=upload.name, documents=len(upload.documents))


def _barcodes(paper: Paper) -> frozenset[str]:
    printed = (field.value for field in paper.document.barcodes if isinstance(field.value, str))
    coded = (qr.barcode for qr in paper.document.qrs)
    return frozenset(map(normalise_barcode, (*printed, *coded)))
