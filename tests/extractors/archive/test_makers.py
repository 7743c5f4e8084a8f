"""Archives as the programs that people use make them: each is read, whatever is odd about its records."""

import io
import struct
import unicodedata
import zipfile
from collections.abc import Callable

import pytest

from tests.extractors.archive.zips import (
    PDF,
    STREAMED,
    UTF8,
    Item,
    Upload,
    build,
    deflated,
    descriptor,
    extra_field,
    paths,
    unicode_path,
)

NAME = "Hizmet Dökümü ŞÜKRÜ.pdf"
EMPTY_DEFLATED = deflated(b"")
NTFS_TIMES = extra_field(0x000A, bytes(4) + struct.pack("<HH", 1, 24) + bytes(24))
LOCAL_TIMES = extra_field(0x5455, b"\x07" + bytes(12))
CENTRAL_TIMES = extra_field(0x5455, b"\x07" + bytes(4))


def streamed(item: Item, **left: int) -> Item:
    """Put the sizes after the data; those that are not `left` are 0 in the local header."""
    item.flags |= STREAMED
    item.local |= {"crc": 0, "compressed": 0, "size": 0} | left
    item.descriptor = descriptor(item)
    return item


def windows() -> bytes:
    """Windows Explorer: the code page of DOS, a folder of its own, DOS attributes alone."""
    folder = Item("Başvuru/".encode("cp857"), b"", method=0, mode=0)
    return build([folder, Item(f"Başvuru/{NAME}".encode("cp857"), mode=0)])


def onedrive() -> bytes:
    """Windows, of a folder that OneDrive keeps: its attributes reach into the bits of Unix modes."""
    return build([Item(NAME.encode("cp857"), mode=0x0050)])


def seven_zip() -> bytes:
    """7-Zip: UTF-8 with its flag, time stamps in the directory alone."""
    return build([Item(NAME.encode(), flags=UTF8, central={"extra": NTFS_TIMES})])


def winrar() -> bytes:
    """WinRAR: the name in the code page, and in UTF-8 in both records."""
    raw = NAME.encode("cp857")
    return build([Item(raw, extra=unicode_path(raw, NAME), mode=0)])


def macos() -> bytes:
    """macOS: decomposed UTF-8 without its flag, sizes after the data but one, twins with attributes."""
    raw = unicodedata.normalize("NFD", NAME).encode()
    owner = {"extra": extra_field(0x5855, bytes(12))}
    paper = Item(raw, local=dict(owner), central={"extra": extra_field(0x5855, bytes(8))})
    twin = Item(b"__MACOSX/._" + raw, b"\x00\x05\x16\x07" + bytes(100), local=dict(owner))
    store = Item(b".DS_Store", b"\x00\x00\x00\x01Bud1" + bytes(64))
    return build([streamed(paper, compressed=len(paper.body)), streamed(twin), streamed(store)])


def android() -> bytes:
    """Java, on telephones: everything streamed, folders deflated to two bytes, a folder for each file."""
    folders = [streamed(Item("Başvuru/".encode(), b"", packed=EMPTY_DEFLATED, flags=UTF8)) for _ in "12"]
    return build([folders[0], folders[1], streamed(Item(f"Başvuru/{NAME}".encode(), flags=UTF8))])


def info_zip() -> bytes:
    """Info-ZIP: owner and times in both records, of different length; an archive comment."""
    owner = extra_field(0x7875, bytes(11))
    item = Item(NAME.encode(), flags=UTF8)
    item.local["extra"], item.central["extra"] = LOCAL_TIMES + owner, CENTRAL_TIMES + owner
    return build([item], comment="Başvuru belgeleri".encode())


def info_zip_from_a_pipe() -> bytes:
    """Info-ZIP from standard input: a member that is called a pipe, with full zip64 sizes."""
    item = Item(b"-", mode=0o010600)
    sizes = extra_field(1, struct.pack("<QQ", len(item.data), len(item.body)))
    item.local |= {"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": sizes}
    return build([item])


def libarchive() -> bytes:
    """Libarchive to a pipe: the last block is filled up with zeros."""
    return build([streamed(Item(NAME.encode(), flags=UTF8))]) + bytes(10_000)


def net_framework() -> bytes:
    """Old .NET: backslashes."""
    return build([Item(b"belgeler\\", b"", method=0), Item(f"belgeler\\{NAME}".encode(), flags=UTF8)])


def zip64() -> bytes:
    """A small archive with zip64 end records, as some writers always make it."""
    item = Item(NAME.encode(), flags=UTF8)
    plain = build([item])
    length, offset = struct.unpack_from("<II", plain, len(plain) - 10)
    end = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, length, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + length, 1)
    return build([item], before_end=end + locator)


class _Pipe(io.BytesIO):
    """A stream that cannot be sought."""

    def tell(self) -> int:
        raise io.UnsupportedOperation


def python_to_a_pipe() -> bytes:
    """Python's zipfile to a stream that cannot be sought."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("belgeler/", b"")
        archive.writestr(NAME, PDF)
    return pipe.getvalue()


MAKERS = (
    windows,
    onedrive,
    seven_zip,
    winrar,
    macos,
    android,
    info_zip,
    info_zip_from_a_pipe,
    libarchive,
    net_framework,
    zip64,
    python_to_a_pipe,
)


@pytest.mark.parametrize("maker", MAKERS)
def test_an_archive_of_a_common_program_is_read(upload: Upload, maker: Callable[[], bytes]) -> None:
    (path,) = paths(upload(maker()))
    assert path.rpartition("/")[2] == ("-" if maker is info_zip_from_a_pipe else NAME)
