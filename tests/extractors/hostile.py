"""Documents made to hang, exhaust or crash their readers, each of a few kilobytes where that is possible."""

import struct
import zlib
from collections.abc import Mapping

from tests.extractors.pdfs import stream

_MIB = 1 << 20
HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def pdf(objects: Mapping[int, bytes], root: int = 1) -> bytes:
    """Write numbered objects as a file; numbers that are left out are dangling references."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 %s \n" % (places.get(number, 0), b"n" if number in places else b"f")
    out += b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, root, start)
    return bytes(out)


def page(
    content: bytes, resources: bytes = b"", others: Mapping[int, bytes] | None = None, more: bytes = b""
) -> bytes:
    """A file of one page; `content` is its stream object, further objects are numbered from 10."""
    box = more or b"/MediaBox[0 0 595 842]"
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/Contents 4 0 R%s/Resources<</Font<</F 5 0 R>>%s>>>>"
            % (box, resources),
            4: content,
            5: HELVETICA,
            **(others or {}),
        }
    )


def flate(data: bytes, entries: str = "") -> bytes:
    """A compressed stream object."""
    return stream(zlib.compress(data, 9), f"{entries}/Filter/FlateDecode")


def flate_of(piece: bytes, times: int, entries: str = "") -> bytes:
    """A compressed stream of a piece so many times over, made without holding it."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(piece) for _ in range(times)) + packer.flush()
    return stream(packed, f"{entries}/Filter/FlateDecode")


# Structure


def page_tree_loop() -> bytes:
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2>>",
            3: b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R 3 0 R]/Count 2>>",
        }
    )


def billions_of_pages() -> bytes:
    """A tree of thirty nodes, each of which has the next one twice."""
    nodes = {
        n: b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R %d 0 R]/Count %d>>"
        % (n - 1, n + 1, n + 1, 1 << (32 - n))
        for n in range(2, 32)
    }
    return pdf(
        {1: b"<</Type/Catalog/Pages 2 0 R>>", **nodes, 32: b"<</Type/Page/Parent 31 0 R/MediaBox[0 0 9 9]>>"}
    )


def page_that_is_a_stream() -> bytes:
    """A page tree in which a stream stands for a page: PDFium counts it and cannot tell its size."""
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
            3: stream(b"x"),
            4: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
        }
    )


def length_loop() -> bytes:
    """A stream whose length is its own length."""
    return page(b"<</Length 4 0 R>>\nstream\nBT /F 9 Tf (x) Tj ET\nendstream")


def reference_loop() -> bytes:
    """Objects that are nothing but references to one another."""
    return page(b"10 0 R", others={10: b"11 0 R", 11: b"10 0 R"})


def inherited_loop() -> bytes:
    """A page whose parent is itself, and which has no box of its own."""
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>",
            3: b"<</Type/Page/Parent 3 0 R>>",
        }
    )


def xref_loop() -> bytes:
    """A cross-reference table whose previous one is itself."""
    whole = page(stream(b"BT /F 9 Tf (x) Tj ET"))
    start = whole[whole.rindex(b"startxref") + 10 : -6]
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev " + start)


def deep_array() -> bytes:
    """An array in an array, a hundred thousand times."""
    return page(stream(b"BT ET"), others={10: b"[" * 100_000 + b"]" * 100_000}, resources=b"/X 10 0 R")


def deep_dictionary_in_content() -> bytes:
    """The same in the page's content."""
    return page(stream(b"[" * 200_000 + b"]" * 200_000 + b" TJ"))


# Amounts


def a_million_letters() -> bytes:
    return letters(1_000_000)


def ten_million_letters() -> bytes:
    return letters(10_000_000)


