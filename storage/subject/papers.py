"""The papers of a person among those of an application: which they are, what of them is told, and their files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from extractors.archive import ArchiveRefused, read_member, walk
from extractors.facts import CELLS, Document, FaultCode, Upload
from extractors.held import Held
from extractors.sandbox import ChildDied, Sandbox
from storage.errors import EvidenceDamaged, EvidenceMissing
from storage.evidence import EvidenceStore
from storage.subject.mentions import Mention, numbers_on


class Enclosure(StrEnum):
    """Whether the file of a paper is handed over."""

    ENCLOSED = "enclosed"
    NOT_ASKED = "not_asked"
    DESTROYED = "destroyed"
    """By retention, or an erasure (KVKK m.7)."""
    SHARED = "shared"
    """The file holds other people's papers as well."""
    MISSING = "missing"
    """The evidence store does not hold it, or not whole: the operator's matter."""
    INFECTED = "infected"
    """A scanner found malware in it: it stays sealed."""


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """A paper of the person: its position in the application, its upload, and whether its file holds nobody else's."""

    position: int
    upload: Upload
    document: Document
    is_alone: bool


def own_papers(mention: Mention, uploads: Sequence[Upload], national_id: str) -> Iterator[OwnPaper]:
    """Yield the papers of the person: those with the number, and in an application of one those with nobody's."""
    position = 0
    for upload in uploads:
        for document in upload.documents:
            if _is_own(document, mention, national_id):
                alone = all(
                    _is_own(other, mention, national_id)
                    for other in upload.documents
                    if other.id == document.id
                )
                yield OwnPaper(position, upload, document, alone)
            position += 1


def _is_own(document: Document, mention: Mention, national_id: str) -> bool:
    numbers = numbers_on(document)
    return national_id in numbers if numbers else mention.is_sole and mention.application is not None


def told(document: Document) -> dict[str, Any]:
    """Return what was read of a paper, without the places on its pages."""
    return {
        "kind": document.kind.value,
        "name": document.name,
        "sha256": document.id.removeprefix("sha256:"),
        "pages": document.pages,
        "barcodes": sorted({qr.barcode for qr in document.qrs} | {str(f.value) for f in document.barcodes}),
        "codes": [code.text for code in document.codes],
        "fields": {name: field.value for name, field in document.fields.items()},
        "records": [
            {name: getattr(record, name) for name in CELLS}
            for record in document.records
            if not record.left_out
        ],
        "rows_not_kept": sum(record.left_out for record in document.records),
        "workplaces": [
            {"number": workplace.number, "title": workplace.title}
            for workplace in document.workplaces
            if not workplace.left_out
        ],
    }


def told_of_others_paper(document: Document, national_id: str) -> dict[str, Any]:
    """Return what a paper of others (an official document of a company, say) says of the person, and nothing else."""
    own = {name.rpartition(".")[0] for name, field in document.fields.items() if field.value == national_id}
    fields = {name: f.value for name, f in document.fields.items() if name.rpartition(".")[0] in own - {""}}
    return {"kind": document.kind.value, "fields": fields or {"national_id": national_id}}


def file_of(
    paper: OwnPaper, mention: Mention, store: EvidenceStore, sandbox: Sandbox
) -> tuple[Enclosure, bytes | None]:
    """Return the file of a paper, taken out of the upload in the sandbox. Raises EvidenceUnreachable, WrongKey."""
    if mention.version.evidence_destroyed_at is not None:
        return Enclosure.DESTROYED, None
    if not paper.is_alone:
        return Enclosure.SHARED, None
    if any(fault.code is FaultCode.MALWARE_FOUND for fault in paper.document.faults):
        return Enclosure.INFECTED, None
    try:
        upload = Held(store.open(paper.upload.sha256))
        members = sandbox.run(walk, upload)
        member = next((member for member in members if member.sha256 == paper.document.id), None)
        if member is not None:
            return Enclosure.ENCLOSED, sandbox.run(read_member, upload, member.locator)
    except (EvidenceMissing, EvidenceDamaged, ArchiveRefused, ChildDied):
        pass  # told as missing
    return Enclosure.MISSING, None
