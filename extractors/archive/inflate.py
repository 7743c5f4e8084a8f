"""The bytes of one member, counted and checked while they are inflated."""

import zlib
from collections.abc import Iterator

from extractors.archive.records import Entry, Source
from extractors.archive.refusal import Reason, damaged

STORED = 0
DEFLATED = 8

_CHUNK_BYTES = 1 << 16
"""Bytes in memory at a time, compressed and expanded each."""


def inflate(source: Source, entry: Entry, start: int) -> Iterator[bytes]:
    """Yield the member's bytes, whose compressed form starts at `start`.

    Never yields more than the declared size. Raises ArchiveRefused (ARCHIVE_DAMAGED) when the data cannot be
    inflated or size or CRC-32 differ; the last two are known only when the iterator has ended.
    """
    pieces = _stored(source, start, entry.compressed)
    if entry.method == DEFLATED:
        pieces = _inflated(pieces)
    size = crc = 0
    for piece in pieces:
        size += len(piece)
        if size > entry.size:
            break
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != entry.size:
        raise damaged(Reason.SIZE)
    if crc != entry.crc:
        raise damaged(Reason.CHECKSUM)


def _stored(source: Source, start: int, length: int) -> Iterator[bytes]:
    for offset in range(0, length, _CHUNK_BYTES):
        yield source.read(start + offset, min(_CHUNK_BYTES, length - offset))


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in pieces:
            waiting = piece
            while waiting:
                yield inflater.decompress(waiting, _CHUNK_BYTES)
                waiting = inflater.unconsumed_tail or inflater.unused_data
                if inflater.eof and waiting:
                    raise damaged(Reason.SIZE)
        while not inflater.eof and (rest := inflater.decompress(b"", _CHUNK_BYTES)):
            yield rest
    except zlib.error:
        raise damaged(Reason.COMPRESSION) from None
    if not inflater.eof:
        raise damaged(Reason.COMPRESSION)