def letters(count: int) -> bytes:
    """A page of so many letters, tiny, in lines of a thousand: PDFium drops letters upon one another."""
    lines = b"".join(
        b"1 0 0 1 20 %.3f Tm (%s) Tj " % (830 - 0.08 * line, b"a" * 1000) for line in range(count // 1000)
    )
    return page(flate(b"BT /F .1 Tf " + lines + b"ET"))


def a_gigabyte_of_content() -> bytes:
    """Spaces: one megabyte that inflates to a thousand."""
    return page(flate_of(b" " * _MIB, 1024))


def filters_in_filters() -> bytes:
    """A gigabyte of zeros, compressed eight times over."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(_MIB)) for _ in range(1024)) + packer.flush()
    for _ in range(3):
        data = zlib.compress(data, 9)
    return page(stream(data, f"/Filter[{'/FlateDecode' * 4}]"))


def run_lengths() -> bytes:
    """Run lengths in deflate: ten kilobytes that become half a gigabyte."""
    return page(
        flate_of(b"\x81 " * 4096, 1024, "").replace(
            b"/Filter/FlateDecode", b"/Filter[/FlateDecode/RunLengthDecode]"
        )
    )


def millions_of_saves() -> bytes:
    return page(flate_of(b"q " * 4096, 2000))


def millions_of_lines() -> bytes:
    return page(flate_of(b"0 0 m 500 800 l S " * 1024, 2000))


def a_page_of_kilometres() -> bytes:
    return page(stream(b"BT ET"), more=b"/MediaBox[0 0 1e9 1e9]")


# Recursion in what is drawn


def forms_in_forms() -> bytes:
    """Thirty forms, each of which draws the next one twice: a billion drawings."""
    forms = {
        n: stream(
            b"/N Do /N Do",
            f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</N {n + 1} 0 R>>>>",
        )
        for n in range(10, 40)
    }
    last = stream(b"0 0 9 9 re f", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return page(stream(b"/N Do"), b"/XObject<</N 10 0 R>>", {**forms, 40: last})


def form_that_draws_itself() -> bytes:
    body = stream(b"/N Do", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</N 10 0 R>>>>")
    return page(stream(b"/N Do"), b"/XObject<</N 10 0 R>>", {10: body})


def font_that_uses_itself() -> bytes:
    """A Type 3 font whose glyph is written with the font."""
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 97/Widths[9]"
        b"/Encoding<</Differences[97/a]>>/CharProcs<</a 11 0 R>>/Resources<</Font<</T 10 0 R>>>>>>"
    )
    glyph = stream(b"9 0 d0 BT /T 1 Tf (aa) Tj ET")
    return page(stream(b"BT /T 9 Tf (aaaa) Tj ET"), b"/Font<</T 10 0 R>>", {10: font, 11: glyph})


def pattern_that_paints_itself() -> bytes:
    pattern = stream(
        b"/Pattern cs /P scn 0 0 9 9 re f",
        "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep .001/YStep .001"
        "/Resources<</Pattern<</P 10 0 R>>>>",
    )
    return page(stream(b"/Pattern cs /P scn 0 0 500 800 re f"), b"/Pattern<</P 10 0 R>>", {10: pattern})


def map_of_every_code() -> bytes:
    """A font with a map that names four billion codes."""
    font = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[11 0 R]/ToUnicode 12 0 R>>"
    below = (
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo"
        b"<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>"
    )
    cmap = (
        b"1 begincodespacerange <00000000> <FFFFFFFF> endcodespacerange\n"
        b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange\n"
    )
    return page(
        stream(b"BT /T 9 Tf <00410042> Tj ET"), b"/Font<</T 10 0 R>>", {10: font, 11: below, 12: stream(cmap)}
    )


# Pictures in PDFs


def _with_image(image: bytes) -> bytes:
    return page(stream(b"595 0 0 842 0 0 cm /I Do"), b"/XObject<</I 10 0 R>>", {10: image})


def _image(data: bytes, entries: str, width: int, height: int) -> bytes:
    return stream(data, f"/Type/XObject/Subtype/Image/Width {width}/Height {height}{entries}")


def a_gigapixel() -> bytes:
    """A grey picture of a gigapixel: a megabyte of zeros."""
    entries = "/Type/XObject/Subtype/Image/Width 32000/Height 32000/ColorSpace/DeviceGray/BitsPerComponent 8"
    return _with_image(flate_of(bytes(_MIB), 977, entries))


def fax_of_a_gigapixel() -> bytes:
    """A blank fax of which each line is a bit."""
    entries = (
        "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode"
        "/DecodeParms<</K -1/Columns 60000/Rows 60000>>"
    )
    return _with_image(_image(b"\xff" * 8000, entries, 60_000, 60_000))


def jpeg2000_of_a_gigapixel() -> bytes:
    """A JPEG 2000 head that claims 60,000 by 60,000 pixels, and nothing behind it."""
    size = struct.pack(">HIIIIIIIIH", 0, 60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0, 1) + b"\x07\x01\x01"
    head = b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 2) + size
    style = b"\xff\x52\x00\x0c\x00\x00\x00\x01\x00\x05\x04\x04\x00\x00"
    step = b"\xff\x5c\x00\x13\x40" + bytes(16)
    tile = b"\xff\x90\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x01\xff\x93\xff\xd9"
    return _with_image(
        _image(head + style + step + tile, "/ColorSpace/DeviceGray/Filter/JPXDecode", 60_000, 60_000)
    )


def jbig2_of_a_gigapixel() -> bytes:
    """A JBIG2 page of 60,000 by 60,000 pixels and segments that refer to themselves."""
    info = struct.pack(">IBBI", 0, 0x30, 1, 19) + struct.pack(">IIIIBH", 60_000, 60_000, 0, 0, 0, 0)
    region = (
        struct.pack(">IBBBI", 1, 0x26, 0x20, 1, 40)
        + struct.pack(">IIIIB", 60_000, 60_000, 0, 0, 0)
        + bytes(23)
    )
    return _with_image(
        _image(
            info + region * 3, "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", 60_000, 60_000
        )
    )


def mask_of_itself() -> bytes:
    """A picture that is its own soft mask."""
    return _with_image(_image(bytes(64), "/ColorSpace/DeviceGray/BitsPerComponent 8/SMask 10 0 R", 8, 8))


def colours_of_themselves() -> bytes:
    """An indexed colour space over itself."""
    entries = "/ColorSpace 11 0 R/BitsPerComponent 8"
    return page(
        stream(b"595 0 0 842 0 0 cm /I Do"),
        b"/XObject<</I 10 0 R>>",
        {10: _image(bytes(64), entries, 8, 8), 11: b"[/Indexed 11 0 R 255 11 0 R]"},
    )


# Pictures


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: int) -> bytes:
    """A grey PNG that has fewer rows than it claims."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(width + 1)) for _ in range(rows)) + packer.flush()
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def png_bomb() -> bytes:
    return png(30_000, 30_000, 2_000)


def png_with_a_novel() -> bytes:
    """A PNG whose text is a gigabyte when it is inflated."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(_MIB)) for _ in range(512)) + packer.flush()
    sound = png(8, 8, 8)
    return sound[:33] + _chunk(b"zTXt", b"Comment\0\0" + packed) + sound[33:]


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


def tiff(entries: list[tuple[int, int, int, int]], after: bytes = b"", following: int = 0) -> bytes:
    """A little-endian TIFF of one directory at byte 8; `following` is the offset of the next one."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", following) + after


def tiff_bomb() -> bytes:
    """A TIFF of a gigapixel, compressed to nothing."""
    packed = zlib.compress(bytes(_MIB), 9)
    return tiff(
        [
            (256, 4, 1, 32_000),
            (257, 4, 1, 32_000),
            (258, 3, 1, 8),
            (259, 3, 1, 8),
            (262, 3, 1, 1),
            (273, 4, 1, 122),
            (277, 3, 1, 1),
            (278, 4, 1, 32_000),
            (279, 4, 1, len(packed)),
        ],
        packed,
    )


def tiff_of_endless_pages() -> bytes:
    """A TIFF whose next page is its first."""
    return tiff(
        [
            (256, 4, 1, 8),
            (257, 4, 1, 8),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 122),
            (277, 3, 1, 1),
            (278, 4, 1, 8),
            (279, 4, 1, 64),
        ],
        bytes(64),
        following=8,
    )


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
