"""Zip files record by record, so that each field can be made to lie."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from extractors.archive import ArchiveRefused, Limits, walk

Upload = Callable[[bytes], Path]

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20)

UTF8 = 1 << 11
STREAMED = 1 << 3

LINK = 0o120777
DEVICE = 0o060600


@dataclass
class Item:
    """One member; `local` and `central` replace fields of the one or the other record.

    Fields: name, flags, method, modified, crc, compressed, size, extra, mode, offset, disk, comment.
    `descriptor` stands after the data, `gap` before the local header; `absent` leaves the directory entry alone.
    """

    name: bytes = b"paper.pdf"
    data: bytes = PDF
    method: int = 8
    flags: int = 0
    extra: bytes = b""
    mode: int = 0o100644
    packed: bytes | None = None
    descriptor: bytes = b""
    gap: bytes = b""
    absent: bool = False
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.data) if self.method == 8 else self.data

    def fields(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "modified": 0x5A21_6C48,
            "crc": zlib.crc32(self.data),
            "compressed": len(self.body),
            "size": len(self.data),
            "extra": self.extra,
            "mode": self.mode,
            "disk": 0,
            "comment": b"",
        }


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def descriptor(item: Item, *, signature: bool = True, wide: bool = False) -> bytes:
    sizes = struct.pack("<IQQ" if wide else "<III", zlib.crc32(item.data), len(item.body), len(item.data))
    return (b"PK\x07\x08" if signature else b"") + sizes


def extra_field(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, len(value)) + value


def unicode_path(raw: bytes, name: str) -> bytes:
    return extra_field(0x7075, b"\x01" + struct.pack("<I", zlib.crc32(raw)) + name.encode())


def unicode_comment(raw: bytes, comment: str) -> bytes:
    return extra_field(0x6375, b"\x01" + struct.pack("<I", zlib.crc32(raw)) + comment.encode())


def local_record(f: dict[str, Any]) -> bytes:
    numbers = (20, f["flags"], f["method"], f["modified"], f["crc"], f["compressed"], f["size"])
    head = struct.pack("<4sHHHIIIIHH", b"PK\x03\x04", *numbers, len(f["name"]), len(f["extra"]))
    return head + bytes(f["name"]) + bytes(f["extra"])


def central_record(f: dict[str, Any]) -> bytes:
    numbers = (0x0314, 20, f["flags"], f["method"], f["modified"], f["crc"], f["compressed"], f["size"])
    lengths = (len(f["name"]), len(f["extra"]), len(f["comment"]))
    rest = (f["disk"], 0, f["mode"] << 16, f["offset"])
    head = struct.pack("<4sHHHHIIIIHHHHHII", b"PK\x01\x02", *numbers, *lengths, *rest)
    return head + bytes(f["name"]) + bytes(f["extra"]) + bytes(f["comment"])


def build(items: Iterable[Item], *, comment: bytes = b"", before_end: bytes = b"", **end: int) -> bytes:
    """Build an archive; `end` replaces disk, first_disk, here, count, length or offset of the end record."""
    data, directory, count = b"", b"", 0
    for item in items:
        data += item.gap
        central = {"offset": len(data)} | item.fields() | item.central
        if not item.absent:
            data += local_record(item.fields() | item.local) + item.body + item.descriptor
        directory += central_record(central)
        count += 1
    fields = {"disk": 0, "first_disk": 0, "here": count, "count": count} | {
        "length": len(directory),
        "offset": len(data),
    }
    fields |= end
    numbers = [fields[key] for key in ("disk", "first_disk", "here", "count", "length", "offset")]
    end_record = struct.pack("<4sHHHHIIH", b"PK\x05\x06", *numbers, len(comment)) + comment
    return data + directory + before_end + end_record


def zip_of(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Build a sound archive as Python writes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def refused(path: Path, limits: Limits | None = None) -> dict[str, Any]:
    """Return code and facts of the refusal of an upload."""
    with pytest.raises(ArchiveRefused) as caught:
        walk(path, limits)
    return {"code": caught.value.fault.code.value, **caught.value.fault.facts}


def paths(path: Path) -> list[str]:
    """Return the paths of the members of an upload."""
    return [member.path for member in walk(path)]
