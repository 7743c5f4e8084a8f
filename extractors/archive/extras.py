"""Extra fields of zip records: their parts, the 64-bit sizes in them, and what they say a second time."""

import struct
from collections.abc import Mapping

from extractors.archive.names import UNICODE_PATH, unicode_text
from extractors.archive.refusal import Reason, damaged, unsafe

ZIP64 = 0x0001
UNICODE_COMMENT = 0x6375
"""Info-ZIP's extra field with the comment in UTF-8 (APPNOTE 4.6.8)."""

_FIELD = struct.Struct("<HH")
_MAX32 = 0xFFFFFFFF
"""In a 32-bit field: the value stands in the zip64 field."""
_ONCE = frozenset({ZIP64, UNICODE_PATH, UNICODE_COMMENT})

_REGISTERED = frozenset(
    {
        *(0x0001, 0x0007, 0x0008, 0x0009, 0x000A, 0x000C, 0x000D, 0x000E, 0x000F),
        *(0x0014, 0x0015, 0x0016, 0x0017, 0x0018, 0x0019, 0x0020, 0x0021, 0x0022, 0x0023, 0x0065, 0x0066),
        *(0x07C8, 0x1986, 0x2605, 0x2705, 0x2805, 0x334D, 0x4154, 0x4341, 0x4453, 0x4690, 0x4704, 0x470F),
        *(0x4854, 0x4B46, 0x4C41, 0x4D49, 0x4D63, 0x4F4C, 0x5356, 0x5455, 0x554E, 0x5855, 0x6375, 0x6542),
        *(0x6854, 0x7075, 0x7441, 0x756E, 0x7855, 0x7875, 0x9901, 0xA11E, 0xA220, 0xCAFE, 0xD935, 0xE57A),
        *(0xFB4A, 0xFD4A, 0x6C78),
    }
)
"""Fields that sound writers put into one of a member's two records alone: time stamps, owners, padding.

Those of APPNOTE 4.5.2 and 4.6.1, of Info-ZIP's extrafld.txt, and libarchive's.
"""


def read_extra(data: bytes) -> dict[int, bytes]:
    """Split an extra field by id. Up to three zero bytes may follow: padding of Android's zipalign."""
    fields: dict[int, bytes] = {}
    position = 0
    while len(data) - position >= _FIELD.size:
        kind, length = _FIELD.unpack_from(data, position)
        start, position = position + _FIELD.size, position + _FIELD.size + length
        if position > len(data) or (kind in fields and kind in _ONCE):
            raise damaged(Reason.EXTRA_FIELD)
        fields[kind] = data[start:position]
    if data[position:].strip(b"\0"):
        raise damaged(Reason.EXTRA_FIELD)
    return fields


def widened(extra: Mapping[int, bytes], values: tuple[int, ...]) -> tuple[int, ...]:
    """Replace the 32-bit values that are all ones by those of the zip64 field.

    The field holds just the values that were replaced, or, as some writers have it, all of them; then those
    that were not replaced must be the same.
    """
    if ZIP64 not in extra:
        return values
    field = extra[ZIP64]
    wide = struct.unpack_from(f"<{len(field) // 8}Q", field)
    if len(wide) == sum(value == _MAX32 for value in values):
        narrow = iter(wide)
        return tuple(next(narrow) if value == _MAX32 else value for value in values)
    merged = tuple(w if value == _MAX32 else value for value, w in zip(values, wide, strict=False))
    if len(merged) < len(values) and _MAX32 in values[len(merged) :]:
        raise damaged(Reason.EXTRA_FIELD)
    if any(value != w for value, w in zip(merged, wide, strict=False)):
        raise unsafe(Reason.DISAGREEMENT)
    return merged + values[len(merged) :]


def check_unicode(extra: Mapping[int, bytes], name: bytes, comment: bytes) -> None:
    """Refuse a directory entry whose name or comment in UTF-8 is another text than the plain one.

    A stale name is left to `decode_name`, which ignores it as the format says: programs that rename members
    leave such fields behind. Nobody edits the comments of members, so that a stale one was put there.
    """
    if UNICODE_COMMENT in extra and unicode_text(extra[UNICODE_COMMENT], comment) is None:
        raise unsafe(Reason.DISAGREEMENT)
    for kind, plain in ((UNICODE_PATH, name), (UNICODE_COMMENT, comment)):
        text = unicode_text(extra.get(kind, b""), plain)
        # Only what a code page cannot say needs the field.
        if text is not None and text.isascii() and text != plain:
            raise unsafe(Reason.DISAGREEMENT)


def check_pair(central: Mapping[int, bytes], local: Mapping[int, bytes]) -> None:
    """Refuse a member whose two records carry extra fields that do not belong together."""
    path = central.get(UNICODE_PATH)
    if path is not None and local.get(UNICODE_PATH, path) != path:
        raise unsafe(Reason.DISAGREEMENT)
    if (central.keys() ^ local.keys()) - _REGISTERED:
        raise unsafe(Reason.DISAGREEMENT)
