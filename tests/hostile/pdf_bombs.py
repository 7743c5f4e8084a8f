"""More PDFs that are bombs: loops and amounts in what stands around the pages. All of them are generated."""

import base64
import struct
import zlib
from collections.abc import Mapping

from tests.extractors.hostile.deflate import MIB, deflated
from tests.extractors.hostile.pdfs import GREY, image, page, pdf, tree
from tests.extractors.hostile.pictures import jpeg_bomb
from tests.extractors.pdfs import stream

TEXT = stream(b"BT /F 9 Tf 20 800 Td (x) Tj ET")
PAGES: Mapping[int, bytes] = {
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
    4: TEXT,
}


def catalogue(entries: bytes, others: Mapping[int, bytes]) -> bytes:
    """A file of one page whose catalogue has further entries; further objects are numbered from 10."""
    return pdf({1: b"<</Type/Catalog/Pages 2 0 R%s>>" % entries, **PAGES, **others})


def retold(whole: bytes, old: bytes, new: bytes) -> bytes:
    """Change the trailer of a file."""
    start = whole.rindex(b"trailer")
    return whole[:start] + whole[start:].replace(old, new, 1)


# The cross-reference


def tables_that_name_each_other() -> bytes:
    """Two cross-reference tables, each the one before the other."""
    whole = page(TEXT)
    first = int(whole[whole.rindex(b"startxref") + 10 : -6])
    second = len(whole) + 1
    table = b"\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 6/Root 1 0 R/Prev %d>>\n" % first
    end = b"startxref\n%d\n%%%%EOF" % second
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %010d" % second) + table + end


def hundred_thousand_revisions() -> bytes:
    """A file saved a hundred thousand times: each table names the one before it."""
    out = bytearray(page(TEXT))
    before = int(out[out.rindex(b"startxref") + 10 : -6])
    for _ in range(100_000):
        place = len(out) + 1
        out += b"\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 6/Root 1 0 R/Prev %d>>\n" % before
        out += b"startxref\n%d\n%%%%EOF" % place
        before = place
    return bytes(out)


def size_of_two_billion() -> bytes:
    """A trailer that says that there are two billion objects."""
    return retold(page(TEXT), b"/Size 6", b"/Size 2147483647")


def table_of_two_billion() -> bytes:
    """A section of the table that says that it has two billion lines."""
    return page(TEXT).replace(b"xref\n0 6", b"xref\n0 2147483647", 1)


def number_of_the_largest_object() -> bytes:
    """A reference to the largest object number that there may be."""
    return page(TEXT, resources=b"/X 2147483647 65535 R")


def stream_of_references(entries: str, data: bytes) -> bytes:
    """A file whose cross-reference is a stream."""
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    place = len(body)
    content = stream(zlib.compress(data), f"/Type/XRef/Root 1 0 R/Filter/FlateDecode{entries}")
    return body + b"9 0 obj\n" + content + b"\nendobj\nstartxref\n%d\n%%%%EOF" % place


def references_of_giant_width() -> bytes:
    return stream_of_references("/Size 10/W[2147483647 2147483647 2147483647]", bytes(99))


def references_of_giant_index() -> bytes:
    return stream_of_references("/Size 2147483647/W[1 4 2]/Index[0 2147483647]", bytes(7 * 100_000))


