"""The walk over an uploaded archive: judge its records, then list its documents, nested archives opened."""

import hashlib
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from extractors.archive.inflate import DEFLATED, STORED, inflate
from extractors.archive.limits import Budget, Limits, over, require
from extractors.archive.media import HEAD_BYTES, format_of, is_open_document, media_of
from extractors.archive.names import decode_name, is_clutter, safe_path, shown
from extractors.archive.records import (
    Directory,
    Entry,
    Source,
    check_layout,
    check_member,
    has_end_record,
    read_directory,
    room_of,
)
from extractors.archive.refusal import ArchiveRefused, Reason, damaged, located, refusal, unsafe
from extractors.facts import Fault, FaultCode, Media
from extractors.held import File

_ENCRYPTED_FLAGS = 1 << 0 | 1 << 6 | 1 << 13
"""Traditional encryption, strong encryption, masked local headers; AES sets the first."""

_METHODS = {
    1: "Shrink",
    6: "Implode",
    9: "Deflate64",
    12: "BZIP2",
    14: "LZMA",
    93: "Zstandard",
    95: "XZ",
    96: "JPEG",
    97: "WavPack",
    98: "PPMd",
}
_OFFICE_DIRECTORY = b"[Content_Types].xml"

# A pipe is what Info-ZIP records for what it compressed from standard input: ordinary bytes.
_PLAIN_TYPES = frozenset({0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFIFO})


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an upload.

    `path` is its name for people, with the path of the nested archive that holds it before it. `size` in
    bytes. `sha256` is `sha256:` and the hex digest of its bytes, the form of a document's id. `locator` is
    its index in the directory, after the indexes of the nested archives around it, outermost first. `format`
    is what people call the format of a file that is no document ("RAR", "Office"), else empty.
    """

    path: str
    size: int
    media: Media
    locator: tuple[int, ...]
    sha256: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the upload an archive lies: index path and name of the nested archive, both empty outside."""

    locator: tuple[int, ...] = ()
    path: str = ""

    def of(self, index: int, name: str) -> "_Place":
        return _Place((*self.locator, index), f"{self.path}/{name}" if self.path else name)


@dataclass(eq=False, slots=True)
class Kept:
    """Bytes of documents that a walk has inflated anyway, by locator, while there is `room` (bytes) for them."""

    room: int = 0
    contents: dict[tuple[int, ...], bytes] = field(default_factory=dict)

    def takes(self, size: int) -> bool:
        """Tell whether a document of that size is to be kept, and keep room for it."""
        fits = size <= self.room
        if fits:
            self.room -= size
        return fits


def walk(path: File, limits: Limits | None = None, kept: Kept | None = None) -> tuple[Member, ...]:
    """Return the files of an upload in the order of its directory, nested archives opened in their place.

    Every file is inflated once, so that sizes and checksums are known to hold; nothing is written anywhere.
    Folders and what macOS and Windows leave in them are left out; files that are no document are listed
    with `Media.OTHER`.

    Raises ArchiveRefused: one of the ARCHIVE_* codes; ARCHIVE_EMPTY when there is no PDF and no image, with
    the number of other files as the fact `unsupported` and their formats as `found`. Raises OSError when the
    file itself cannot be read. Into `kept` go the bytes of the documents, while there is room for them.
    """
    members = list_members(path, limits, kept)
    fault = without_documents(members)
    if fault is not None:
        raise ArchiveRefused(fault)
    return members


def without_documents(members: Sequence[Member]) -> Fault | None:
    """Return the fault of an upload whose members are no documents; None where there is a PDF or an image."""
    if any(member.media in {Media.PDF, Media.IMAGE} for member in members):
        return None
    return refusal(FaultCode.ARCHIVE_EMPTY, unsupported=len(members), found=_formats(members)).fault


def _formats(members: Iterable[Member]) -> str | None:
    """Return the formats that an applicant may have taken for papers, such as "Office, RAR"; None without any."""
    return ", ".join(sorted({member.format for member in members} - {"unknown", "empty file"})) or None


def list_members(path: File, limits: Limits | None = None, kept: Kept | None = None) -> tuple[Member, ...]:
    """Return what `walk` does, but an archive without documents is no refusal here."""
    limits = limits or Limits()
    with path.open("rb") as stream:
        source = Source(stream)
        _check_upload(source, limits)
        budget = Budget(limits, source.size)
        directory = read_directory(source, limits)
        if _is_package(source, directory):
            raise refusal(FaultCode.ARCHIVE_NOT_ZIP, found=_package_format(source))
        return tuple(_Walk(budget, kept or Kept()).archive(source, directory, _Place()))


def read_member(path: File, locator: tuple[int, ...], limits: Limits | None = None) -> bytes:
    """Return the bytes of one member that `walk` listed, checked again as they are inflated.

    Raises ArchiveRefused when the file is no longer what was walked, OSError when it cannot be read.
    """
    limits = limits or Limits()
    with path.open("rb") as stream:
        source = Source(stream)
        _check_upload(source, limits)
        for index in locator[:-1]:
            source = Source(BytesIO(_content(source, index, limits)))
        return _content(source, locator[-1], limits)


