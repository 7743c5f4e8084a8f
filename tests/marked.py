"""Finds marked identities in whatever a run left behind, in every spelling that programs write."""

import base64
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from extractors.turkish import fold, lower, upper

_SHORTEST = 6
"""Bytes below which a spelling may stand in sealed data by chance."""
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1254")
_GAPS = (" ", "-", ".", "\u00a0", "_")


def spellings(secret: str) -> Iterator[str]:
    """Yield a name or number as people and programs write it."""
    yield from {secret, lower(secret), upper(secret), fold(secret), fold(secret).lower(), secret.title()}
    titled = " ".join(word[:1] + lower(word[1:]) for word in secret.split())
    yield from (titled, quote(secret), json.dumps(secret).strip('"'), secret[::-1])
    if secret.isdigit():
        for gap in _GAPS:
            yield gap.join(secret)
            yield gap.join((secret[:3], secret[3:6], secret[6:9], secret[9:]))
            yield gap.join((secret[:2], secret[2:5], secret[5:8], secret[8:]))


def forms(secret: str, shortest: int = _SHORTEST) -> frozenset[bytes]:
    """Return a secret as bytes: every spelling in every encoding, as hexadecimal and base64 at any offset too.

    Forms of fewer bytes than `shortest` are left out.
    """
    plain = {
        form
        for spelling in spellings(secret)
        for encoding in _ENCODINGS
        if (form := spelling.encode(encoding, "ignore"))
    }
    return frozenset(form for each in plain for form in _coded(each) if len(form) >= shortest)


def found_in(data: bytes, wanted: Mapping[str, Iterable[bytes]]) -> set[str]:
    """Return the secrets of which some form stands in these bytes."""
    return {secret for secret, kinds in wanted.items() if any(form in data for form in kinds)}


def contents(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, and what a database or an archive in it holds besides."""
    data = path.read_bytes()
    yield data
    if data.startswith(b"SQLite format 3\0"):
        yield from _cells(path)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (name.encode() for name in archive.namelist())
            yield from (archive.read(name) for name in archive.namelist())


def left_in(folder: Path, secrets: Iterable[str]) -> dict[str, set[str]]:
    """Return which secrets stand in which files below a folder, names of files and folders included."""
    wanted = {secret: forms(secret) for secret in secrets}
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        parts: Iterable[bytes] = (name.encode("utf-8", "surrogateescape"),)
        if path.is_file():
            parts = chain(parts, contents(path))
        if seen := set().union(*(found_in(part, wanted) for part in parts)):
            found[name] = seen
    return found


def _coded(form: bytes) -> Iterator[bytes]:
    yield form
    if len(form) >= _SHORTEST:
        yield from (form.hex().encode(), form.hex().upper().encode())
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + form)
            # The first and last letters depend on what stands beside the secret.
            yield coded[-(-offset * 8 // 6) : (offset + len(form)) * 8 // 6]


def _cells(path: Path) -> Iterator[bytes]:
    """Yield every text and blob of a database: what is long lies in pieces in the file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - from the catalogue
                for cell in row:
                    if isinstance(cell, str | bytes):
                        yield cell.encode() if isinstance(cell, str) else cell
