"""The uploaded files, sealed, each under the hash of its bytes, in a folder or at any fsspec URL.

The same bytes are kept once, whatever name they were uploaded under; the name tells nothing, since file names of these
papers often contain a T.C. number.
"""

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from storage.addresses import as_os_errors, file_system
from storage.errors import EvidenceDamaged, EvidenceMissing, EvidenceUnreachable
from storage.keys import OVERHEAD_BYTES, Keyring

MAX_BYTES = 512 * 1024 * 1024
"""Largest file that is taken or given back, in bytes: twice what the archive walk accepts, read whole into memory."""

PAGES_FOLDER = "pages"
"""Folder in KANIT_HOME of the sealed pictures that the review application keeps of pages of evidence. Nothing is lost
with it; it must not outlive evidence that is destroyed."""

ABANDONED_SECONDS = 3600.0
"""Age at which an unfinished file has no writer any more; to write one takes a moment."""


class EvidenceStore:
    """Content-addressed, encrypted files. Threads may share it."""

    def __init__(self, url: str, keys: Keyring) -> None:
        """Open the store in a folder or at a URL. Raises AddressUnusable."""
        self._files, self._root = file_system(url)
        self._local = "file" in self._files.protocol
        # Where there are none, `makedirs` would make a bucket of a name that was mistyped.
        self._has_folders = not _OBJECT_STORES.intersection(_protocols(self._files.protocol))
        self._keys = keys

    def put(self, source: Path | bytes) -> str:
        """Keep a file or bytes and return the SHA-256 in hexadecimal; keeping it again changes nothing.

        Raises EvidenceDamaged when it is larger than any upload may be, OSError when it cannot be read or kept.
        """
        data = source if isinstance(source, bytes) else _read(source)
        sha256 = hashlib.sha256(data).hexdigest()
        sealed = self._keys.seal_evidence(data, sha256)
        path = self._path(sha256)
        if not self._holds(path, len(sealed)):
            self._write(path, sealed)
        return sha256

    def open(self, sha256: str) -> bytes:
        """Return the bytes of that hash.

        Raises EvidenceMissing, WrongKey, EvidenceDamaged when what is kept there has another hash, or
        EvidenceUnreachable.
        """
        path = self._path(sha256)
        try:
            data = self._keys.open_evidence(self._sealed(path, sha256), sha256)
        except FileNotFoundError:
            raise EvidenceMissing(f"There is no evidence {sha256} in the store.", _RESTORE) from None
        except OSError as error:
            raise EvidenceUnreachable(
                f"The evidence store does not answer: {error.strerror}.", _REACH
            ) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceDamaged(f"The evidence {sha256} is not what its name says.", _RESTORE)
        return data

    def delete(self, sha256: str) -> None:
        """Remove what is kept under that hash; removing it again changes nothing. Raises EvidenceUnreachable."""
        path = self._path(sha256)
        try:
            with as_os_errors():
                self._files.rm_file(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise EvidenceUnreachable(
                f"The evidence store does not answer: {error.strerror}.", _REACH
            ) from None

    def remove_abandoned(self) -> None:
        """Remove what writers that were killed left unfinished. Raises OSError."""
        if self._local and self._drafts.is_dir():
            long_ago = time.time() - ABANDONED_SECONDS
            for draft in self._drafts.iterdir():
                with suppress(FileNotFoundError):  # its writer finished it just now
                    if draft.stat().st_mtime < long_ago:
                        draft.unlink()

    @property
    def _drafts(self) -> Path:
        return Path(self._root, ".drafts")

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _sealed(self, path: str, sha256: str) -> bytes:
        if self._size(path) > MAX_BYTES + OVERHEAD_BYTES:
            raise EvidenceDamaged(f"The evidence {sha256} is too large.", _RESTORE)
        with as_os_errors():
            data: bytes = self._files.cat_file(path)
        return data

    def _holds(self, path: str, size: int) -> bool:
        """Return whether the file is there whole: a store without atomic writes may hold a part of it."""
        try:
            return self._size(path) == size
        except FileNotFoundError:
            return False

    def _size(self, path: str) -> int:
        if self._local:
            return Path(path).stat().st_size
        with as_os_errors():
            return int(self._files.size(path))

    def _write(self, path: str, sealed: bytes) -> None:
        if self._local:
            _write_atomically(Path(path), sealed, self._drafts)
        else:
            with as_os_errors():
                if self._has_folders:
                    self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
                self._files.pipe_file(path, sealed)


_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"}
_RESTORE = "Restore it from a backup, or take it from the inbox again."

_REACH = "Check the network, the store's address, and the credentials and rights that it asks for."


def _protocols(protocol: str | tuple[str, ...]) -> tuple[str, ...]:
    return (protocol,) if isinstance(protocol, str) else protocol


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise EvidenceDamaged(f"A file is larger than {MAX_BYTES} bytes.", "Take it out of the application.")
    return data


def _write_atomically(path: Path, data: bytes, drafts: Path) -> None:
    for folder in (drafts, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=drafts)  # for its owner alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
