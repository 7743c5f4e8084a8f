"""Turkish letters: casing, folding, and the repair of text layers that lost them.

Python's own casing is wrong for Turkish ("İZMİR".lower() has seven code points, "IŞIK".lower() is not
"ışık"), so nothing else in the project calls `upper`, `lower` or `casefold` on text of a paper.
"""

import unicodedata

_UPPER = str.maketrans({"i": "İ", "ı": "I"})
_LOWER = str.maketrans({"İ": "i", "I": "ı"})

# Windows-1254 bytes read as Latin-1, and the two letters that a broken text layer of many Turkish PDFs
# puts for others. None of these letters exists in Turkish, so the repair cannot spoil sound text.
_REPAIR = str.maketrans(
    {
        "Ý": "İ",
        "ý": "ı",
        "Þ": "Ş",
        "þ": "ş",
        "Ð": "Ğ",
        "ð": "ğ",
        "Ġ": "İ",
        "Ģ": "ş",
        "ġ": "Ş",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u02bc": "'",
        "\u2018": "'",
        "\u2019": "'",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬀ": "ff",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "ft",
        "ﬆ": "st",
    }
)
_ASCII = str.maketrans("ÇĞİIÖŞÜÂÎÛ", "CGIIOSUAIU")


def repair(text: str) -> str:
    """Give back the Turkish letters, plain dashes and plain spaces that a text layer lost.

    UTF-8 shown as Latin-1 is undone when the whole text decodes; letters are composed (NFC), and the two
    characters that software without Turkish makes of a lower-cased İ become i.
    """
    if text.isascii():
        return text
    if "Ã" in text or "Ä" in text or "Å" in text:
        text = _undo_latin1(text)
    return unicodedata.normalize("NFC", text).translate(_REPAIR).replace("i\u0307", "i")


def _undo_latin1(text: str) -> str:
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def upper(text: str) -> str:
    """Upper-case by Turkish rules: i → İ, ı → I."""
    return text.translate(_UPPER).upper()


def lower(text: str) -> str:
    """Lower-case by Turkish rules: I → ı, İ → i."""
    return text.translate(_LOWER).lower()


def capitals(text: str) -> str:
    """Repair and upper-case: the spelling in which names and titles are compared."""
    return upper(repair(text))


def fold(text: str) -> str:
    """Repair, upper-case and reduce to ASCII letters, so that labels match however they are spelled.

    Loses real distinctions (KIR and KİR fold alike): use it to find labels and candidates, never to decide
    that two names are the same.
    """
    if text.isascii():
        return text.upper()
    folded = capitals(text).translate(_ASCII)
    if folded.isascii():
        return folded
    return "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
