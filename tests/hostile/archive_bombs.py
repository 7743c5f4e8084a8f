"""Archives that are bombs: small files whose walk would cost hours, gigabytes or disks. All of them are generated."""

import struct
import zlib
from collections.abc import Sequence

from tests.extractors.archive.zips import (
    PDF,
    Item,
    build,
    central_record,
    deflated,
    extra_field,
    local_record,
    zip_of,
)

MIB = 1 << 20
KERNEL = PDF + bytes(4000)
"""What bombs hold that are to be refused for their records, and not for what they would come to."""


def one_kernel_for_many() -> bytes:
    """Two thousand entries that all name one member: every entry overlaps every other."""
    kernel = Item(b"0.pdf", KERNEL)
    names = (b"%d.pdf" % number for number in range(1, 1999))
    return build([kernel, *(Item(name, kernel.data, absent=True, central={"offset": 0}) for name in names)])


def quoted_headers(count: int = 250) -> bytes:
    """Members that each hold the next one's header as a stored block of their own data, down to one common kernel.

    Every record agrees with its twin, every checksum holds, and each member inflates to all that follow it.
    """
    body, plain = deflated(KERNEL), KERNEL
    bodies = [(body, plain)]
    for number in range(count - 1, 0, -1):
        head = local_record(_fields(b"%d.pdf" % number, plain, len(body)))
        quote = b"\x00" + struct.pack("<HH", len(head), len(head) ^ 0xFFFF) + head
        body, plain = quote + body, head + plain
        bodies.append((body, plain))
    return _nested_in_one_another(bodies[::-1])


def _nested_in_one_another(layers: Sequence[tuple[bytes, bytes]]) -> bytes:
    data, directory, offset = b"", b"", 0
    for number, (body, plain) in enumerate(layers):
        fields = _fields(b"%d.pdf" % number, plain, len(body)) | {"offset": offset}
        head = local_record(fields)
        data = head + body if number == 0 else data
        directory += central_record(fields)
        offset += len(head) + 5  # the stored block that quotes the next header
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, *[len(layers)] * 2, len(directory), len(data), 0)
    return data + directory + end


def _fields(name: bytes, plain: bytes, compressed: int) -> dict[str, object]:
    return Item(name, b"").fields() | {
        "crc": zlib.crc32(plain),
        "compressed": compressed,
        "size": len(plain),
    }


def sixteen_of_sixteen(depth: int = 5) -> bytes:
    """Sixteen archives in each of sixteen archives, five deep, with a megabyte of zeros in the last of them."""
    inner = zip_of({"0.pdf": PDF + bytes(MIB)})
    for _ in range(depth):
        inner = zip_of({f"{number}.zip": inner for number in range(16)})
    return inner


def million_to_one() -> bytes:
    """Zeros in deflate in deflate: a nested archive that itself compresses a thousandfold."""
    return zip_of({"a.zip": zip_of({"0.pdf": PDF + bytes(64 * MIB)}, 0)})


def ten_gigabytes_declared() -> bytes:
    """A member whose zip64 sizes are ten gigabytes, with a few bytes behind them."""
    size = 10 << 30
    sizes = extra_field(1, struct.pack("<QQ", size, len(deflated(PDF))))
    full = {"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF, "extra": sizes}
    return build([Item(local=full, central=full)])


def terabytes_in_many() -> bytes:
    """A thousand members that each declare just less than the largest size without zip64."""
    lie = {"size": 0xFFFFFFFE}
    return build([Item(b"%d.pdf" % number, local=lie, central=lie) for number in range(1000)])


def million_entries() -> bytes:
    """A zip64 archive that says that it has a million entries, and holds the directory of one."""
    whole = build([Item()])
    end = whole.rindex(b"PK\x05\x06")
    length, offset = struct.unpack("<II", whole[end + 12 : end + 20])
    many = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, *[10**6] * 2, length, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    full = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return whole[:end] + many + locator + full


def many_small_entries() -> bytes:
    """Fifteen thousand empty members."""
    return build([Item(b"%d" % number, b"", method=0) for number in range(15_000)])


def directory_that_is_all() -> bytes:
    """Entries with the longest names and extra fields that there are: nothing but directory."""
    return build(
        [
            Item(b"%05d" % number + b"n" * 60_000, extra=extra_field(9, bytes(60_000)), method=0)
            for number in range(40)
        ]
    )


def end_records_in_a_row() -> bytes:
    """A comment of the largest size that is itself full of end records."""
    fake = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, 46, 0, 0)
    return build([Item()], comment=fake * (65_535 // len(fake)))


def itself_again() -> bytes:
    """An archive whose only member begins where the archive does: who opens it opens it again."""
    item = Item(b"a.zip", b"", method=0)
    whole = build([item])
    for _ in range(4):
        item = Item(b"a.zip", whole, method=0)
        whole = build([item])
    return build([Item(b"a.zip", whole, method=0, local={"size": 0, "compressed": 0, "crc": 0})])


def streamed_without_end() -> bytes:
    """A streamed member whose sizes are nowhere: its data are as long as somebody reads."""
    return build([Item(data=PDF + bytes(64 * MIB), flags=8, local={"size": 0, "compressed": 0, "crc": 0})])
