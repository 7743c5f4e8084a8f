"""The verification part at the foot of a page: barcode number, QR codes, sentence."""

from tests.papers.model import Footer
from tests.papers.sheet import HEIGHT, Sheet

HEIGHT_NEEDED = 92.0
"""Points that a footer takes above the bottom margin."""
_SIDE = 62.0
_LABELS = ("Barkod No : {}", "Barkod: {}", "{}", "Barkod Numarası  {}", "BARKOD NO {}")


def draw(sheet: Sheet, footer: Footer) -> None:
    """Draw the footer at the bottom of the current page, the QR code right or left by the style."""
    top = HEIGHT - 30 - _SIDE - 8
    right = sheet.style.pick("qr side", (True, True, False))
    sheet.rule(40, top - 8, 555, top - 8)
    x = 478.0 if right else 45.0
    for number, text in enumerate(footer.payloads):
        step = (_SIDE + 20) * number
        sheet.qr(x - step if right else x + step, top, _SIDE, text)
    taken = (_SIDE + 20) * max(len(footer.payloads), 1)
    text_left, text_width = (45.0, 505 - taken) if right else (45 + taken, 505 - taken)
    _words(sheet, footer, text_left, top, text_width)


def _words(sheet: Sheet, footer: Footer, x: float, top: float, width: float) -> None:
    label = sheet.style.pick("barcode label", _LABELS)
    y = top + 14
    if footer.barcode:
        sheet.text(x, y, label.format(footer.barcode), 8, bold=True)
    sheet.paragraph(x, y + 16, footer.sentence, 6.5, width)
