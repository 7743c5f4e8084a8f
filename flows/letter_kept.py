"""A letter that an officer edited and that was kept as one text: its paragraphs again.

Its blocks are parted by empty lines: the machine's head and foot stand around the officer's text.
"""

import re

from flows.letter import Paragraph, Role

_BEFORE = 4
"""Blocks before the officer's text: institution, fields, addressee, which application is answered."""
_AFTER = 2
"""Blocks after it: signature and reference."""
_HEADING = re.compile(r"([0-9]+\.) (.+)")
_ITEM = re.compile(r"[–-] (.+)")
_GAP = re.compile(r"\n\s*\n")


def letter_paragraphs(letter: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a letter that was kept; of one without head and foot, its lines."""
    blocks = _GAP.split(letter.strip())
    if len(blocks) < _BEFORE + _AFTER:
        return tuple(_paragraph(line) for block in blocks for line in block.splitlines())
    institution, fields, addressee, about = blocks[:_BEFORE]
    signature, reference = blocks[-_AFTER:]
    head = [
        *(Paragraph(Role.INSTITUTION, line) for line in institution.splitlines()),
        *(Paragraph(_field_role(line), line) for line in fields.splitlines()),
        Paragraph(Role.ADDRESSEE, addressee),
        Paragraph(Role.FIELD, about),
    ]
    body = (_paragraph(line) for block in blocks[_BEFORE:-_AFTER] for line in block.splitlines())
    return *head, *body, Paragraph(Role.SIGNATURE, signature), Paragraph(Role.SMALL, reference)


def _field_role(line: str) -> Role:
    return Role.DATE if line.startswith("Tarih:") else Role.FIELD


def _paragraph(line: str) -> Paragraph:
    if heading := _HEADING.fullmatch(line):
        return Paragraph(Role.HEADING, heading[2], heading[1])
    if item := _ITEM.fullmatch(line):
        return Paragraph(Role.ITEM, item[1], "–")
    return Paragraph(Role.LABEL if line.endswith(":") else Role.BODY, line)