def _content(source: Source, index: int, limits: Limits) -> bytes:
    directory = read_directory(source, limits)
    if index >= len(directory.entries):
        raise damaged(Reason.DIRECTORY)
    entry = directory.entries[index]
    with located(index):
        _check_readable(entry)
        require(entry.size <= limits.member_bytes, "member_bytes", limits.member_bytes)
        start = check_member(source, entry, room_of(directory, index))
        return b"".join(inflate(source, entry, start))


def _check_upload(source: Source, limits: Limits) -> None:
    """Refuse what is too large, and what is no zip file by its first bytes."""
    require(source.size <= limits.upload_bytes, "upload_bytes", limits.upload_bytes)
    head = source.read(0, min(source.size, HEAD_BYTES))
    if media_of(head) is Media.ZIP:
        return
    found = format_of(head)
    # Bytes of no known format before a zip's records: the records are judged, and tell what is wrong.
    if found != "unknown" or not has_end_record(source):
        raise refusal(FaultCode.ARCHIVE_NOT_ZIP, found=found)


def _is_package(source: Source, directory: Directory) -> bool:
    """Tell whether a zip is an Office, OpenDocument or EPUB file: one document, not an archive of documents."""
    head = source.read(0, min(source.size, HEAD_BYTES))
    return is_open_document(head) or any(entry.raw_name == _OFFICE_DIRECTORY for entry in directory.entries)


def _package_format(source: Source) -> str:
    found = format_of(source.read(0, min(source.size, HEAD_BYTES)))
    return "Office" if found == "ZIP" else found


def _check_entries(directory: Directory) -> list[str]:
    """Check what the directory alone tells; return the members' paths.

    A folder may stand there twice: it holds nothing, and some programs write it anew for each of its files.
    """
    names: list[str] = []
    taken: set[str] = set()
    for index, entry in enumerate(directory.entries):
        with located(index):
            _check_readable(entry)
    for index, entry in enumerate(directory.entries):
        with located(index):
            name = safe_path(decode_name(entry.raw_name, entry.flags, entry.extra))
            is_folder = name.endswith("/")
            if name in taken and not is_folder:
                raise unsafe(Reason.DUPLICATE_NAME)
            if is_folder and entry.size:
                raise unsafe(Reason.NAME)
            names.append(name)
            taken.add(name)
    return names


def _check_readable(entry: Entry) -> None:
    """Refuse members that need a password, that another compression method packed, or that are no files.

    Another method is ARCHIVE_NOT_ZIP: what the applicant has to do is the same as for a RAR file, to pack
    the papers again as an ordinary zip.
    """
    if entry.flags & _ENCRYPTED_FLAGS:
        raise refusal(FaultCode.ARCHIVE_ENCRYPTED)
    if entry.method not in {STORED, DEFLATED}:
        method = _METHODS.get(entry.method, f"method {entry.method}")
        raise refusal(FaultCode.ARCHIVE_NOT_ZIP, found=f"ZIP ({method})")
    if stat.S_IFMT(entry.mode) not in _PLAIN_TYPES:
        raise unsafe(Reason.LINK)


def _head(content: Iterator[bytes]) -> bytes:
    head = b""
    for piece in content:
        head += piece
        if len(head) >= HEAD_BYTES:
            break
    return head


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through an upload and the archives in it."""

    budget: Budget
    kept: Kept

    def archive(self, source: Source, directory: Directory, place: _Place) -> Iterator[Member]:
        names = _check_entries(directory)
        self.budget.admit(entry.size for entry in directory.entries)
        starts = check_layout(source, directory)
        for index, (entry, name) in enumerate(zip(directory.entries, names, strict=True)):
            if name.endswith("/") or is_clutter(name):
                continue
            with located(index):
                content = inflate(source, entry, starts[index])
                yield from self._examine(content, entry, place.of(index, shown(name)))

    def _examine(self, content: Iterator[bytes], entry: Entry, place: _Place) -> Iterator[Member]:
        """Read one file to its end; yield it, or the files in it when it is an archive."""
        head = _head(content)
        media = media_of(head)
        name = format_of(head) if media is Media.OTHER else ""
        if media is Media.ZIP:
            head += b"".join(content)
            nested = Source(BytesIO(head))
            directory = read_directory(nested, self.budget.limits)
            if not _is_package(nested, directory):
                yield from self._nested(nested, directory, place)
                return
            media, name = Media.OTHER, _package_format(nested)
        digest = hashlib.sha256(head)
        pieces = [head] if media is not Media.OTHER and self.kept.takes(entry.size) else None
        for piece in content:
            digest.update(piece)
            if pieces is not None:
                pieces.append(piece)
        if pieces is not None:
            self.kept.contents[place.locator] = b"".join(pieces)
        yield Member(place.path, entry.size, media, place.locator, f"sha256:{digest.hexdigest()}", name)

    def _nested(self, source: Source, directory: Directory, place: _Place) -> Iterator[Member]:
        if len(place.locator) > self.budget.limits.depth:
            raise over("depth", self.budget.limits.depth)
        yield from self.archive(source, directory, place)
