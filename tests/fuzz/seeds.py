"""What is mutated: small sound papers, pictures and archives, drawn once."""

import io
from collections.abc import Callable, Mapping
from functools import cache

import segno
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from extractors.reader import PdfReader
from extractors.words import PageText
from tests.papers import Engine, archives, draw, variants
from tests.papers.style import any_style

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FILES = {"hizmet dökümü.pdf": PDF, "belgeler/İŞE GİRİŞ.pdf": PDF * 9}

PAPERS: tuple[tuple[str, Engine], ...] = (
    ("open job", "reportlab"),
    ("closed job", "fpdf"),
    ("cancelled job", "reportlab"),
    ("two employers", "fpdf"),
    ("declaration", "reportlab"),
    ("older edition", "fpdf"),
    ("exit", "reportlab"),
    ("gazette", "reportlab"),
)


@cache
def papers() -> tuple[tuple[PageText, ...], ...]:
    """Return the words of some papers, page by page."""
    return tuple(_pages(pdf) for pdf in paper_files())


@cache
def paper_files() -> tuple[bytes, ...]:
    """Return some papers as PDFs."""
    return tuple(
        draw(variants.ALL[name](seed), any_style(seed), engine) for seed, (name, engine) in enumerate(PAPERS)
    )


def _pages(pdf: bytes) -> tuple[PageText, ...]:
    with PdfReader(pdf) as reader:
        return tuple(reader.page_text(number) for number in range(1, reader.pages + 1))


@cache
def open_pdfs() -> tuple[bytes, ...]:
    """Return small PDFs without compression, so that a mutation reaches what is inside."""
    return _plain_pdf(), PDF


def _plain_pdf() -> bytes:
    file = io.BytesIO()
    sheet = canvas.Canvas(file, pagesize=(200, 100), pageCompression=0, invariant=True)
    sheet.beginForm("form", 0, 0, 50, 50)
    sheet.drawString(1, 1, "form")
    sheet.endForm()
    for page in ("Barkod No: hd0123456789abcdef01", "Uzun Vade Hizmet Dökümü"):
        sheet.drawString(10, 60, page)
        sheet.drawInlineImage(_picture(), 150, 10, 40, 40)
        sheet.drawImage(ImageReader(_picture()), 100, 10, 40, 40)
        sheet.doForm("form")
        sheet.linkURL("https://www.turkiye.gov.tr", (0, 0, 10, 10))
        sheet.bookmarkPage(page)
        sheet.showPage()
    sheet.save()
    return file.getvalue()


@cache
def _picture() -> Image.Image:
    file = io.BytesIO()
    segno.make_qr("barkod:hd0123456789abcdef01;tckn:10000000146;").save(file, kind="png", scale=1)
    return Image.open(file).convert("L")


@cache
def pictures() -> tuple[bytes, ...]:
    """Return a QR code as a picture file of every format that is read."""
    return tuple(_saved(name, **options) for name, options in _FORMATS)


_FORMATS: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("PNG", {}),
    ("JPEG", {"quality": 60}),
    ("JPEG", {"progressive": True}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw", "save_all": True, "append_images": [Image.new("1", (9, 9))]}),
    ("TIFF", {"compression": "jpeg"}),
    ("WEBP", {"lossless": True}),
    ("GIF", {}),
    ("BMP", {}),
)


def _saved(name: str, **options: object) -> bytes:
    file = io.BytesIO()
    _picture().save(file, format=name, **options)
    return file.getvalue()


@cache
def zips() -> tuple[bytes, ...]:
    """Return archives as people and attackers make them."""
    makers: tuple[Callable[[archives.Files], bytes], ...] = (
        *archives.HONEST.values(),
        *archives.UNSAFE.values(),
        archives.encrypted,
    )
    return tuple(make(FILES) for make in makers)
