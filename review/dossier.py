"""The dossier of an application: the index of its documents (dizi pusulası), findings and decisions, and the originals.

The index is a PDF; the zip holds the index as PDF and as JSON beside the uploaded files as they came. In the index T.C.
numbers are masked. Names in the zip are made of numbers: what an applicant called a file is told in the index alone.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extractors.facts import Document, Upload
from flows.explanation import Json, explain, mask_of
from flows.recorded import as_verdict
from review.access import needs
from review.desk import Desk, desk_of
from review.dossier_pdf import index_pdf
from review.exports import download
from review.leaves import infected_files
from review.sessions import account_of, actor_of, language_of
from storage.cases import load_uploads
from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.accounts import Role
from storage.desk.audit import Action, about, record
from storage.desk.rulings import Event, history
from storage.errors import EvidenceDamaged, EvidenceMissing, EvidenceUnreachable
from storage.evidence import EvidenceStore
from storage.findings import current_row
from storage.models import Version
from storage.verdicts import state_of, stored_verdict
from validators.report import Mask

READERS = (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
"""Who may take a dossier."""
DOSSIER_VERSION = 1

_TYPES = {"pdf": "application/pdf", "zip": "application/zip"}
_SUFFIXES = frozenset({".zip", ".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".heic"})
_PETITION = "petition"


@dataclass(frozen=True, slots=True)
class Dossier:
    """The index as JSON (`DOSSIER_VERSION`), and the uploaded files by their name in the zip."""

    index: Json
    files: Mapping[str, bytes]


def dossier_path(application_id: str, form: str) -> str:
    """Return the address of a dossier, `pdf` or `zip`."""
    return f"/cases/{quote(application_id, safe='')}/dossier.{form}"


def make_dossier(desk: Desk, application_id: str, made_by: str) -> Dossier | None:
    """Return the dossier of a judged application; None where it was not judged.

    A file that retention destroyed, that is not where it is kept, or in which malware was found is told as not
    enclosed. Raises WrongKey, and
    EvidenceUnreachable when the store is away.
    """
    with desk.database.reading() as work:
        found, row = stored_verdict(work, application_id), current_row(work, application_id)
        if found is None or row is None:
            return None
        verdict, version = as_verdict(found), row[1]
        uploads = load_uploads(work, [version.id])[version.id]
        events = history(work, application_id)
    mask = mask_of(verdict)
    kept = _files(desk.evidence, version, uploads, mask)
    index = {
        "dossier": DOSSIER_VERSION,
        "made_at": _stamp(now()),
        "made_by": made_by,
        "submitted_at": _stamp(version.submitted_at),
        "read_at": _stamp(version.read_at),
        "files": [entry for entry, _ in kept],
        "explanation": explain(verdict),
        "history": [_event(event, mask) for event in events],
    }
    return Dossier(index, {entry["path"]: data for entry, data in kept if data is not None})


def pack(dossier: Dossier, pdf: bytes) -> bytes:
    """Return the zip of a dossier."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.pdf", pdf)
        archive.writestr("index.json", json.dumps(dossier.index, ensure_ascii=False, indent=2))
        for name, data in dossier.files.items():
            archive.writestr(name, data)
    return file.getvalue()


@needs(*READERS)
def send(request: Request) -> Response:
    """Send the dossier of an application, and write down who took it."""
    application_id, form = request.path_params["application_id"], request.path_params["form"]
    account, desk = account_of(request), desk_of(request)
    if form not in _TYPES or account is None:
        raise HTTPException(404)
    dossier = _found(desk, application_id, account.name)
    pdf = index_pdf(dossier.index, language_of(request))
    data = pack(dossier, pdf) if form == "zip" else pdf
    desk.database.transact(lambda work: _note(work, request, application_id, form))
    return download(data, f"dossier-{application_id}.{form}", _TYPES[form])


def _found(desk: Desk, application_id: str, made_by: str) -> Dossier:
    """Raises HTTPException: 404 for an unknown application, 409 for one without judgement, 503 while files are away."""
    try:
        dossier = make_dossier(desk, application_id, made_by)
    except EvidenceUnreachable:
        raise HTTPException(503, "dossier.unavailable") from None
    if dossier is None:
        known = desk.database.read(lambda work: state_of(work, application_id))
        raise HTTPException(409, "dossier.not_judged") if known else HTTPException(404)
    return dossier


def _note(work: UnitOfWork, request: Request, application_id: str, form: str) -> None:
    record(
        work,
        actor_of(request),
        Action.DOSSIER,
        about("application", application_id),
        details={"form": form},
    )


def _files(
    evidence: EvidenceStore, version: Version, uploads: tuple[Upload, ...], mask: Mask
) -> list[tuple[Json, bytes | None]]:
    """Return the index's entry of every uploaded file, the petition last, with its bytes where there are any."""
    listed: list[tuple[str, str, int | None, tuple[Document, ...]]] = [
        (upload.name, upload.sha256, upload.size, upload.documents) for upload in uploads
    ]
    if version.petition is not None:
        listed.append((_PETITION, version.petition, None, ()))
    infected = infected_files(uploads)
    kept: list[tuple[Json, bytes | None]] = []
    for number, (name, sha256, size, documents) in enumerate(listed, 1):
        left_out = version.evidence_destroyed_at or sha256 in infected
        data = None if left_out else _opened(evidence, sha256)
        entry = {
            "number": number,
            "path": f"files/{number:02}{_suffix(name, data)}",
            "name": mask.text(name),
            "petition": name is _PETITION,
            "sha256": sha256,
            "size": size if data is None else len(data),
            "enclosed": data is not None,
            "infected": sha256 in infected,
            "documents": [_document(document, mask) for document in documents],
        }
        kept.append((entry, data))
    return kept


def _opened(evidence: EvidenceStore, sha256: str) -> bytes | None:
    with suppress(EvidenceMissing, EvidenceDamaged):
        return evidence.open(sha256)
    return None


def _suffix(name: str, data: bytes | None) -> str:
    """Return the ending of a file's name where it is a harmless one; a petition has no name, but its bytes tell."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _SUFFIXES:
        return suffix
    return ".pdf" if data is not None and data.startswith(b"%PDF-") else ".bin"


def _document(document: Document, mask: Mask) -> Json:
    dated = document.fields.get("issued_on") or document.fields.get("generated_at")
    return {
        "name": mask.text(document.name),
        "sha256": document.id.removeprefix("sha256:"),
        "kind": document.kind.value,
        "pages": document.pages,
        "page_numbers": list(document.page_numbers),
        "paper": document.paper,
        "papers": document.papers,
        "dated": dated.value if dated is not None and isinstance(dated.value, str) else None,
    }


def _event(event: Event, mask: Mask) -> Json:
    return {
        "kind": event.kind.value,
        "state": event.state.value,
        "override": event.override,
        "codes": [code.value for code in event.codes],
        "officer": event.officer,
        "ruled_at": _stamp(event.ruled_at),
        "reason": mask.text(event.reason),
        "second": event.second,
        "seconded_at": _stamp(event.seconded_at),
        "second_reason": mask.text(event.second_reason),
    }


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


routes = [Route("/cases/{application_id}/dossier.{form}", send, name="dossier")]
"""Officers and auditors."""
