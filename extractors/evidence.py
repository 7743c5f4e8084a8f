"""One uploaded file from disk to facts, every untrusted byte parsed in the sandbox."""

import hashlib
from concurrent.futures import Future
from pathlib import Path

from extractors.archive import ArchiveRefused, Member, read_member, walk
from extractors.facts import Document, Fault, FaultCode, Upload
from extractors.sandbox import ChildDied, Sandbox


def read_upload(path: Path, sandbox: Sandbox) -> Upload:
    """Read an uploaded archive and its documents; what cannot be read comes back as faults.

    A child that dies takes one document with it, never the upload. Raises OSError when the file itself
    cannot be read: that is the machine's fault, not the applicant's.
    """
    digest, size = fingerprint(path)
    try:
        members = sandbox.run(walk, path)
    except ArchiveRefused as refusal:
        return Upload(path.name, digest, size, refusal.fault)
    except ChildDied as death:
        return Upload(path.name, digest, size, Fault(FaultCode.ARCHIVE_DAMAGED, {"reason": death.reason}))
    readings = [(member, sandbox.submit(read_archived, path, member)) for member in members]
    return Upload(path.name, digest, size, documents=tuple(_collected(m, future) for m, future in readings))


def second_opinion(path: Path, first: Document, sandbox: Sandbox) -> Document:
    """Ask the second text reader about a document of an upload; the first reading stands where it cannot answer."""
    try:
        return sandbox.run(_archived_second_opinion, path, first)
    except (ChildDied, ArchiveRefused):
        return first


def fingerprint(path: Path) -> tuple[str, int]:
    """Return the SHA-256 hex digest and the size in bytes of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def read_archived(path: Path, member: Member) -> Document:
    """Read one member of an archive; runs inside the sandbox."""
    from extractors.document import read_document  # noqa: PLC0415 -- the program itself need not load the readers

    return read_document(read_member(path, member.locator), member.path)


def _archived_second_opinion(path: Path, first: Document) -> Document:
    from extractors.document import second_opinion as opinion  # noqa: PLC0415 -- as above

    member = next(member for member in walk(path) if member.sha256 == first.id)
    return opinion(read_member(path, member.locator), first)


def _collected(member: Member, future: "Future[Document]") -> Document:
    try:
        return future.result()
    except (ChildDied, ArchiveRefused) as failure:
        reason = failure.reason if isinstance(failure, ChildDied) else "damaged"
        fault = Fault(FaultCode.DOCUMENT_UNREADABLE, {"reason": reason})
        return Document(member.sha256, member.path, member.size, member.media, faults=(fault,))
