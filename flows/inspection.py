"""Single files and archives as the extractors see them: what `kanit read` and `kanit unpack` show."""

from pathlib import Path

from extractors import archive
from extractors.archive import ArchiveRefused, Member
from extractors.document import read_document
from extractors.evidence import Scan, fingerprint
from extractors.facts import Document, Fault, FaultCode, Media, Value
from extractors.sandbox import ChildDied, Sandbox
from flows.scanning import found_in
from validators.finding import Code, Finding
from validators.policy import Policy
from validators.rules.document import has_text, is_supported, was_read
from validators.rules.traces import is_unedited
from validators.subjects import NOWHERE, Ask, Paper

_READING_RULES = (was_read, is_supported, has_text, is_unedited)


def read_file(
    path: Path, sandbox: Sandbox, *, ocr: bool = True, scan: Scan | None = None
) -> tuple[Document, ...]:
    """Read one PDF or image: a document for each paper in it, nearly always one.

    Whatever is wrong with the file comes back as a fault; `ocr` False leaves the text of pictures unread, `scan` looks
    for malware first. Raises OSError, and what `scan` raises.
    """
    if (infected := found_in(path, scan, "document")) is not None:
        return (_unread(path, infected),)
    try:
        return sandbox.run(_read, path, ocr=ocr)
    except ChildDied as failure:
        return (_unread(path, Fault(FaultCode.DOCUMENT_UNREADABLE, {"reason": failure.reason})),)


def _unread(path: Path, fault: Fault) -> Document:
    digest, size = fingerprint(path)
    return Document(f"sha256:{digest}", path.name, size, Media.OTHER, faults=(fault,))


def reading_findings(document: Document, policy: Policy) -> tuple[Finding, ...]:
    """Answer for a single document whether it could be read; rules that need an application are not asked."""
    paper = Paper(document, Ask(policy, None))
    return tuple(finding for rule in _READING_RULES for finding in rule(paper))


def list_members(
    path: Path, sandbox: Sandbox, scan: Scan | None = None
) -> tuple[tuple[Member, ...], Fault | None]:
    """Walk an archive and return its members, and why it would be refused as an upload.

    The members of a sound archive without a document in it are returned beside that fault. `scan` looks for malware
    before the archive is opened. Raises what it raises.
    """
    if (infected := found_in(path, scan, "upload")) is not None:
        return (), infected
    try:
        members = sandbox.run(archive.list_members, path)
        return members, archive.without_documents(members)
    except ArchiveRefused as refusal:
        return (), refusal.fault
    except ChildDied as failure:
        return (), Fault(FaultCode.ARCHIVE_DAMAGED, {"reason": failure.reason})


def refusal(fault: Fault, upload: str, policy: Policy) -> Finding:
    """Return the finding that says why an archive is refused."""
    facts: dict[str, Value] = {"reason": "unknown", **fault.facts, "upload": upload}
    return Ask(policy, None).failed(Code(fault.code.value), NOWHERE, **facts)


def _read(path: Path, *, ocr: bool) -> tuple[Document, ...]:
    return read_document(path.read_bytes(), path.name, ocr=ocr)
