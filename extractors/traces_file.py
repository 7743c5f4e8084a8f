"""Traces of editing in a PDF file as a whole: updates, programs, dates, layers.

Everything here is cheap for a sound file: what costs time is only begun where the bytes hold a word that calls for it.
"""

import ctypes
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice, pairwise
from typing import Any

from extractors.facts import Scalar, Signature, Trace, TraceKind
from extractors.pdfium import pdfium
from extractors.reader import PdfReader, quiet
from extractors.signatures import signed_ends

EDITORS: Mapping[str, tuple[str, ...]] = {
    "desktop_editor": (
        "acrobat",
        "adobe pdf library",
        "foxit",
        "nitro",
        "pdf-xchange",
        "pdfelement",
        "phantompdf",
        "pdfescape",
        "master pdf editor",
        "infix",
        "pdfsam",
        "pdftk",
        "qpdf",
    ),
    "online_editor": (
        "ilovepdf",
        "smallpdf",
        "sejda",
        "pdf24",
        "pdfcandy",
        "pdffiller",
        "dochub",
        "soda pdf",
    ),
    "office_suite": (
        "microsoft word",
        "microsoft excel",
        "microsoft powerpoint",
        "microsoft office",
        "libreoffice",
        "openoffice",
        "wps office",
        "wps writer",
        "google docs",
        "onlyoffice",
    ),
    "image_tool": (
        "photoshop",
        "illustrator",
        "indesign",
        "canva",
        "gimp",
        "inkscape",
        "coreldraw",
        "paint.net",
        "img2pdf",
        "imagemagick",
        "camscanner",
    ),
    "printer": (
        "print to pdf",
        "quartz pdfcontext",
        "cutepdf",
        "pdfcreator",
        "bullzip",
        "dopdf",
        "ghostscript",
    ),
}
"""Words in Producer and Creator by which programs that edit, assemble or print PDFs name themselves.

The services' own (JasperReports, iText, OpenPDF, Telerik, Stimulsoft, SGK: domain study, part E) are not among them,
nor is any browser: an unknown program is no trace. A genuine paper that somebody printed to a file names a printer.
"""
_SIGNIFICANT_SECONDS = 120
"""Difference of two times of one file up to which they are those of one run."""
_LINE_END = 4
"""Bytes that may follow a file's last word."""
_MAX_UPDATES = 20
"""Updates that are told one by one."""
_PDF_DATE = re.compile(r"^(?:D:)?([0-9]{4})([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2})?(.*)$")
_ZONE = re.compile(r"^([+-])([0-9]{2})'?:?([0-9]{2})?'?$")
_LINEARIZED = re.compile(rb"/Linearized\b.{0,200}?/L\s+([0-9]+)", re.DOTALL)
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,9})\s+[0-9]{1,5}\s+obj\b")
_XMP_DATE = re.compile(
    rb"(?:xmp|xap):(CreateDate|ModifyDate)\s*(?:=\s*[\"']|>)\s*([0-9T:+.Z-]{4,32})",
)


def file_traces(data: bytes, reader: PdfReader, signature: Signature | None) -> Iterator[Trace]:
    """Yield the traces that belong to no page."""
    yield from _updates(data, reader)
    yield from _signature(signature)
    information = reader.information()
    yield from _programs(information)
    created, modified = (_moment(information.get(key, "")) for key in ("CreationDate", "ModDate"))
    yield from _modified_later(created, modified, signature)
    if b"/Metadata" in data or b"/OCProperties" in data or b"/ObjStm" in data:
        yield from _catalog_traces(data, {"CreateDate": created, "ModifyDate": modified})


def _modified_later(
    created: datetime | None, modified: datetime | None, signature: Signature | None
) -> Iterator[Trace]:
    """Yield a trace where the file was changed after it was created, but for the change that signed it."""
    if created is None or modified is None or _seconds(created, modified) <= _SIGNIFICANT_SECONDS:
        return
    signed = _iso_moment(signature.signed_at or "") if signature is not None else None
    if signed is None or abs(_seconds(signed, modified)) > _SIGNIFICANT_SECONDS:
        yield Trace(TraceKind.MODIFIED_LATER, facts=_compared(created=created, modified=modified))


def created_on(reader: PdfReader) -> datetime | None:
    """Return the moment at which the file says that it was created, or None."""
    return _moment(reader.information().get("CreationDate", ""))


def _updates(data: bytes, reader: PdfReader) -> Iterator[Trace]:
    """Yield a trace for every section that was appended and holds objects."""
    if data.count(b"startxref") < 2:
        return
    ends = _section_ends(data, reader)
    signed = signed_ends(data)
    for start, end in islice(pairwise(ends), _MAX_UPDATES):
        added = {int(number) for number in _OBJECT.findall(data, start, end)}
        if not added:
            continue
        before = {int(number) for number in _OBJECT.findall(data, 0, start)}
        by_signature = any(start < place <= end + 2 for place in signed)
        yield Trace(
            TraceKind.SIGNED_UPDATE if by_signature else TraceKind.UPDATED,
            facts={"count": len(added), "revised": len(added & before)},
        )


