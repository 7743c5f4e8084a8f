"""Kinds and formats by content."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.archive import format_of, media_of
from extractors.facts import Media
from tests.extractors.archive.zips import (
    PDF,
    PNG,
)

BMP = b"BM" + bytes(12) + struct.pack("<I", 40) + bytes(40)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(20)


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (PDF, Media.PDF),
        (b"junk\n" * 100 + PDF, Media.PDF),
        (b" " * 1019 + PDF, Media.PDF),
        (b" " * 1024 + PDF, Media.OTHER),
        (PNG, Media.IMAGE),
        (b"\xff\xd8\xff\xe1" + bytes(50), Media.IMAGE),
        (b"II*\x00" + bytes(50), Media.IMAGE),
        (b"MM\x00*" + bytes(50), Media.IMAGE),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(50), Media.IMAGE),
        (b"GIF89a" + bytes(50), Media.IMAGE),
        (BMP, Media.IMAGE),
        (b"BMW 320i", Media.OTHER),
        (HEIC, Media.IMAGE),
        (b"PK\x03\x04" + PDF, Media.ZIP),
        (b"<html>", Media.OTHER),
        (b"", Media.OTHER),
    ],
)
def test_the_kind_is_told_by_content(data: bytes, media: Media) -> None:
    assert media_of(data) is media


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_every_sequence_of_bytes_has_a_kind_and_a_format(data: bytes) -> None:
    assert isinstance(media_of(data), Media)
    assert format_of(data)
