"""Facts to JSON and back.

What is kept is exactly what `extractors.facts` defines, which is what the rules need (KVKK m.4: linked to
the purpose, limited, proportionate); nothing else of a paper is stored. JSON without a field that was added
to the facts later still loads, so that old facts can be judged anew.
"""

import dataclasses
import zlib
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, to_json

from extractors.facts import Document, Upload

_UPLOAD = TypeAdapter(Upload)
_DOCUMENT = TypeAdapter(Document)
_FAST = 1  # zlib level; higher ones gain little on these texts


def facts_to_json(upload: Upload) -> bytes:
    """Write an upload, with its documents, as JSON."""
    return to_bytes(upload)


def facts_from_json(data: bytes) -> Upload:
    """Read an upload that `facts_to_json` wrote. Raises pydantic.ValidationError."""
    return _UPLOAD.validate_json(data)


def pack_upload(upload: Upload) -> bytes:
    """Compress an upload without its documents, which are packed one by one."""
    return zlib.compress(facts_to_json(dataclasses.replace(upload, documents=())), _FAST)


def unpack_upload(packed: bytes, documents: tuple[Document, ...]) -> Upload:
    """Give back what `pack_upload` packed, with its documents."""
    return dataclasses.replace(facts_from_json(zlib.decompress(packed)), documents=documents)


def pack_document(document: Document) -> bytes:
    """Compress a document's facts."""
    return zlib.compress(to_bytes(document), _FAST)


def unpack_document(packed: bytes) -> Document:
    """Give back what `pack_document` packed."""
    return _DOCUMENT.validate_json(zlib.decompress(packed))


def to_bytes(value: object) -> bytes:
    """Write facts as JSON, whatever a broken paper put into them."""
    # "constants": a broken paper can have a box that is no number, and null would not load again.
    try:
        return to_json(value, inf_nan_mode="constants")
    except PydanticSerializationError:
        return to_json(_plain(value), inf_nan_mode="constants")


def _plain(value: Any) -> Any:
    """Replace half characters, which broken papers hold and UTF-8 does not, by question marks."""
    if isinstance(value, str):
        return type(value)(value.encode("utf-8", "replace").decode())
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **changed)
    return value
