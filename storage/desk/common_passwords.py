"""Passwords that are guessed among the first: by patterns and lists of frequent words (zxcvbn), and by a list of leaks.

No request leaves the machine. The list of leaks is a file that the office fetches and keeps up to date by itself:
lines of SHA-1 in hexadecimal capitals, in their order, each with a count behind a colon if it likes, as Have I Been
Pwned hands its list out.
"""

import hashlib
import mmap
from pathlib import Path
from typing import Final

from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # it brings no types

GUESSES: Final = 10**10
"""A password must take more guesses than this: years of trying, for who has stolen a hash of argon2id."""
CONTEXT: Final = (
    "kanit",
    "kanıt",
    "titck",
    "utis",
    "edevlet",
    "e-devlet",
    "sgk",
    "teknik",
    "servis",
    "teknikservis",
    "tibbi",
    "tıbbi",
    "cihaz",
    "saglik",
    "sağlık",
    "bakanlik",
    "bakanlık",
    "kurum",
    "inceleme",
    "incelemeci",
    "denetim",
    "denetci",
    "denetçi",
    "isletmen",
    "işletmen",
    "hastane",
    "parola",
    "sifre",
    "şifre",
    "yonetici",
    "yönetici",
    "türkiye",
    "turkiye",
    "ankara",
    "istanbul",
    "izmir",
    "ataturk",
    "atatürk",
    "galatasaray",
    "fenerbahce",
    "fenerbahçe",
    "besiktas",
    "beşiktaş",
    "trabzonspor",
)
"""Words of this system, of its office and of the country that lists of frequent passwords do not hold."""
_TRIED: Final = 72
"""Characters that the estimate looks at: its time grows with the length."""


def is_common(password: str, name: str = "") -> bool:
    """Return whether a password is guessed among the first; `name` is that of its account."""
    told = zxcvbn(password[:_TRIED], user_inputs=[*CONTEXT, *filter(None, (name,))], max_length=_TRIED)
    return bool(told["guesses"] <= GUESSES)


def is_breached(password: str, leaked: Path | None) -> bool:
    """Return whether a password stands in a file of leaked ones. Raises OSError."""
    if leaked is None:
        return False
    # The list is one of SHA-1; nothing is protected by it here.
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with leaked.open("rb") as file:
        if not leaked.stat().st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
            return _stands_in(lines, wanted)


def _stands_in(lines: mmap.mmap, wanted: bytes) -> bool:
    """Search ordered lines for one that begins so."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        start = lines.rfind(b"\n", low, middle) + 1 or low
        end = lines.find(b"\n", middle)
        end = len(lines) if end < 0 else end
        found = lines[start : start + len(wanted)].upper()
        if found == wanted:
            return True
        low, high = (end + 1, high) if found < wanted else (low, start)
    return False