def _section_ends(data: bytes, reader: PdfReader) -> list[int]:
    """Return where the file as first written ends, and each update after it.

    A linearized file has a trailer at its front as well, and tells its own length (ISO 32000-1, annex F).
    """
    count = pdfium.FPDF_GetTrailerEnds(reader.handle, None, 0)
    ends = (ctypes.c_uint * count)()
    pdfium.FPDF_GetTrailerEnds(reader.handle, ends, count)
    found = sorted(set(ends))
    linear = _LINEARIZED.search(data, 0, 2048)
    if linear is None:
        return found
    length = int(linear.group(1))
    return [end for end in found if end >= length - _LINE_END] or found


def _signature(signature: Signature | None) -> Iterator[Trace]:
    if signature is None:
        return
    if signature.intact is False:
        yield Trace(TraceKind.SIGNATURE_BROKEN)
    if not signature.whole_file:
        yield Trace(TraceKind.SIGNATURE_PARTIAL)


def _programs(information: Mapping[str, str]) -> Iterator[Trace]:
    """Yield a trace for each editing program that Producer or Creator names, told by our name for it."""
    named = (
        " / ".join(information.get(key, "") for key in ("Producer", "Creator")).replace("®", "").casefold()
    )
    for family, programs in EDITORS.items():
        program = next((program for program in programs if program in named), None)
        if program is not None:
            yield Trace(TraceKind.PRODUCER, facts={"family": family, "program": program})


def _catalog_traces(data: bytes, told: Mapping[str, datetime | None]) -> Iterator[Trace]:
    """Yield what the catalog tells: dates of XMP that are not those of the document information, hidden layers."""
    layers, metadata = _from_catalog(data)
    if layers:
        yield Trace(TraceKind.LAYER_OFF, facts={"count": layers})
    for name, text in _XMP_DATE.findall(metadata):
        told_there, said = told[name.decode()], _iso_moment(text.decode())
        if told_there and said and abs(_seconds(told_there, said)) > _SIGNIFICANT_SECONDS:
            yield Trace(TraceKind.DATES_DIFFER, facts=_compared(information=told_there, xmp=said))
            return


def _from_catalog(data: bytes) -> tuple[int, bytes]:
    """Return how many layers are off by default, and the XMP packet; nothing where pdfminer cannot tell."""
    from pdfminer.pdfdocument import PDFDocument  # noqa: PLC0415 - for files with layers or metadata only
    from pdfminer.pdfparser import PDFParser  # noqa: PLC0415 - as above
    from pdfminer.pdftypes import resolve1  # noqa: PLC0415 - as above

    try:
        with quiet():
            catalog: dict[str, Any] = PDFDocument(PDFParser(io.BytesIO(data))).catalog
            metadata = resolve1(catalog.get("Metadata"))
            packet = metadata.get_data() if metadata is not None else b""
            properties = resolve1(catalog.get("OCProperties")) or {}
            return _layers_off(properties, resolve1), bytes(packet)
    except MemoryError:
        raise
    except Exception:  # pdfminer lets through whatever the bytes provoke; PDFium has read the file
        return 0, b""


def _layers_off(properties: Mapping[str, Any], resolve: Any) -> int:
    default = resolve(properties.get("D")) or {}
    off = resolve(default.get("OFF")) or ()
    base = resolve(default.get("BaseState"))
    if getattr(base, "name", None) == "OFF":
        return len(resolve(properties.get("OCGs")) or ()) - len(resolve(default.get("ON")) or ())
    return len(off)


def _seconds(one: datetime, other: datetime) -> float:
    """Return the seconds from one moment to another; without zones where one has none."""
    if one.tzinfo is None or other.tzinfo is None:
        one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
    return (other - one).total_seconds()


def _compared(**moments: datetime) -> dict[str, Scalar]:
    """Return the days of two moments by name, and how many minutes lie between them."""
    one, other = moments.values()
    days = {name: moment.date().isoformat() for name, moment in moments.items()}
    return {**days, "minutes": round(abs(_seconds(one, other)) / 60)}


def _moment(text: str) -> datetime | None:
    """Read a date of the document information (ISO 32000-1, 7.9.4); None where it is none."""
    found = _PDF_DATE.match(text.strip())
    if found is None:
        return None
    year, *parts, rest = found.groups()
    month, day, hour, minute, second = (
        part or least for part, least in zip(parts, ("01", "01", "00", "00", "00"), strict=True)
    )
    return _iso_moment(f"{year}-{month}-{day}T{hour}:{minute}:{second}{_zone(rest)}")


def _zone(text: str) -> str:
    if text[:1] == "Z":
        return "+00:00"
    found = _ZONE.match(text)
    return f"{found.group(1)}{found.group(2)}:{found.group(3) or '00'}" if found else ""


def _iso_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
