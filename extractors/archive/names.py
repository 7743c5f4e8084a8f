"""Names of members: from bytes of an unknown code page to a path that is safe to show and to compare."""

import re
import unicodedata
import zlib
from collections.abc import Mapping

from extractors.archive.refusal import Reason, unsafe

UNICODE_PATH = 0x7075
"""Info-ZIP's extra field with the name in UTF-8 (APPNOTE 4.6.9)."""

_UTF8_FLAG = 1 << 11
_TURKISH = frozenset("çğıöşüÇĞİÖŞÜâîûÂÎÛ")
_DRIVE = re.compile(r"[A-Za-z]:")
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_CLUTTER_NAMES = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


def decode_name(raw: bytes, flags: int, extra: Mapping[int, bytes]) -> str:
    """Return the name in NFC; every sequence of bytes gives one.

    The flag for UTF-8 first, then the Unicode path field, then UTF-8 by its look (macOS sets no flag), then
    the code page, cp857 of Windows' own zip or cp1254 of other tools, that gives more Turkish letters.
    """
    candidates = (raw if flags & _UTF8_FLAG else None, unicode_text(extra.get(UNICODE_PATH, b""), raw), raw)
    for candidate in candidates:
        if candidate is not None and (name := _utf8(candidate)) is not None:
            return unicodedata.normalize("NFC", name)
    return unicodedata.normalize("NFC", _by_code_page(raw))


def _utf8(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def unicode_text(field: bytes, plain: bytes) -> bytes | None:
    """Return the UTF-8 bytes of a Unicode path or comment field; None where it is stale or of another version.

    A field whose checksum is not that of the plain text was made for another one: the format says to ignore it.
    """
    if len(field) > 5 and field[0] == 1 and int.from_bytes(field[1:5], "little") == zlib.crc32(plain):
        return field[5:]
    return None


def _by_code_page(raw: bytes) -> str:
    readings = [raw.decode(page, errors="replace") for page in ("cp857", "cp1254")]
    return max(readings, key=lambda name: sum(letter in _TURKISH for letter in name))


def safe_path(name: str) -> str:
    """Return the name with plain slashes and without empty parts; a folder's path ends with a slash.

    Refuses (ARCHIVE_UNSAFE) what is absolute, has a drive letter, climbs, is empty, or holds a NUL, at which
    some readers cut the name. Nothing is ever extracted to it: such a name shows intent, or a broken tool.
    """
    parts = name.replace("\\", "/").split("/")
    if "\0" in name or parts[0] == "" or ".." in parts or _DRIVE.match(parts[0]):
        raise unsafe(Reason.NAME)
    kept = [part for part in parts if part not in {"", "."}]
    if not kept and parts[-1] != "":
        raise unsafe(Reason.NAME)
    return "/".join(kept) + ("/" if parts[-1] == "" else "")


def shown(path: str) -> str:
    """Return the path with control and direction characters replaced, so that it shows as what it is."""
    return "".join("\ufffd" if unicodedata.category(c) in _UNSHOWABLE else c for c in path)


def is_clutter(path: str) -> bool:
    """Tell whether a file is one that macOS or Windows leaves in folders without being asked."""
    folders, _, name = path.rpartition("/")
    return "__MACOSX" in folders.split("/") or name.startswith("._") or name.lower() in _CLUTTER_NAMES
