"""Grammar of the QR code on an e-Devlet paper, and of its barcode number.

No official specification is public. The forms are those that issuing institutions write and that the
e-Devlet application accepts: `[barkodlubelgedogrulama://]barkod:<B>;tckn:<T>[;][tail]`, seldom the barcode
alone, and an address of turkiye.gov.tr that names the barcode. Everything else is a foreign code.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from stdnum.tr import tckimlik

_BARCODE = r"[A-Za-z0-9_-]{8,50}"
"""The form of turkiye.gov.tr/belge-dogrulama takes up to 50 characters; no shorter number than 8 is known."""
_MAX_PAYLOAD = 2_000
"""Characters; a payload has about 40, with an address behind it 100. Longer texts are no payloads."""

_KEYED = re.compile(
    rf"(?:barkodlubelgedogrulama://)?\s*barkod\s*:\s*(?P<barcode>{_BARCODE})\s*;"
    r"\s*tckn\s*:\s*(?P<person>[1-9][0-9]{10})\s*(?:;(?P<tail>.*))?",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_KEY = re.compile(r"\b(?:barkod|tckn)\s*:", re.IGNORECASE | re.ASCII)
_BARE = re.compile(_BARCODE)
_ADDRESS = re.compile(r"(?:https?://)?[\w.-]+(?::[0-9]{1,5})?[/?]\S*", re.IGNORECASE | re.ASCII)
_TAIL_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*:[/\\]+[^\s;]*|(?:[\w-]+\.)+[a-z]{2,}(?:[/:?#@][^\s;]*)?", re.IGNORECASE | re.ASCII
)
_ODD_SPACE = str.maketrans({"\ufeff": None, "\u200b": None, "\u00a0": " ", "\u202f": " "})
_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212]+")
_HOST = "turkiye.gov.tr"

_PREFIXES = re.compile(
    r"hd[0-9a-z]{16,48}"
    r"|SGK[0-9A-Z]{12,47}"
    r"|NV0[0-9][0-9A-Z]{12}"
    r"|YOK[0-9A-Z]{12,47}"
    r"|KYK[0-9A-Z]{10,47}"
    r"|ADB[0-9]{8,47}"
    r"|MSB[0-9]{12,47}"
    r"|UDH[0-9]{12,47}",
    re.IGNORECASE | re.ASCII,
)
"""Shapes of the barcode numbers that are known: SGK statements and pension papers, NVİ, YÖK, KYK, criminal
records (ADB), military service (MSB), UDH. The dashes of the printed form are taken out before matching."""

_SHORTEST = 11
"""Characters of the shortest barcode number of a known shape."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What the QR code of an e-Devlet paper says.

    `barcode` is spelled as in the code; `national_id` is the owner's T.C. number or None. `form` is
    `keyed` (barkod and tckn), `barcode_only`, or `address`. A `barcode_only` payload proves little: any
    short alphanumeric code of somebody else looks the same.
    """

    barcode: str
    national_id: str | None
    form: str


def parse_payload(text: str) -> Payload | None:
    """Return what the text of a QR code says, or None when it is not the code of an e-Devlet paper.

    Upper-case keys, a byte-order mark, line ends and no-break spaces are tolerated. A T.C. number that
    breaks its checksum, an address behind the payload that is not one of turkiye.gov.tr, or a second payload
    makes the code a foreign one: nobody but a forger or another system writes it.
    """
    if len(text) > _MAX_PAYLOAD:
        return None
    plain = text.translate(_ODD_SPACE).strip()
    if keyed := _KEYED.fullmatch(plain):
        return _keyed(keyed)
    if _BARE.fullmatch(plain):
        return Payload(plain, None, "barcode_only")
    return _address(plain)


def _keyed(match: re.Match[str]) -> Payload | None:
    person, tail = match["person"], match["tail"] or ""
    foreign = not all(map(_is_edevlet, _TAIL_ADDRESS.findall(tail)))
    if foreign or _KEY.search(tail) or not tckimlik.is_valid(person):
        return None
    return Payload(match["barcode"], person, "keyed")


def _is_edevlet(address: str) -> bool:
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or "\\" in address:
        return False
    return host == _HOST or host.endswith(f".{_HOST}")


def _address(text: str) -> Payload | None:
    if not _ADDRESS.fullmatch(text) or not _is_edevlet(text):
        return None
    query = urlsplit(text if "://" in text else f"https://{text}").query
    values = {key.lower(): value.strip() for key, value in parse_qsl(query)}
    barcode = values.get("barkod") or values.get("barkodno") or ""
    return Payload(barcode, None, "address") if _BARE.fullmatch(barcode) else None


def normalise_barcode(text: str) -> str:
    """Return a barcode number in upper case without dashes and spaces: the form in which two are compared."""
    # Barcode numbers are ASCII: Turkish casing would turn hd…i into HD…İ.
    return _SEPARATORS.sub("", text.translate(_ODD_SPACE)).upper()


def same_barcode(a: str, b: str) -> bool:
    """Return whether two spellings are the same barcode number: case, dashes and spaces do not count."""
    normal = normalise_barcode(a)
    return bool(normal) and normal == normalise_barcode(b)


def looks_like_barcode(text: str) -> bool:
    """Return whether a printed text has the shape of a known barcode number, dashed or not."""
    return len(text) >= _SHORTEST and bool(_PREFIXES.fullmatch(normalise_barcode(text)))
