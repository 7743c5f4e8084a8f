"""PDF files written object by object, so that a test decides every operator that draws a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HELVETICA = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
UNMAPPED = (
    "<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 1/LastChar 1"
    "/Widths[600]/Encoding<</Type/Encoding/Differences[1/box]>>/CharProcs<</box {glyph}>>/Resources<<>>>>"
)
"""A font whose glyph is drawn by hand and has no name that means a letter; `{glyph}` is set when written."""


@dataclass(frozen=True)
class Page:
    """One page: its content stream, boxes in PDF points and turn; `xobjects` by the name that `Do` uses."""

    content: str
    media: tuple[float, float, float, float] = (0, 0, 400, 300)
    crop: tuple[float, float, float, float] | None = None
    rotate: int = 0
    fonts: Mapping[str, str] = field(default_factory=dict)
    xobjects: Mapping[str, bytes] = field(default_factory=dict)


class _Writer:
    def __init__(self) -> None:
        self.objects: list[bytes] = []

    def add(self, body: str | bytes) -> str:
        self.objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return f"{len(self.objects)} 0 R"

    def file(self, root: str) -> bytes:
        out = bytearray(b"%PDF-1.7\n")
        places = []
        for number, body in enumerate(self.objects, start=1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
        out += f"trailer\n<</Size {len(places) + 1}/Root {root}>>\nstartxref\n{start}\n%%EOF".encode()
        return bytes(out)


def stream(content: bytes, entries: str = "") -> bytes:
    """Return a stream object; `entries` are those of its dictionary besides the length."""
    return f"<<{entries}/Length {len(content)}>>\nstream\n".encode() + content + b"\nendstream"


def grey_image(rows: bytes = b"\x00\xff\xff\xff" * 4, width: int = 16) -> bytes:
    """Return an image object whose rows have these grey levels from the top; black and white unless told otherwise."""
    size = f"/Width {width}/Height {len(rows)}"
    entries = f"/Type/XObject/Subtype/Image{size}/ColorSpace/DeviceGray/BitsPerComponent 8"
    return stream(b"".join(bytes([level]) * width for level in rows), entries)


def form(content: str, image: str, matrix: str = "1 0 0 1 0 0") -> bytes:
    """Return a form object that may draw the image object `image` (a reference) as `/Im`."""
    entries = f"/Type/XObject/Subtype/Form/BBox[0 0 1000 1000]/Matrix[{matrix}]/Resources<</XObject<</Im {image}>>>>"
    return stream(content.encode(), entries)


def unicode_font(meanings: Mapping[int, str]) -> str:
    """Return Helvetica with a ToUnicode map that gives character codes other meanings; `{cmap}` is set when written."""
    lines = "".join(f"<{code:02x}> <{text.encode('utf-16-be').hex()}>\n" for code, text in meanings.items())
    return (
        "CMAP/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange {len(meanings)} beginbfchar\n{lines}endbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )


def pdf(*pages: Page) -> bytes:
    """Return a PDF of these pages. The font `/F` is Helvetica in WinAnsi encoding; pages may add others."""
    writer = _Writer()
    parent = f"{len(writer.objects) + 1} 0 R"
    writer.add("")
    kids = [writer.add(_page(writer, page, parent)) for page in pages]
    writer.objects[0] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    return writer.file(writer.add(f"<</Type/Catalog/Pages {parent}>>"))


def _page(writer: _Writer, page: Page, parent: str) -> str:
    content = writer.add(stream(page.content.encode("latin-1")))
    fonts = " ".join(
        f"/{name} {_font(writer, body)}" for name, body in {"F": HELVETICA, **page.fonts}.items()
    )
    xobjects = " ".join(f"/{name} {writer.add(body)}" for name, body in page.xobjects.items())
    crop = f"/CropBox{_array(page.crop)}" if page.crop else ""
    return (
        f"<</Type/Page/Parent {parent}/MediaBox{_array(page.media)}{crop}/Rotate {page.rotate}"
        f"/Contents {content}/Resources<</Font<<{fonts}>>/XObject<<{xobjects}>>>>>>"
    )


def _font(writer: _Writer, body: str) -> str:
    if body.startswith("CMAP"):
        cmap = writer.add(stream(body.removeprefix("CMAP").encode()))
        return writer.add(HELVETICA.removesuffix(">>") + f"/ToUnicode {cmap}>>")
    if "{glyph}" in body:
        body = body.replace("{glyph}", writer.add(stream(b"600 0 0 0 600 700 d1 0 0 500 700 re f")))
    return writer.add(body)


def _array(values: Sequence[float]) -> str:
    return "[" + " ".join(str(value) for value in values) + "]"


def text(x: float, y: float, shown: str, size: float = 10, before: str = "") -> str:
    """Return operators that show a text with `/F` from (x, y) in PDF points; `before` are further operators."""
    return f"BT /F {size} Tf {before} {x} {y} Td ({shown}) Tj ET\n"
