"""One uploaded file from disk to facts, every untrusted byte parsed in the sandbox."""

import hashlib
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias

from extractors.archive import ArchiveRefused, Kept, Limits, Member, read_member, walk
from extractors.facts import Document, Fault, FaultCode, Kind, TextSource, Upload
from extractors.sandbox import ChildDied, Sandbox

FileReading: TypeAlias = tuple[tuple[Document, ...], bytes]
"""The papers of one file, and what OCR read of its pages (pickled: only children of the sandbox look into it)."""

Scan: TypeAlias = Callable[[BinaryIO], str | None]
"""Looks for malware: the name of what was found, None where the bytes are clean (`extractors.clamd.Clamd.scan`)."""

_BEGIN_SECONDS = 0.25
"""How long the child that walked an archive goes on with its files; the others are read by all children at once."""

_MOST_TIMEOUTS = 10
"""Documents of one upload that may each take all of their time: one with hundreds of them would take a night."""

_KEPT_BYTES = 16_000_000
"""Bytes of documents that the walk through an archive hands on: the others are inflated again."""


def read_upload(path: Path, sandbox: Sandbox, *, ocr: bool = True, scan: Scan | None = None) -> Upload:
    """Read an uploaded archive and its documents; what cannot be read comes back as faults.

    A child that dies takes one document with it, never the upload. `ocr` False leaves the text of pictures unread.
    With `scan`, the upload as it came and then every file unpacked from it are scanned before anything parses them.
    Raises OSError when the file itself cannot be read: that is the machine's fault, not the applicant's; and what
    `scan` raises.
    """
    digest, size = fingerprint(path)
    if scan is not None and (found := scan_file(path, scan)):
        return Upload(path.name, digest, size, malware(found, "upload"))
    try:
        files = _files(path, sandbox, ocr) if scan is None else _scanned_files(path, sandbox, ocr, scan)
    except ArchiveRefused as refusal:
        return Upload(path.name, digest, size, refusal.fault)
    except ChildDied as death:
        return Upload(path.name, digest, size, Fault(FaultCode.ARCHIVE_DAMAGED, {"reason": death.reason}))
    papers = _joined(files, sandbox)
    return Upload(path.name, digest, size, documents=tuple(paper for file in papers for paper in file))


def scan_file(path: Path, scan: Scan) -> str | None:
    """Scan a file as it lies there; one that is too large to be opened at all is refused for that, unscanned."""
    if path.stat().st_size > Limits().upload_bytes:
        return None
    with path.open("rb") as file:
        return scan(file)


def malware(signature: str, reason: str) -> Fault:
    """Return the fault of a file in which a scanner found something; `reason`: `upload` or `document`."""
    return Fault(FaultCode.MALWARE_FOUND, {"reason": reason, "signature": signature})


def _files(path: Path, sandbox: Sandbox, ocr: bool) -> list[FileReading]:
    members, begun = _begun(path, sandbox, ocr=ocr)
    return [*begun, *_read_on(path, members[len(begun) :], sandbox, ocr=ocr)]


def _scanned_files(path: Path, sandbox: Sandbox, ocr: bool, scan: Scan) -> list[FileReading]:
    """Unpack every file and scan it; read those that are clean."""
    members = sandbox.run(walk, path)
    left_alone = {member: reading for member in members if (reading := _unfit(path, member, sandbox, scan))}
    read = _read_on(path, [member for member in members if member not in left_alone], sandbox, ocr=ocr)
    return [left_alone.get(member) or next(read) for member in members]


def _unfit(path: Path, member: Member, sandbox: Sandbox, scan: Scan) -> FileReading | None:
    """Return what is told of a file that must not be parsed: malware was found, or it could not be unpacked."""
    try:
        content = sandbox.run(read_member, path, member.locator)
    except (ChildDied, ArchiveRefused) as failure:
        return _lost(member, _reason(failure))
    found = scan(BytesIO(content))
    return None if found is None else _unread(member, malware(found, "document"))


def _read_on(path: Path, members: Sequence[Member], sandbox: Sandbox, *, ocr: bool) -> Iterator[FileReading]:
    """Read members side by side; leave out the rest where one after the other runs out of time."""
    readings = [(member, sandbox.submit(read_archived, path, member, ocr=ocr)) for member in members]
    timeouts = 0
    for member, future in readings:
        if timeouts >= _MOST_TIMEOUTS and future.cancel():
            yield _lost(member, "not_tried")
            continue
        reading = _collected(member, future)
        timeouts += any(fault.facts.get("reason") == "timeout" for fault in reading[0][0].faults)
        yield reading


