"""What bytes are, by their content."""

from typing import Any

import filetype

from extractors.facts import Media

_filetype: Any = filetype  # the library has no types

HEAD_BYTES = 1024
"""Bytes that are looked at: readers accept `%PDF-` anywhere in the first kilobyte."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SPLIT_ZIP = (b"PK\x07\x08", b"PK00PK")
_PACKED = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"MSCF",
    b"\x28\xb5\x2f\xfd",
)
"""Archives of other kinds: RAR, 7z, gzip, bzip2, xz, CAB, Zstandard. A paper stored in one shows its own head."""
_IMAGES = frozenset({"jpg", "png", "apng", "tif", "webp", "gif", "bmp", "heic"})
_BITMAP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_FORMATS = {"7z": "7z", "gz": "gzip", "apng": "PNG", "tif": "TIFF", "jpg": "JPEG"}
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")


def media_of(data: bytes) -> Media:
    """Return the kind of a document from its bytes, of which the first kilobyte is enough.

    Office files are `Media.ZIP` here; only a look into their directory tells.
    """
    head = data[:HEAD_BYTES]
    if head.startswith(_ZIP):
        return Media.ZIP
    if _is_image(head):
        return Media.IMAGE
    if head.startswith(_PACKED):
        return Media.OTHER
    if data.find(b"%PDF-", 0, HEAD_BYTES + 4) >= 0:
        return Media.PDF
    return Media.OTHER


def _is_image(head: bytes) -> bool:
    kind = _filetype.image_match(head)
    if kind is None or kind.extension not in _IMAGES:
        return False
    # The library takes any file that starts with "BM" for a bitmap.
    return kind.extension != "bmp" or int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS


def format_of(data: bytes) -> str:
    """Return the name that people know a format by, such as "RAR", "PDF" or "HTML"; "unknown" if not known."""
    head = data[:HEAD_BYTES]
    if not head:
        return "empty file"
    if head.startswith(_SPLIT_ZIP):
        return "split ZIP"
    if media_of(head) is Media.PDF:
        return "PDF"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
        return "HTML"
    kind = _filetype.guess(head)
    return _FORMATS.get(kind.extension, kind.extension.upper()) if kind else "unknown"


def is_open_document(head: bytes) -> bool:
    """Tell whether a zip is an OpenDocument or EPUB file, whose first member says its type."""
    return head[30:50] == b"mimetypeapplication/"
