"""The font files, and the same fonts with the glyphs of Turkish letters under other code points."""

import io
from functools import cache
from pathlib import Path

import font_roboto
import font_source_serif_pro
import reportlab
from fontTools.ttLib import TTFont as FontFile

from tests.papers.style import Family, as_cp1254_read_as_latin1

_REPORTLAB = Path(reportlab.__file__).parent / "fonts"
_FILES: dict[tuple[Family, bool], str | Path] = {
    (Family.SANS, False): font_roboto.font_files["Roboto"],
    (Family.SANS, True): font_roboto.font_files["RobotoBold"],
    (Family.SERIF, False): font_source_serif_pro.font_files_ttf["SourceSerifPro"],
    (Family.SERIF, True): font_source_serif_pro.font_files_ttf["SourceSerifProBold"],
    (Family.WIDE, False): _REPORTLAB / "Vera.ttf",
    (Family.WIDE, True): _REPORTLAB / "VeraBd.ttf",
}
MISREAD = {letter: as_cp1254_read_as_latin1(letter) for letter in "İıŞşĞğ"}
"""Each Turkish letter that Windows-1254 does not share with Latin-1, and what it is misread as."""


def font_path(family: Family, *, bold: bool = False) -> Path:
    """The TrueType file of a family."""
    return Path(_FILES[family, bold])


@cache
def misreading_font(family: Family, *, bold: bool = False) -> bytes:
    """The font file in which `Ý` shows the glyph of `İ`, and so on: looks right, extracts wrong."""
    font = FontFile(font_path(family, bold=bold))
    for table in font["cmap"].tables:
        if table.isUnicode():
            for letter, misread in MISREAD.items():
                table.cmap[ord(misread)] = table.cmap[ord(letter)]
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()
