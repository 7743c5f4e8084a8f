"""The records of a zip file: end record, directory, local headers, data descriptors (PKWARE APPNOTE 6.3.10).

Readers of zip files disagree about files whose records disagree: one trusts the directory, another the
local headers, a third searches for signatures. So the records are judged before anything is read: every byte
of the file belongs to exactly one record, and whatever is said twice is said alike. What holds here looks
the same to every reader.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from extractors.archive.extras import check_pair, check_unicode, read_extra, widened
from extractors.archive.limits import Limits, require
from extractors.archive.refusal import Reason, damaged, located, refusal, unsafe
from extractors.facts import FaultCode

_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<4sIQI")
_CENTRAL = struct.Struct("<4sHHHHIIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHIIIIHH")

_END_SIGNATURE = b"PK\x05\x06"
_END64_SIGNATURE = b"PK\x06\x06"
_LOCATOR64_SIGNATURE = b"PK\x06\x07"
_CENTRAL_SIGNATURE = b"PK\x01\x02"
_LOCAL_SIGNATURE = b"PK\x03\x04"
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"

_COMMENT_BYTES = 0xFFFF
_MAX16 = 0xFFFF
_MAX32 = 0xFFFFFFFF
"""In a 16- or 32-bit field: the value stands in the zip64 record."""

STREAMED = 1 << 3
"""Flag: checksum and sizes follow the data, in a data descriptor."""
_EFFORT_FLAGS = 0b110
"""Flags that say how hard the writer compressed; nothing depends on them."""


class Source:
    """Random access to a file or to bytes in memory; what is not there is a refusal."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, SEEK_END)

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes; raises ArchiveRefused (truncated) where they are not there."""
        if offset + length > self.size:
            raise damaged(Reason.TRUNCATED)
        self._stream.seek(offset)
        data = self._stream.read(length)
        if len(data) != length:
            raise damaged(Reason.TRUNCATED)
        return data


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as the directory has it: sizes in bytes, `mode` the Unix file type and rights or 0."""

    raw_name: bytes
    flags: int
    method: int
    modified: int
    crc: int
    compressed: int
    size: int
    offset: int
    mode: int
    extra: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Directory:
    """The entries in the order of the directory, and the offset at which the directory starts."""

    entries: tuple[Entry, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class _End:
    count: int
    length: int
    offset: int


def has_end_record(source: Source) -> bool:
    """Tell whether there is anything like the end of a zip file."""
    return _END_SIGNATURE in _tail(source)


def read_directory(source: Source, limits: Limits) -> Directory:
    """Read end record and directory; raises ArchiveRefused where they do not hold together."""
    end = _read_end(source)
    require(end.count <= limits.members, "members", limits.members)
    require(end.length <= limits.directory_bytes, "directory_bytes", limits.directory_bytes)
    data = source.read(end.offset, end.length)
    entries, position = [], 0
    for index in range(end.count):
        with located(index):
            entry, position = _read_entry(data, position)
        entries.append(entry)
    if position != len(data):
        raise damaged(Reason.DIRECTORY)
    return Directory(tuple(entries), end.offset)


def _tail(source: Source) -> bytes:
    length = min(source.size, _END.size + _COMMENT_BYTES)
    return source.read(source.size - length, length)


def _read_end(source: Source) -> _End:
    """Read the last end record, after which only zeros may follow, and its zip64 form where there is one."""
    tail = _tail(source)
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END.size:
        raise damaged(Reason.TRUNCATED)
    _, disk, first_disk, count_here, count, length, offset, comment = _END.unpack_from(tail, at)
    after = at + _END.size + comment
    if after > len(tail):
        raise damaged(Reason.TRUNCATED)
    # Zeros are padding: libarchive fills up the last block of what it writes to a pipe.
    if tail[after:].strip(b"\0"):
        raise damaged(Reason.TRAILING_DATA)
    start = source.size - len(tail) + at
    fields: tuple[int, ...] = (disk, first_disk, count_here, count, length, offset)
    wide = _read_end64(source, start)
    if wide is not None:
        start -= _LOCATOR64.size + _END64.size
        fields = _merged_end(fields, wide)
    return _checked_end(fields, start)


def _checked_end(fields: tuple[int, ...], start: int) -> _End:
    disk, first_disk, count_here, count, length, offset = fields
    if disk or first_disk or count_here != count:
        raise refusal(FaultCode.ARCHIVE_NOT_ZIP, found="split ZIP")
    if offset + length != start:
        raise damaged(Reason.DIRECTORY)
    return _End(count, length, offset)


def _read_end64(source: Source, start: int) -> tuple[int, ...] | None:
    """Return the fields of the zip64 end record before `start`, None where there is no locator of one."""
    place = start - _LOCATOR64.size
    if place < 0:
        return None
    signature, disk, offset, disks = _LOCATOR64.unpack(source.read(place, _LOCATOR64.size))
    if signature != _LOCATOR64_SIGNATURE:
        return None
    if disk or disks != 1 or offset + _END64.size != place:
        raise damaged(Reason.DIRECTORY)
    signature, size, _, _, *fields = _END64.unpack(source.read(offset, _END64.size))
    # A longer record holds vendor data or an encrypted directory, which readers see differently.
    if signature != _END64_SIGNATURE or size != _END64.size - 12:
        raise damaged(Reason.DIRECTORY)
    return tuple(fields)


def _merged_end(fields: tuple[int, ...], wide: tuple[int, ...]) -> tuple[int, ...]:
    for value, most, wide_value in zip(fields, (_MAX16,) * 4 + (_MAX32,) * 2, wide, strict=True):
        if value not in {most, wide_value}:
            raise damaged(Reason.DIRECTORY)
    return wide


def _read_entry(data: bytes, position: int) -> tuple[Entry, int]:
    """Read the directory entry at `position`; return it and the position after it."""
    if len(data) - position < _CENTRAL.size:
        raise damaged(Reason.DIRECTORY)
    fields = _CENTRAL.unpack_from(data, position)
    signature, _, _, flags, method, modified, crc, compressed, size = fields[:9]
    name_length, extra_length, comment_length, disk, _, attributes, offset = fields[9:]
    name_end = position + _CENTRAL.size + name_length
    extra_end = name_end + extra_length
    end = extra_end + comment_length
    if signature != _CENTRAL_SIGNATURE or end > len(data) or disk not in {0, _MAX16}:
        raise damaged(Reason.DIRECTORY)
    extra = read_extra(data[name_end:extra_end])
    size, compressed, offset = widened(extra, (size, compressed, offset))
    raw_name = data[name_end - name_length : name_end]
    check_unicode(extra, raw_name, data[extra_end:end])
    mode = attributes >> 16
    return Entry(raw_name, flags, method, modified, crc, compressed, size, offset, mode, extra), end


def check_layout(source: Source, directory: Directory) -> Mapping[int, int]:
    """Check that local headers agree with the directory and that records tile the file up to the directory.

    Return, for each index, where its data start. Raises ArchiveRefused.
    """
    if min((entry.offset for entry in directory.entries), default=directory.offset):
        raise unsafe(Reason.GAP)
    starts = {}
    for index, end in _rooms(directory):
        with located(index):
            starts[index] = check_member(source, directory.entries[index], end)
    return starts


def _rooms(directory: Directory) -> Iterator[tuple[int, int]]:
    """Yield the indexes in order of place, each with the offset of what follows it."""
    order = sorted(range(len(directory.entries)), key=lambda index: directory.entries[index].offset)
    ends = [directory.entries[index].offset for index in order[1:]]
    yield from zip(order, [*ends, directory.offset], strict=False)


def room_of(directory: Directory, index: int) -> int:
    """Return the offset of the record that follows the member `index`."""
    return dict(_rooms(directory))[index]


def check_member(source: Source, entry: Entry, end: int) -> int:
    """Check one member's own records, which must fill the room up to `end`; return where its data start."""
    fields = _LOCAL.unpack(source.read(entry.offset, _LOCAL.size))
    signature, _, flags, method, modified, crc, compressed, size, name_length, extra_length = fields
    if signature != _LOCAL_SIGNATURE:
        raise damaged(Reason.LOCAL_HEADER)
    variable = source.read(entry.offset + _LOCAL.size, name_length + extra_length)
    extra = read_extra(variable[name_length:])
    size, compressed = widened(extra, (size, compressed))
    same = (
        variable[:name_length] == entry.raw_name
        and method == entry.method
        and modified == entry.modified
        and not (flags ^ entry.flags) & ~_EFFORT_FLAGS
        and _agree(entry, (crc, compressed, size))
    )
    if not same:
        raise unsafe(Reason.DISAGREEMENT)
    check_pair(entry.extra, extra)
    start = entry.offset + _LOCAL.size + len(variable)
    _check_end(source, entry, start + entry.compressed, end)
    return start


def _agree(entry: Entry, local: tuple[int, int, int]) -> bool:
    """Tell whether checksum and sizes are the directory's; before a data descriptor they may be left 0."""
    central = (entry.crc, entry.compressed, entry.size)
    if not entry.flags & STREAMED:
        return local == central
    return all(here in {0, there} for here, there in zip(local, central, strict=True))


def _check_end(source: Source, entry: Entry, data_end: int, end: int) -> None:
    if data_end > end:
        raise unsafe(Reason.OVERLAP)
    if not entry.flags & STREAMED:
        if data_end < end:
            raise unsafe(Reason.GAP)
    elif end - data_end > len(_DESCRIPTOR_SIGNATURE) + 20:
        raise unsafe(Reason.GAP)
    elif source.read(data_end, end - data_end) not in _descriptors(entry):
        raise unsafe(Reason.DISAGREEMENT)


def _descriptors(entry: Entry) -> Iterator[bytes]:
    """Yield the forms that a data descriptor can have: with and without signature, 32- and 64-bit sizes."""
    for sizes in ("II", "QQ"):
        if sizes == "QQ" or max(entry.compressed, entry.size) <= _MAX32:
            body = struct.pack(f"<I{sizes}", entry.crc, entry.compressed, entry.size)
            yield body
            yield _DESCRIPTOR_SIGNATURE + body
