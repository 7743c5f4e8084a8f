"""The uploaded files, sealed, each under the hash of its bytes, in a folder or at any fsspec URL.

The same bytes are kept once, whatever name they were uploaded under; the name tells nothing, since file names of these
papers often contain a T.C. number.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from fsspec.core import url_to_fs

from storage.errors import EvidenceDamaged, EvidenceMissing
from storage.keys import OVERHEAD_BYTES, Keyring

MAX_BYTES = 512 * 1024 * 1024
"""Largest file that is taken or given back, in bytes: twice what the archive walk accepts, read whole into memory."""


class EvidenceStore:
    """Content-addressed, encrypted files. Threads may share it."""

    def __init__(self, url: str, keys: Keyring) -> None:
        self._files, self._root = url_to_fs(url)  # type: ignore[no-untyped-call]  # fsspec has no types
        self._local = "file" in self._files.protocol
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

        Raises EvidenceMissing, WrongKey, or EvidenceDamaged when what is kept there has another hash.
        """
        path = self._path(sha256)
        try:
            if self._files.size(path) > MAX_BYTES + OVERHEAD_BYTES:
                raise EvidenceDamaged(f"The evidence {sha256} is too large.", _RESTORE)
            data = self._keys.open_evidence(self._files.cat_file(path), sha256)
        except FileNotFoundError:
            raise EvidenceMissing(f"There is no evidence {sha256} in the store.", _RESTORE) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceDamaged(f"The evidence {sha256} is not what its name says.", _RESTORE)
        return data

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _holds(self, path: str, size: int) -> bool:
        """Return whether the file is there whole: a store without atomic writes may hold a part of it."""
        try:
            found = Path(path).stat().st_size if self._local else self._files.size(path)
            return bool(found == size)
        except FileNotFoundError:
            return False

    def _write(self, path: str, sealed: bytes) -> None:
        if self._local:
            _write_atomically(Path(path), sealed)
        else:
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(path, sealed)


_RESTORE = "Restore it from a backup, or take it from the inbox again."


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise EvidenceDamaged(f"A file is larger than {MAX_BYTES} bytes.", "Take it out of the application.")
    return data


def _new_draft(folder: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(dir=folder, prefix=".")  # for its owner alone
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=folder, prefix=".")


def _write_atomically(path: Path, data: bytes) -> None:
    descriptor, draft = _new_draft(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
