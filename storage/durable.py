"""Names of files that outlast a power failure: syncing a file keeps its bytes, not that it stands in its folder."""

import os
from contextlib import suppress
from pathlib import Path


def keep_names(folder: Path) -> None:
    """Let the names that were put into a folder, or taken out of it, outlast a power failure, where that can be done.

    Some network file systems cannot, and a folder that may be written need not be readable.
    """
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder for its owner alone, unless it is there, so that it outlasts a power failure. Raises OSError."""
    if not folder.is_dir():
        make_folder(folder.parent, 0o777)
        folder.mkdir(mode=mode, exist_ok=True)
        keep_names(folder.parent)
