"""How large an upload may be, and the running account of one walk."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from extractors.archive.refusal import ArchiveRefused, located, refusal
from extractors.facts import FaultCode

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one upload may cost. An e-Devlet paper is some 100 to 500 kB, a bad scan a few MB."""

    upload_bytes: int = 256 * _MIB
    """Size of the uploaded file: several hundred scanned papers."""
    expanded_bytes: int = 1024 * _MIB
    """Sizes of all members together, those of nested archives too."""
    member_bytes: int = 100 * _MIB
    """Size of one member: a document, like a nested archive, is read into memory whole."""
    members: int = 2000
    """Directory entries in all, nested ones too: papers of a few hundred people, with their folders."""
    directory_bytes: int = 4 * _MIB
    """Size of one directory: `members` entries with long names and extra fields."""
    ratio: int = 200
    """Expanded size to uploaded size. PDF and photographs stay below 20; deflate ends at 1032."""
    ratio_floor_bytes: int = 16 * _MIB
    """Expanded size up to which `ratio` is not asked: a blank bitmap page compresses a thousandfold."""
    depth: int = 3
    """Archives inside one another: a zip in a zip in a zip in the upload is still opened."""


@dataclass(slots=True)
class Budget:
    """What is spent of the limits; one for the whole upload, so that nesting multiplies nothing."""

    limits: Limits
    upload_bytes: int
    members: int = field(default=0, init=False)
    expanded_bytes: int = field(default=0, init=False)

    def admit(self, sizes: Iterable[int]) -> None:
        """Take the members of one directory, by declared size, before anything is inflated.

        Inflating stops at the declared size, so that declared sizes are what a member can cost.
        """
        for index, size in enumerate(sizes):
            self.members += 1
            self.expanded_bytes += size
            with located(index):
                require(size <= self.limits.member_bytes, "member_bytes", self.limits.member_bytes)
        require(self.members <= self.limits.members, "members", self.limits.members)
        require(
            self.expanded_bytes <= self.limits.expanded_bytes, "expanded_bytes", self.limits.expanded_bytes
        )
        floor = self.limits.ratio_floor_bytes
        allowed = max(floor, self.limits.ratio * self.upload_bytes)
        require(self.expanded_bytes <= allowed, "ratio", self.limits.ratio)


def require(holds: bool, limit: str, allowed: int) -> None:
    """Raise the ARCHIVE_LIMIT refusal of a limit that does not hold; `limit` names the field of Limits."""
    if not holds:
        raise over(limit, allowed)


def over(limit: str, allowed: int) -> ArchiveRefused:
    """Build an ARCHIVE_LIMIT refusal."""
    return refusal(FaultCode.ARCHIVE_LIMIT, limit=limit, allowed=allowed)
