"""Hostile PDFs: loops in their structure, amounts without end, drawings of themselves, bombs for pictures."""

import struct
import zlib
from collections.abc import Mapping

from tests.extractors.hostile.deflate import MIB, deflated
from tests.extractors.pdfs import stream

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


def tree(nodes: Mapping[int, bytes]) -> bytes:
    """A file whose pages hang on object 2; object 1 is the catalogue."""
    return pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", **nodes})


def page(
    content: bytes,
    resources: bytes = b"",
    others: Mapping[int, bytes] | None = None,
    box: bytes = b"[0 0 595 842]",
) -> bytes:
    """A file of one page; `content` is its stream object, further objects are numbered from 10."""
    body = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox%s/Resources<</Font<</F 5 0 R>>%s>>>>"
    return tree(
        {
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: body % (box, resources),
            4: content,
            5: HELVETICA,
            **(others or {}),
        }
    )


def flate(piece: bytes, times: int = 1) -> bytes:
    """A compressed stream object of a piece so many times over."""
    return stream(deflated(piece, times), "/Filter/FlateDecode")


def form(content: bytes, resources: str = "") -> bytes:
    """A form object that draws `content`."""
    return stream(content, f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]{resources}")


# Structure


def page_tree_loop() -> bytes:
    return tree(
        {
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
    return tree({**nodes, 32: b"<</Type/Page/Parent 31 0 R/MediaBox[0 0 9 9]>>"})


def page_that_is_a_stream() -> bytes:
    """A page tree in which a stream stands for a page: PDFium counts it and cannot tell its size."""
    return tree(
        {
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
    return tree(
        {
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
    return page(flate(b" " * MIB, 1024))


def filters_in_filters() -> bytes:
    """A gigabyte of zeros, compressed eight times over."""
    data = deflated(bytes(MIB), 1024)
    for _ in range(3):
        data = zlib.compress(data, 9)
    return page(stream(data, f"/Filter[{'/FlateDecode' * 4}]"))


def run_lengths() -> bytes:
    """Run lengths in deflate: ten kilobytes that become half a gigabyte."""
    return page(stream(deflated(b"\x81 " * 4096, 1024), "/Filter[/FlateDecode/RunLengthDecode]"))


def millions_of_saves() -> bytes:
    return page(flate(b"q " * 4096, 2000))


def millions_of_lines() -> bytes:
    return page(flate(b"0 0 m 500 800 l S " * 1024, 2000))


def a_page_of_kilometres() -> bytes:
    return page(stream(b"BT ET"), box=b"[0 0 1e9 1e9]")


# Recursion in what is drawn


def forms_in_forms() -> bytes:
    """Thirty forms, each of which draws the next one twice: a billion drawings."""
    forms = {n: form(b"/N Do /N Do", f"/Resources<</XObject<</N {n + 1} 0 R>>>>") for n in range(10, 40)}
    return page(stream(b"/N Do"), b"/XObject<</N 10 0 R>>", {**forms, 40: form(b"0 0 9 9 re f")})


def form_that_draws_itself() -> bytes:
    body = form(b"/N Do", "/Resources<</XObject<</N 10 0 R>>>>")
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


# Pictures


GREY = "/ColorSpace/DeviceGray/BitsPerComponent 8"
BLACK_OR_WHITE = "/ColorSpace/DeviceGray/BitsPerComponent 1"


def image(side: int, data: bytes, entries: str, others: Mapping[int, bytes] | None = None) -> bytes:
    """A page that is one square picture (object 10) of `side` pixels; `entries` tell how its data is kept."""
    body = stream(data, f"/Type/XObject/Subtype/Image/Width {side}/Height {side}{entries}")
    drawing = stream(b"595 0 0 842 0 0 cm /I Do")
    return page(drawing, b"/XObject<</I 10 0 R>>", {10: body, **(others or {})})


def a_gigapixel() -> bytes:
    """A grey picture of a gigapixel: a megabyte of zeros."""
    return image(32_000, deflated(bytes(MIB), 977), f"{GREY}/Filter/FlateDecode")


def fax_of_a_gigapixel() -> bytes:
    """A blank fax of which each line is a bit."""
    entries = "/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 60000/Rows 60000>>"
    return image(60_000, b"\xff" * 8000, BLACK_OR_WHITE + entries)


def jpeg2000_of_a_gigapixel() -> bytes:
    """A JPEG 2000 head that claims 60,000 by 60,000 pixels, and nothing behind it."""
    size = struct.pack(">HIIIIIIIIH", 0, 60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0, 1) + b"\x07\x01\x01"
    head = b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 2) + size
    style = b"\xff\x52\x00\x0c\x00\x00\x00\x01\x00\x05\x04\x04\x00\x00"
    step = b"\xff\x5c\x00\x13\x40" + bytes(16)
    tile = b"\xff\x90\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x01\xff\x93\xff\xd9"
    return image(60_000, head + style + step + tile, "/ColorSpace/DeviceGray/Filter/JPXDecode")


def jbig2_of_a_gigapixel() -> bytes:
    """A JBIG2 page of 60,000 by 60,000 pixels and segments that refer to themselves."""
    info = struct.pack(">IBBI", 0, 0x30, 1, 19) + struct.pack(">IIIIBH", 60_000, 60_000, 0, 0, 0, 0)
    region = (
        struct.pack(">IBBBI", 1, 0x26, 0x20, 1, 40)
        + struct.pack(">IIIIB", 60_000, 60_000, 0, 0, 0)
        + bytes(23)
    )
    return image(60_000, info + region * 3, f"{BLACK_OR_WHITE}/Filter/JBIG2Decode")


def mask_of_itself() -> bytes:
    """A picture that is its own soft mask."""
    return image(8, bytes(64), f"{GREY}/SMask 10 0 R")


def colours_of_themselves() -> bytes:
    """An indexed colour space over itself."""
    space = {11: b"[/Indexed 11 0 R 255 11 0 R]"}
    return image(8, bytes(64), "/ColorSpace 11 0 R/BitsPerComponent 8", space)
