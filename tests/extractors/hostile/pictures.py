"""Hostile picture files: heads that claim more pixels than any page has, data that inflates without end."""

import struct
import zlib

from tests.extractors.hostile.deflate import MIB, deflated


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: int) -> bytes:
    """A grey PNG that has fewer rows than it claims."""
    packed = deflated(bytes(width + 1), rows)
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def png_bomb() -> bytes:
    return png(30_000, 30_000, 2_000)


def png_with_a_novel() -> bytes:
    """A PNG whose text is a gigabyte when it is inflated."""
    sound = png(8, 8, 8)
    return sound[:33] + _chunk(b"zTXt", b"Comment\0\0" + deflated(bytes(MIB), 512)) + sound[33:]


def jpeg_bomb() -> bytes:
    """A progressive JPEG head of 65,500 by 65,500 pixels."""
    frame = (
        b"\xff\xc2\x00\x11\x08"
        + struct.pack(">HH", 65_500, 65_500)
        + b"\x03\x01\x22\x00\x02\x11\x00\x03\x11\x00"
    )
    return (
        b"\xff\xd8\xff\xdb\x00\x43\x00"
        + bytes([1]) * 64
        + frame
        + b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x00\x00"
        + bytes(99)
    )


def tiff(side: int, compression: int, data: bytes, following: int = 0) -> bytes:
    """A little-endian grey TIFF of one strip, its directory at byte 8; `following` is the offset of the next one."""
    entries = [
        (256, 4, side),
        (257, 4, side),
        (258, 3, 8),
        (259, 3, compression),
        (262, 3, 1),
        (273, 4, 122),
        (277, 3, 1),
        (278, 4, side),
        (279, 4, len(data)),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", following) + data


def tiff_bomb() -> bytes:
    """A TIFF of a gigapixel, compressed to nothing."""
    return tiff(32_000, 8, deflated(bytes(MIB)))


def tiff_of_endless_pages() -> bytes:
    """A TIFF whose next page is its first."""
    return tiff(8, 1, bytes(64), following=8)


def gif_bomb() -> bytes:
    """A GIF of 65,535 by 65,535 pixels with one code."""
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0)
        + bytes(6)
        + b","
        + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0)
        + b"\x02\x02\x44\x01\x00;"
    )


def bmp_bomb() -> bytes:
    """A BMP of a gigapixel in run lengths."""
    head = struct.pack("<IiiHHIIiiII", 40, 32_000, 32_000, 1, 8, 1, 0, 0, 0, 256, 0)
    return (
        b"BM" + struct.pack("<IHHI", 2000, 0, 0, 54 + 1024) + head + bytes(1024) + b"\xff\x00" * 300 + b"\0\1"
    )


def webp_bomb() -> bytes:
    """A lossless WebP head of 16,383 by 16,383 pixels."""
    bits = (16_382 | 16_382 << 14).to_bytes(4, "little")
    chunk = b"VP8L" + struct.pack("<I", 64) + b"\x2f" + bits + bytes(59)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk
