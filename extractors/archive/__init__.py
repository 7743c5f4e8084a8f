"""Uploaded archives: the zip's records are judged first, then its documents are listed and read.

Python's zipfile is a reader, not a judge: it reads overlapping members, duplicate names and records that
disagree. Here the records are walked by themselves (`records`), names are decoded and checked (`names`), and
bytes are counted and checked as they are inflated (`inflate`). Nothing is ever extracted to a path.

    ArchiveRefused      the one exception; its fault has the ARCHIVE_* code and the facts of the message
"""

from extractors.archive.limits import Limits
from extractors.archive.media import format_of, media_of
from extractors.archive.refusal import ArchiveRefused, Reason
from extractors.archive.walking import (
    Kept,
    Member,
    list_members,
    read_member,
    walk,
    without_documents,
)

__all__ = [
    "ArchiveRefused",
    "Kept",
    "Limits",
    "Member",
    "Reason",
    "format_of",
    "list_members",
    "media_of",
    "read_member",
    "walk",
    "without_documents",
]