def references_that_inflate() -> bytes:
    """A cross-reference stream of half a gigabyte."""
    return stream_of_references(f"/Size {70 * MIB}/W[1 4 2]", bytes(490 * MIB // 4))


def predictor_of_giant_columns() -> bytes:
    parms = "/DecodeParms<</Predictor 15/Columns 2147483647/Colors 32/BitsPerComponent 16>>"
    return stream_of_references(f"/Size 10/W[1 4 2]{parms}", bytes(99))


def objects_in_themselves() -> bytes:
    """A stream of objects that is an object of itself and extends itself."""
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    inner = b"2 0 <</Type/Pages/Kids[]/Count 0>>"
    body += b"8 0 obj\n" + stream(inner, "/Type/ObjStm/N 1/First 4/Extends 8 0 R") + b"\nendobj\n"
    in_eight = [(2, 8, number) for number in range(2, 9)]
    lines = [(0, 0, 65535), (1, 9, 0), *in_eight, (1, len(body), 0)]
    data = b"".join(struct.pack(">BIH", *line) for line in lines)
    content = stream(data, "/Type/XRef/Size 10/Root 1 0 R/W[1 4 2]")
    return body + b"9 0 obj\n" + content + b"\nendobj\nstartxref\n%d\n%%%%EOF" % len(body)


# Amounts


def a_million_objects() -> bytes:
    return catalogue(b"", dict.fromkeys(range(10, 1_000_000), b"null"))


def dictionary_of_a_million() -> bytes:
    return catalogue(b"/X 10 0 R", {10: b"<<" + b"".join(b"/K%d 1 " % n for n in range(1_000_000)) + b">>"})


def deep_dictionaries() -> bytes:
    return catalogue(b"/X 10 0 R", {10: b"<</A " * 100_000 + b"1" + b">>" * 100_000})


def name_without_end() -> bytes:
    return catalogue(b"/X 10 0 R", {10: b"/" + b"n" * 20_000_000})


def text_without_end() -> bytes:
    """A title of twenty megabytes."""
    whole = catalogue(
        b"", {10: b"<</Title(" + b"x" * 20_000_000 + b")/Producer(" + b"(" * 99 + b")" * 99 + b")>>"}
    )
    return retold(whole, b"/Root 1 0 R", b"/Root 1 0 R/Info 10 0 R")


def ten_thousand_pages() -> bytes:
    kids = b" ".join(b"%d 0 R" % n for n in range(10, 10_010))
    pages = dict.fromkeys(range(10, 10_010), b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>")
    return tree({2: b"<</Type/Pages/Kids[%s]/Count 10000>>" % kids, **pages})


def hundred_filters() -> bytes:
    return page(stream(b"0>" * 10, f"/Filter[{'/ASCIIHexDecode' * 100_000}]"))


def hex_of_hex() -> bytes:
    data = TEXT
    for _ in range(12):
        data = base64.b16encode(data) + b">"
    return page(stream(data, f"/Filter[{'/ASCIIHexDecode' * 12}]"))


def filters_by_loop() -> bytes:
    """A stream whose filter is a reference to an array that holds itself."""
    return page(b"<</Length 3/Filter 10 0 R>>\nstream\nabc\nendstream", others={10: b"[10 0 R 10 0 R]"})


# What stands around the pages


def outline_loop() -> bytes:
    return catalogue(
        b"/Outlines 10 0 R",
        {10: b"<</First 11 0 R/Last 11 0 R>>", 11: b"<</Title(x)/Parent 10 0 R/Next 11 0 R/First 10 0 R>>"},
    )


def names_loop() -> bytes:
    return catalogue(b"/Names<</EmbeddedFiles 10 0 R/JavaScript 10 0 R>>", {10: b"<</Kids[10 0 R 10 0 R]>>"})


def form_fields_loop() -> bytes:
    """Fields of a form that are children of each other, and a signature among them."""
    return catalogue(
        b"/AcroForm<</Fields[10 0 R]/SigFlags 3>>",
        {
            10: b"<</FT/Sig/T(a)/Kids[11 0 R 10 0 R]/Parent 11 0 R/V 12 0 R>>",
            11: b"<</FT/Sig/T(b)/Kids[10 0 R]/Parent 10 0 R/V 12 0 R>>",
            12: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents<3080>/ByteRange[0 9 9 9]>>",
        },
    )


def signature_over_more_than_there_is() -> bytes:
    ranges = b"[0 9223372036854775807 -1 9223372036854775807]"
    return catalogue(
        b"/AcroForm<</Fields[10 0 R]/SigFlags 3>>",
        {
            10: b"<</FT/Sig/T(a)/V 11 0 R>>",
            11: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/Contents<%s>/ByteRange%s>>"
            % (b"30848f" + b"ff" * 60_000, ranges),
        },
    )


def half_a_million_annotations() -> bytes:
    notes = b" ".join([b"10 0 R"] * 500_000)
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            **PAGES,
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[%s]>>" % notes,
            10: b"<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]/Contents(x)/Parent 10 0 R/Popup 10 0 R/AP<</N 4 0 R>>>>",
        }
    )


def metadata_of_laughs() -> bytes:
    """XMP metadata with entities that multiply."""
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(12))
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">%s]><x>&a12;</x>' % laughs
    return catalogue(b"/Metadata 10 0 R", {10: stream(xml, "/Type/Metadata/Subtype/XML")})


