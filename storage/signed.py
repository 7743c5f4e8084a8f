"""When an application was signed, as its declaration tells before anything is read: the order of work goes by it."""

from codecs import BOM_UTF8
from datetime import UTC, datetime

from pydantic import BaseModel, ValidationError

from storage.errors import ApplicationTooLarge
from storage.folders import Inbox
from validators.application import MAX_BYTES, Moment


class _Signed(BaseModel):
    submitted_at: Moment


def signed_at(inbox: Inbox, name: str) -> datetime | None:
    """Return `submitted_at` of a folder's declaration; None where it cannot be told, for whatever reason."""
    try:
        declaration = inbox.declaration(name)
    except (OSError, ApplicationTooLarge):
        return None
    return _told(declaration)


def _told(declaration: bytes) -> datetime | None:
    if len(declaration) > MAX_BYTES:
        return None
    try:
        return _Signed.model_validate_json(declaration.removeprefix(BOM_UTF8)).submitted_at.astimezone(UTC)
    except ValidationError:
        return None
