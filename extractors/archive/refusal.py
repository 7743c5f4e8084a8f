"""Why an uploaded archive is refused: one exception, and the words that its facts use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum

from extractors.facts import Fault, FaultCode, Scalar


class Reason(StrEnum):
    """The fact `reason` of ARCHIVE_DAMAGED and ARCHIVE_UNSAFE."""

    TRUNCATED = "truncated"
    """A record points past the end, or the end record is missing."""
    TRAILING_DATA = "trailing_data"
    """Bytes after the end of the archive."""
    DIRECTORY = "directory"
    """The directory is not where, or not as long as, its end record says."""
    LOCAL_HEADER = "local_header"
    """A member's own header is missing."""
    EXTRA_FIELD = "extra_field"
    """A record's extra field cannot be read."""
    COMPRESSION = "compression"
    """The compressed data cannot be inflated."""
    SIZE = "size"
    """A member is longer or shorter than declared."""
    CHECKSUM = "checksum"
    """A member's CRC-32 differs."""
    NAME = "name"
    """A name that leads out of the archive, or that readers understand differently."""
    DUPLICATE_NAME = "duplicate_name"
    LINK = "link"
    """A symbolic link, device or socket."""
    OVERLAP = "overlap"
    """Two records share bytes."""
    GAP = "gap"
    """Bytes that belong to no record."""
    DISAGREEMENT = "disagreement"
    """A member's own header, its directory entry and its data descriptor say different things."""


class ArchiveRefused(Exception):
    """The archive cannot be accepted; `fault` has the code and the facts for its message.

    The fact `member` is the position of the offending member, counted from 1 in the order of the directory,
    with a slash for each nested archive ("2/1"); None where the archive as a whole is meant. Names of members
    are no facts: they hold T.C. numbers.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return " ".join(
            [self.fault.code.value, *(f"{key}={value}" for key, value in self.fault.facts.items())]
        )

    def inside(self, index: int) -> "ArchiveRefused":
        """Return the same refusal as seen from the archive that holds the member `index`."""
        inner = self.fault.facts.get("member")
        member = f"{index + 1}/{inner}" if inner else f"{index + 1}"
        return ArchiveRefused(replace(self.fault, facts={**self.fault.facts, "member": member}))


def refusal(code: FaultCode, **facts: Scalar) -> ArchiveRefused:
    """Build a refusal of the archive as a whole."""
    return ArchiveRefused(Fault(code, {**facts, "member": None}))


def damaged(reason: Reason) -> ArchiveRefused:
    """Build an ARCHIVE_DAMAGED refusal."""
    return refusal(FaultCode.ARCHIVE_DAMAGED, reason=reason.value)


def unsafe(reason: Reason) -> ArchiveRefused:
    """Build an ARCHIVE_UNSAFE refusal."""
    return refusal(FaultCode.ARCHIVE_UNSAFE, reason=reason.value)


@contextmanager
def located(index: int) -> Iterator[None]:
    """Add the member's position to a refusal that is raised inside."""
    try:
        yield
    except ArchiveRefused as refused:
        raise refused.inside(index) from None
