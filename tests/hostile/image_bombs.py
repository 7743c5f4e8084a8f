"""More picture files that are bombs, beside those of `tests.extractors.hostile.pictures`. All of them are generated."""

import struct
import zlib

from tests.extractors.hostile.deflate import MIB, deflated

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def head(width: int, height: int, depth: int = 8, colour: int = 0, interlaced: int = 0) -> bytes:
    """Return the beginning of a PNG."""
    return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def png_as_wide_as_may_be() -> bytes:
    """A line of two billion pixels."""
    return head(0x7FFFFFFF, 1) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


def png_just_below_the_limit() -> bytes:
    """The most pixels that are decoded, in four colours of sixteen bits, interlaced."""
    return head(9_400, 9_400, 16, 6, 1) + chunk(b"IDAT", deflated(bytes(MIB), 690)) + chunk(b"IEND", b"")


def png_of_a_million_chunks() -> bytes:
    pieces = chunk(b"tEXt", b"k\0v") * 1_000_000
    return head(8, 8) + pieces + chunk(b"IDAT", zlib.compress(bytes(72))) + chunk(b"IEND", b"")


def png_whose_chunk_is_longer_than_the_file() -> bytes:
    return head(8, 8) + struct.pack(">I", 0x7FFFFFFF) + b"IDAT" + zlib.compress(bytes(72))


def png_with_a_profile_that_inflates() -> bytes:
    profile = chunk(b"iCCP", b"p\0\0" + deflated(bytes(MIB), 512))
    return head(8, 8) + profile + chunk(b"IDAT", zlib.compress(bytes(72))) + chunk(b"IEND", b"")


def png_that_moves_for_ever() -> bytes:
    """An animation that says that it has four billion pictures."""
    control = chunk(b"acTL", struct.pack(">II", 0xFFFFFFFF, 0))
    return head(8, 8) + control + chunk(b"IDAT", zlib.compress(bytes(72))) + chunk(b"IEND", b"")


def gif_of_a_hundred_thousand_pictures() -> bytes:
    start = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    picture = b"\x21\xf9\x04\x08\0\0\0\0," + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\x02\x02\x44\x01\x00"
    return start + picture * 100_000 + b";"


def gif_whose_picture_is_larger_than_its_screen() -> bytes:
    start = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    return start + b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x44\x01\x00;"


def _tiff(entries: list[tuple[int, int, int, int]], data: bytes = b"") -> bytes:
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", 0) + data


def tiff_with_four_billion_values() -> bytes:
    """A tag that says that it holds four billion numbers."""
    return _tiff([(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 0xFFFFFFFF, 8), (273, 4, 0xFFFFFFFF, 8)])


def tiff_of_a_million_tags() -> bytes:
    return _tiff([(256, 4, 1, 8), (257, 4, 1, 8), *[(700, 1, 4, 8)] * 65_000])


def tiff_of_giant_tiles() -> bytes:
    """A picture of eight pixels in a tile of sixteen gigapixels."""
    sides = [(322, 4, 1, 131_072), (323, 4, 1, 131_072), (324, 4, 1, 8), (325, 4, 1, 99)]
    about = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 5), (262, 3, 1, 1), (277, 3, 1, 1)]
    return _tiff(about + sides, bytes(99))


def tiff_whose_directories_point_at_each_other() -> bytes:
    first = struct.pack("<H", 1) + struct.pack("<HHII", 256, 4, 1, 8) + struct.pack("<I", 26)
    second = struct.pack("<H", 1) + struct.pack("<HHII", 34665, 4, 1, 8) + struct.pack("<I", 8)
    return b"II*\0" + struct.pack("<I", 8) + first + second


def _jpeg(width: int, height: int, components: bytes, rest: bytes) -> bytes:
    tables = b"\xff\xdb\x00\x43\x00" + bytes([1]) * 64
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 8 + len(components), 8, height, width, len(components) // 3)
    return b"\xff\xd8" + tables + frame + components + rest


def jpeg_of_ten_thousand_scans() -> bytes:
    """A progressive JPEG of 25 megapixels whose every scan goes over all of it for nothing."""
    huffman = (
        b"\xff\xc4\x00\x14\x00\x01" + bytes(15) + b"\x00" + b"\xff\xc4\x00\x14\x10\x01" + bytes(15) + b"\x00"
    )
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x01" + b"\x00"
    return _jpeg(5_000, 5_000, b"\x01\x11\x00", huffman + scan * 10_000 + b"\xff\xd9")


def jpeg_with_a_turn_in_a_loop() -> bytes:
    """EXIF data whose directory names itself as the one with the details."""
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2)
    exif += struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<HHII", 0x0112, 3, 0xFFFFFFFF, 6)
    exif += struct.pack("<I", 8)
    application = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    return (
        b"\xff\xd8"
        + application
        + _jpeg(8, 8, b"\x01\x11\x00", b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(99))[2:]
    )


def webp_that_moves_for_ever() -> bytes:
    """An animation on a canvas of 16 million by 16 million pixels."""
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\xff\xff\xff" * 2
    motion = b"ANIM" + struct.pack("<I", 6) + bytes(6)
    frames = (b"ANMF" + struct.pack("<I", 16) + bytes(16)) * 10_000
    body = b"WEBP" + canvas + motion + frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


def heic_of_boxes_in_boxes() -> bytes:
    """An HEIC file of boxes fifty thousand deep, the innermost of which is as long as may be."""
    inner = b"\xff\xff\xff\xffmdat"
    for _ in range(50_000):
        inner = struct.pack(">I", min(len(inner) + 8, 0xFFFFFFFF)) + b"meta" + inner
        if len(inner) > 400_000:
            break
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"heicmif1" + inner


def bmp_with_a_negative_side() -> bytes:
    about = struct.pack("<IiiHHIIiiII", 40, -0x7FFFFFFF, -0x80000000, 1, 32, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 200, 0, 0, 54) + about + bytes(146)


def postscript_that_runs() -> bytes:
    """PostScript under the name of a picture: Pillow would hand it to a program of the machine."""
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/bin/sh) (r) file deletefile showpage\n%%EOF"
