"""A file that lies in memory alone, in place of the path of one."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes that are read as a file: opened evidence never lies on a disk, and a child looks into no other process."""

    content: bytes = field(repr=False)

    def open(self, _mode: Literal["rb"]) -> BinaryIO:
        """Open the file for reading."""
        return BytesIO(self.content)

    def read_bytes(self) -> bytes:
        """Return all of it."""
        return self.content


File: TypeAlias = Path | Held
"""What an upload is read from."""
