"""Electronic signatures of a PDF (PAdES and its elders), judged as far as can be offline, by pyHanko.

e-Devlet's papers are not known to be signed, so nothing asks for a signature; one that is there is told. pyHanko is
loaded for files that hold one only. Whether a certificate can be trusted is not judged: that needs lists that this
program does not fetch.
"""

import io
import re
from datetime import datetime
from typing import Any

from extractors.facts import Signature
from extractors.reader import quiet

_BYTE_RANGE = re.compile(
    rb"/ByteRange\s*\[\s*([0-9]{1,12})\s+([0-9]{1,12})\s+([0-9]{1,12})\s+([0-9]{1,12})\s*\]"
)
_MAX_NAME = 200
"""Characters of a signer's name that are kept."""


def read_signature(data: bytes) -> Signature | None:
    """Return what is known of the last signature of a PDF, or None where it has none.

    A signature that cannot be taken apart is told with `intact` None.
    """
    ends = signed_ends(data)
    if not ends:
        return None
    try:
        with quiet("pyhanko"):
            return _by_pyhanko(data)
    except MemoryError:
        raise
    except Exception:  # pyHanko and asn1crypto let through whatever the bytes provoke
        return Signature(None, None, None, max(ends) >= len(data.rstrip()), len(ends))


def signed_ends(data: bytes) -> tuple[int, ...]:
    """Return where the bytes that each signature covers end."""
    return tuple(int(start) + int(length) for *_, start, length in _BYTE_RANGE.findall(data))


def _by_pyhanko(data: bytes) -> Signature | None:
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - half a second, for signed files only
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # noqa: PLC0415 - as above
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415 - as above

    reader = PdfFileReader(io.BytesIO(data), strict=False)
    if reader.encrypted:
        reader.decrypt("")
    found = reader.embedded_regular_signatures
    if not found:
        return None
    last = found[-1]
    intact, valid = validate_sig_integrity(
        last.signer_info, last.signer_cert, expected_content_type="data", actual_digest=last.compute_digest()
    )
    signed_at = last.self_reported_timestamp
    return Signature(
        _name(last.signer_cert),
        signed_at.isoformat() if isinstance(signed_at, datetime) else None,
        intact and valid,
        last.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE,
        len(found),
    )


def _name(certificate: Any) -> str | None:
    names = certificate.subject.native
    name = names.get("common_name") or names.get("organization_name")
    if isinstance(name, list):
        name = name[0]
    return str(name)[:_MAX_NAME] if name else None
