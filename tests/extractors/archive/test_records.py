"""Archives whose records deceive or are damaged: refused, each with its code and reason."""

import io
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.archive import ArchiveRefused, read_member, walk
from tests.extractors.archive.zips import (
    DEVICE,
    LINK,
    PDF,
    PNG,
    STREAMED,
    UTF8,
    Item,
    Upload,
    build,
    deflated,
    descriptor,
    extra_field,
    refused,
    unicode_comment,
    unicode_path,
    zip_of,
)


def lying(**fields: Any) -> Item:
    return Item(local=fields)


UNSAFE = {
    "name": (build([lying(name=b"other.pdf")]), "disagreement"),
    "method": (build([lying(method=0)]), "disagreement"),
    "flags": (build([lying(flags=UTF8)]), "disagreement"),
    "streamed by one record alone": (build([lying(flags=STREAMED)]), "disagreement"),
    "date": (build([lying(modified=1)]), "disagreement"),
    "checksum": (build([lying(crc=1)]), "disagreement"),
    "size": (build([lying(size=1)]), "disagreement"),
    "compressed size": (build([lying(compressed=1)]), "disagreement"),
    "unicode path": (
        build(
            [Item(local={"extra": unicode_path(b"paper.pdf", "a")}, extra=unicode_path(b"paper.pdf", "b"))]
        ),
        "disagreement",
    ),
    "zip64 sizes beside other sizes": (
        build([lying(extra=extra_field(1, struct.pack("<QQ", 1, 1)))]),
        "disagreement",
    ),
    "two names, neither in need of a code page": (
        build([Item(extra=unicode_path(b"paper.pdf", "other.pdf"))]),
        "disagreement",
    ),
    "two comments": (
        build([Item(central={"comment": b"a", "extra": unicode_comment(b"a", "b")})]),
        "disagreement",
    ),
    "a comment that is not there": (
        build([Item(central={"comment": b"a", "extra": unicode_comment(b"x", "ş")})]),
        "disagreement",
    ),
    "an unknown field in one record alone": (
        build([lying(extra=extra_field(0x5355, bytes(9)))]),
        "disagreement",
    ),
    "a field of nothing in one record alone": (build([lying(extra=bytes(4))]), "disagreement"),
    "descriptor": (build([Item(flags=STREAMED, descriptor=bytes(16))]), "disagreement"),
    "no descriptor": (build([Item(flags=STREAMED)]), "disagreement"),
    "bytes between members": (build([Item(), Item(b"b.pdf", gap=b"X")]), "gap"),
    "bytes between streamed members": (
        build([Item(flags=STREAMED, descriptor=descriptor(Item())), Item(b"b.pdf", gap=b"X" * 30)]),
        "gap",
    ),
    "bytes before the first member": (build([Item(gap=b"#!/bin/sh\n")]), "gap"),
    "a member that the directory leaves out": (
        build([Item(b"b.pdf", gap=build([Item()])[: -22 - 46 - 9])]),
        "gap",
    ),
    "bytes before an empty directory": (build([], offset=4).replace(b"PK", b"XXXXPK", 1), "gap"),
    "two entries for one member": (
        build([Item(), Item(b"b.pdf", absent=True, central={"offset": 0})]),
        "overlap",
    ),
    "link": (build([Item(mode=LINK)]), "link"),
    "device": (build([Item(mode=DEVICE)]), "link"),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_records_that_deceive_are_unsafe(upload: Upload, what: str) -> None:
    data, reason = UNSAFE[what]
    facts = refused(upload(data))
    assert (facts["code"], facts["reason"]) == ("ARCHIVE_UNSAFE", reason)


def test_a_member_quoted_in_another_is_unsafe(upload: Upload) -> None:
    inner = Item(b"b.pdf", PDF * 9)
    quoting = Item(b"a", build([inner])[: -22 - 46 - 5], method=0)
    inner.absent, inner.central = True, {"offset": 30 + 1}
    data = build([quoting, inner])
    with zipfile.ZipFile(io.BytesIO(data)) as reader:
        assert reader.read("b.pdf") == PDF * 9  # a reader that does not judge gives both
    assert refused(upload(data)) == {"code": "ARCHIVE_UNSAFE", "reason": "overlap", "member": "1"}


def packed(packing: bytes, **fields: Any) -> bytes:
    return build([Item(packed=packing, **fields)])


DAMAGED = {
    "checksum": (build([Item(local={"crc": 1}, central={"crc": 1})]), "checksum"),
    "shorter than declared": (build([Item(local={"size": 999}, central={"size": 999})]), "size"),
    "longer than declared": (build([Item(local={"size": 9}, central={"size": 9})]), "size"),
    "stored, another size": (build([Item(method=0, local={"size": 9}, central={"size": 9})]), "size"),
    "bytes after the compressed data": (packed(deflated(PDF) + b"hidden"), "size"),
    "compressed data cut": (packed(deflated(PDF)[:-3]), "compression"),
    "no compressed data": (packed(b""), "compression"),
    "noise": (packed(b"\xff" * 50), "compression"),
    "extra field cut": (build([Item(extra=b"UT\x09\x00\x03")]), "extra_field"),
    "extra field of two bytes": (build([Item(extra=b"\xff\xff")]), "extra_field"),
    "two unicode paths": (build([Item(extra=unicode_path(b"paper.pdf", "a") * 2)]), "extra_field"),
    "zip64 field too short": (
        build([Item(extra=extra_field(1, b""), central={"size": 0xFFFFFFFF})]),
        "extra_field",
    ),
    "no local header": (build([Item()]).replace(b"PK\x03\x04", b"PK\x03\x09"), "local_header"),
    "bytes before the end record": (build([Item()], before_end=b"X"), "directory"),
    "directory elsewhere": (build([Item()], offset=3), "directory"),
    "directory longer": (build([Item(), Item(b"b")], count=1, here=1), "directory"),
    "directory shorter": (build([Item()], count=2, here=2), "directory"),
    "an archive in the comment": (build([Item()], comment=build([Item(b"b.pdf")])), "directory"),
    "half an archive in the comment": (build([Item()], comment=b"PK\x05\x06" + bytes(40)), "directory"),
    "bytes after the end": (build([Item()]) + b"\n", "trailing_data"),
    "bytes after padding": (build([Item()]) + bytes(9) + b" ", "trailing_data"),
    "the comment cut": (build([Item()], comment=b"comment")[:-1], "truncated"),
    "the end cut": (build([Item()])[:-1], "truncated"),
    "half of it": (build([Item()])[:60], "truncated"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_damage_is_told_by_its_reason(upload: Upload, what: str) -> None:
    data, reason = DAMAGED[what]
    facts = refused(upload(data))
    assert (facts["code"], facts["reason"]) == ("ARCHIVE_DAMAGED", reason)


def test_damage_of_a_nested_archive_says_where(upload: Upload) -> None:
    data = zip_of({"a.pdf": PDF, "n.zip": zip_of({"b.pdf": PDF, "c.zip": DAMAGED["checksum"][0]})})
    assert refused(upload(data)) == {"code": "ARCHIVE_DAMAGED", "reason": "checksum", "member": "2/2/1"}


def test_a_refusal_shows_no_name_of_a_member(upload: Upload) -> None:
    with pytest.raises(ArchiveRefused) as caught:
        walk(upload(build([Item(b"../10000000146_iseGiris.pdf")])))
    assert "10000000146" not in f"{caught.value} {caught.value!r}"


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage_gives_members_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    streamed = Item(b"s.png", PNG, flags=STREAMED)
    streamed.descriptor = descriptor(streamed)
    nested = Item(b"n.zip", zip_of({"x.pdf": PDF}), method=0)
    sound = build([Item(extra=unicode_path(b"paper.pdf", "kağıt.pdf")), streamed, nested], comment=b"!")
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        cut = data.draw(st.integers(0, 6))
        damaged[place : place + cut] = data.draw(st.binary(max_size=6))
        if not damaged:
            break
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(damaged)
    try:
        members = walk(path)
    except ArchiveRefused:
        return
    for member in members:
        assert len(read_member(path, member.locator)) == member.size