def everything_at_once_when_opened() -> bytes:
    """Actions on opening: a script, a program, an address, a file of the machine, one after the other for ever."""
    return catalogue(
        b"/OpenAction 10 0 R/AA<</WC 10 0 R/DP 10 0 R>>",
        {
            10: b"<</S/JavaScript/JS(while(true){app.alert(1)})/Next 11 0 R>>",
            11: b"<</S/Launch/F(/bin/sh)/Win<</F(cmd.exe)/P(/c calc)>>/Next[12 0 R 10 0 R]>>",
            12: b"<</S/URI/URI(http://127.0.0.1:1/)/Next 13 0 R>>",
            13: b"<</S/GoToR/F<</Type/Filespec/F(/etc/passwd)/UF(file:///etc/passwd)>>/D[0/Fit]/Next 10 0 R>>",
        },
    )


def content_of_another_file() -> bytes:
    """Content and a picture that are said to stand in files of the machine."""
    outside = b"<</Length 0/F<</Type/Filespec/F(/etc/passwd)>>/FFilter/ASCIIHexDecode>>\nstream\n\nendstream"
    return page(outside, b"/XObject<</N 10 0 R>>", {10: outside})


# Drawing


def calculator_without_end() -> bytes:
    """A colour whose function is a calculation nested a thousand deep."""
    function = stream(b"{" * 1000 + b" 1 " + b"}" * 1000, "/FunctionType 4/Domain[0 1]/Range[0 1]")
    space = b"[/Separation/X/DeviceGray 11 0 R]"
    return page(
        stream(b"/S cs 1 scn 0 0 500 800 re f"), b"/ColorSpace<</S 10 0 R>>", {10: space, 11: function}
    )


def shading_of_a_giant_table() -> bytes:
    function = stream(
        b"x",
        "/FunctionType 0/Domain[0 1 0 1 0 1 0 1]/Range[0 1]/Size[65535 65535 65535 65535]/BitsPerSample 32",
    )
    shading = b"<</ShadingType 1/ColorSpace/DeviceGray/Domain[0 1 0 1]/Function 11 0 R>>"
    return page(stream(b"/S sh"), b"/Shading<</S 10 0 R>>", {10: shading, 11: function})


def jpeg_in_a_page_of_a_gigapixel() -> bytes:
    """A JPEG whose own head claims other sizes than the page does."""
    return image(8, jpeg_bomb(), f"{GREY}/Filter/DCTDecode")


def profile_that_inflates() -> bytes:
    """A colour profile of half a gigabyte."""
    profile = stream(deflated(bytes(MIB), 512), "/N 3/Filter/FlateDecode")
    return image(
        8, bytes(192), "/ColorSpace 11 0 R/BitsPerComponent 8", {11: b"[/ICCBased 12 0 R]", 12: profile}
    )


def font_of_zeros() -> bytes:
    """An embedded font file that inflates to half a gigabyte of nothing."""
    font = (
        b"<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 97/LastChar 97/Widths[9]/FontDescriptor 11 0 R>>"
    )
    about = b"<</Type/FontDescriptor/FontName/X/Flags 4/FontFile2 12 0 R>>"
    file = stream(deflated(bytes(MIB), 512), "/Filter/FlateDecode")
    return page(stream(b"BT /T 9 Tf (a) Tj ET"), b"/Font<</T 10 0 R>>", {10: font, 11: about, 12: file})