def _begun(path: Path, sandbox: Sandbox, *, ocr: bool) -> tuple[tuple[Member, ...], tuple[FileReading, ...]]:
    """Walk an archive and read its first files in one call; where that dies, walk alone, so as to blame one file."""
    try:
        return sandbox.run(walk_and_begin, path, ocr=ocr)
    except ChildDied:
        return sandbox.run(walk, path), ()


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


def walk_and_begin(path: Path, *, ocr: bool = True) -> tuple[tuple[Member, ...], tuple[FileReading, ...]]:
    """Walk an archive and read what can be read in a moment; runs inside the sandbox."""
    kept = Kept(_KEPT_BYTES)
    members = walk(path, kept=kept)
    begun: list[FileReading] = []
    end = time.monotonic() + _BEGIN_SECONDS
    with suppress(Exception):  # the file is read again in a call of its own, which says what is wrong
        for member in members:
            if time.monotonic() > end:
                break
            begun.append(_read(member, kept.contents.pop(member.locator, None), path, ocr=ocr))
    return members, tuple(begun)


def read_archived(path: Path, member: Member, *, ocr: bool = True) -> FileReading:
    """Read one member of an archive; runs inside the sandbox."""
    return _read(member, None, path, ocr=ocr)


def _read(member: Member, data: bytes | None, path: Path, *, ocr: bool) -> FileReading:
    from extractors.document import read_with_scans  # noqa: PLC0415 -- the program itself need not load the readers

    if data is None:
        data = read_member(path, member.locator)
    documents, scans = read_with_scans(data, member.path, ocr=ocr)
    return documents, pickle.dumps(scans) if scans.pages else b""


def _archived_second_opinion(path: Path, first: Document) -> Document:
    from extractors.document import second_opinion as opinion  # noqa: PLC0415 -- as above

    member = next(member for member in walk(path) if member.sha256 == first.id)
    return opinion(read_member(path, member.locator), first)


def _collected(member: Member, future: "Future[FileReading]") -> FileReading:
    try:
        return future.result()
    except (ChildDied, ArchiveRefused) as failure:
        return _lost(member, _reason(failure))


def _reason(failure: ChildDied | ArchiveRefused) -> str:
    return failure.reason if isinstance(failure, ChildDied) else "damaged"


def _lost(member: Member, reason: str) -> FileReading:
    return _unread(member, Fault(FaultCode.DOCUMENT_UNREADABLE, {"reason": reason}))


def _unread(member: Member, fault: Fault) -> FileReading:
    return (Document(member.sha256, member.path, member.size, member.media, faults=(fault,)),), b""


def _joined(files: Sequence[FileReading], sandbox: Sandbox) -> Sequence[tuple[Document, ...]]:
    """Read papers that lie over several pictures as a whole; as single files where that is not possible."""
    if _may_join([documents for documents, _ in files]):
        try:
            return sandbox.run(_join, files)
        except ChildDied:
            pass
    return [documents for documents, _ in files]


def _may_join(files: Sequence[tuple[Document, ...]]) -> bool:
    """Tell at a glance whether pictures among the files may be pages of one paper: cheap, since few are."""
    pictures = [file[0] for file in files if is_picture(file)]
    barcodes = [qr.barcode for picture in pictures for qr in picture.qrs]
    unknown = any(picture.kind is Kind.UNKNOWN for picture in pictures)
    return len(pictures) > 1 and (unknown or len(set(barcodes)) < len(barcodes))


def is_picture(file: Sequence[Document]) -> bool:
    """Tell whether a file is one or more pictures of pages, all of one paper."""
    first, *others = file
    return first.scan and first.text is not TextSource.EMBEDDED and not first.faults and not others


def _join(files: Sequence[FileReading]) -> tuple[tuple[Document, ...], ...]:
    from extractors.joining import join_pictures  # noqa: PLC0415 -- as above
    from extractors.scanned import Scans  # noqa: PLC0415 -- as above

    readings = [(documents, pickle.loads(scans) if scans else Scans()) for documents, scans in files]  # noqa: S301 -- made by `read_archived`
    return join_pictures(readings)
