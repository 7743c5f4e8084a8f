"""The uploaded files, sealed, each under the hash of its bytes, in a folder or at any fsspec URL.

The same bytes are kept once, whatever name they were uploaded under; the name tells nothing, since file names of these
papers often contain a T.C. number.
"""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from storage.addresses import as_os_errors, file_system
from storage.durable import keep_names, make_folder
from storage.errors import EvidenceDamaged, EvidenceMissing, EvidenceUnreachable, WrongKey
from storage.keys import ID_BYTES, OVERHEAD_BYTES, Keyring, key_of

MAX_BYTES = 512 * 1024 * 1024
"""Largest file that is taken or given back, in bytes: twice what the archive walk accepts, read whole into memory."""

PAGES_FOLDER = "pages"
"""Folder in KANIT_HOME of the sealed pictures that the review application keeps of pages of evidence. Nothing is lost
with it; it must not outlive evidence that is destroyed."""

DRAFTS_FOLDER = ".drafts"
"""Folder of a local store in which files stand until they are whole."""

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
        data = source if isinstance(source, bytes) else read_upload(source)
        sha256 = hashlib.sha256(data).hexdigest()
        keys = self._keys.now()
        while True:
            if not self._holds(self._path(sha256), len(data) + OVERHEAD_BYTES, keys.id):
                self._write(self._path(sha256), keys.seal_evidence(data, sha256))
            # Keys that were rotated meanwhile went past this file before it was there.
            keys, before = self._keys.now(), keys
            if keys.id == before.id:
                return sha256

    def open(self, sha256: str) -> bytes:
        """Return the bytes of that hash.

        Raises EvidenceMissing, WrongKey, EvidenceDamaged when what is kept there has another hash, or
        EvidenceUnreachable.
        """
        data = self._keys.open_evidence(self.sealed(sha256), sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceDamaged(text="evidence_other", sha256=sha256)
        return data

    def sealed(self, sha256: str) -> bytes:
        """Return what is kept under that hash as it is kept, sealed.

        Raises EvidenceMissing, EvidenceDamaged when it is larger than any upload may be, or EvidenceUnreachable.
        """
        try:
            return self._sealed(self._path(sha256), sha256)
        except FileNotFoundError:
            raise EvidenceMissing(text="evidence_missing", sha256=sha256) from None
        except OSError as error:
            raise _unreachable(error) from None

    def put_sealed(self, sha256: str, sealed: bytes) -> None:
        """Keep what `sealed` gave, in this store or another one. Raises OSError."""
        self._write(self._path(sha256), sealed)

    def holds(self, sha256: str) -> bool:
        """Return whether anything is kept under that hash. Raises EvidenceUnreachable."""
        try:
            self._size(self._path(sha256))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unreachable(error) from None
        return True

    def names(self, folder: str = "") -> list[str]:
        """Return the names in a folder of the store, `ab` or the store itself; none where there is no such folder.

        A folder has the first two digits of the hashes that are in it. Raises EvidenceUnreachable.
        """
        path = f"{self._root}/{folder}" if folder else self._root
        try:
            with as_os_errors():
                found = self._files.ls(path, detail=False)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreachable(error) from None
        return sorted(each.rstrip("/").rpartition("/")[2] for each in found)

    def delete(self, sha256: str) -> None:
        """Remove what is kept under that hash; removing it again changes nothing. Raises EvidenceUnreachable."""
        path = self._path(sha256)
        try:
            with as_os_errors():
                self._files.rm_file(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unreachable(error) from None

    def hashes(self) -> Iterator[str]:
        """Yield the hashes of all files. Raises EvidenceUnreachable."""
        for folder in filter(_FOLDER.fullmatch, self.names()):
            yield from filter(_HASH.fullmatch, self.names(folder))

    def key_of(self, sha256: str) -> str:
        """Return the id of the key that a file is sealed under. Raises EvidenceMissing, EvidenceUnreachable."""
        try:
            return key_of(self._front(self._path(sha256)))
        except FileNotFoundError:
            raise EvidenceMissing(text="evidence_missing", sha256=sha256) from None
        except OSError as error:
            raise _unreachable(error) from None

    def is_ours(self, sha256: str, before: datetime) -> bool:
        """Tell whether a file was written before a moment, and under a key at hand; False where that is not told.

        Raises EvidenceUnreachable.
        """
        path = self._path(sha256)
        try:
            with as_os_errors():
                old = self._is_older(path, before)
            return old and key_of(self._front(path)) in self._keys.ids
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unreachable(error) from None

    def seal_again(self, sha256: str, keys: Keyring) -> None:
        """Seal a file that is there under the current one of these keys; whatever happens, it stays openable.

        Raises as `open`, and OSError. Nobody may delete the file meanwhile: it would be there again.
        """
        path = self._path(sha256)
        sealed = keys.seal_evidence(self.open(sha256), sha256)
        if self._local or not self._has_folders:
            self._write(path, sealed)
            return
        # What such a store overwrites may be cut short: until it is whole, a second copy is.
        self._write(path + _SPARE, sealed)
        self._write(path, sealed)
        with as_os_errors():
            self._files.rm_file(path + _SPARE)

    def mend(self) -> None:
        """Finish what a `seal_again` left that was killed. Raises EvidenceUnreachable, OSError."""
        if self._local or not self._has_folders:
            return
        for folder in filter(_FOLDER.fullmatch, self.names()):
            for name in self.names(folder):
                if name.endswith(_SPARE) and _HASH.fullmatch(name.removesuffix(_SPARE)):
                    self._mend(name.removesuffix(_SPARE))

    def _mend(self, sha256: str) -> None:
        path = self._path(sha256)
        with as_os_errors():
            sealed = self._files.cat_file(path + _SPARE)
        # Nothing is to be done where the spare was cut short, or the file was deleted since.
        with suppress(WrongKey, FileNotFoundError):
            self._keys.open_evidence(sealed, sha256)
            self._size(path)
            self._write(path, sealed)
        with as_os_errors():
            self._files.rm_file(path + _SPARE)

    def remove_abandoned(self) -> None:
        """Remove what writers that were killed left unfinished. Raises OSError."""
        for draft in self.abandoned():
            draft.unlink(missing_ok=True)

    def abandoned(self) -> list[Path]:
        """Return what writers that were killed left unfinished. Raises OSError."""
        found = []
        if self._local and self._drafts.is_dir():
            long_ago = time.time() - ABANDONED_SECONDS
            for draft in self._drafts.iterdir():
                with suppress(FileNotFoundError):  # its writer finished it just now
                    if draft.stat().st_mtime < long_ago:
                        found.append(draft)
        return found

    @property
    def _drafts(self) -> Path:
        return Path(self._root, DRAFTS_FOLDER)

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _sealed(self, path: str, sha256: str) -> bytes:
        if self._size(path) > MAX_BYTES + OVERHEAD_BYTES:
            raise EvidenceDamaged(text="evidence_too_large", sha256=sha256)
        with as_os_errors():
            data: bytes = self._files.cat_file(path)
        return data

    def _is_older(self, path: str, before: datetime) -> bool:
        try:
            written: datetime = self._files.modified(path)
        except (NotImplementedError, AttributeError):  # such a store does not tell
            return False
        return (written if written.tzinfo else written.replace(tzinfo=UTC)) < before

    def _holds(self, path: str, size: int, key_id: str) -> bool:
        """Return whether the file is there under that key, and whole: a store without atomic writes may hold a part."""
        try:
            return self._size(path) == size and key_of(self._front(path)) == key_id
        except FileNotFoundError:
            return False

    def _front(self, path: str) -> bytes:
        """Return the bytes that tell the key."""
        if self._local:
            with Path(path).open("rb") as file:
                return file.read(ID_BYTES)
        with as_os_errors():
            return bytes(self._files.cat_file(path, start=0, end=ID_BYTES))

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


_FOLDER, _HASH = re.compile(r"[0-9a-f]{2}"), re.compile(r"[0-9a-f]{64}")
_SPARE = ".spare"
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"}


def _protocols(protocol: str | tuple[str, ...]) -> tuple[str, ...]:
    return (protocol,) if isinstance(protocol, str) else protocol


def _unreachable(error: OSError) -> EvidenceUnreachable:
    return EvidenceUnreachable(text="evidence_unreachable", reason=error.strerror or type(error).__name__)


def read_upload(path: Path) -> bytes:
    """Return the bytes of an uploaded file. Raises EvidenceDamaged when it is larger than any may be, and OSError."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise EvidenceDamaged(text="upload_too_large", limit=MAX_BYTES)
    return data


def _write_atomically(path: Path, data: bytes, drafts: Path) -> None:
    for folder in (drafts, path.parent):
        make_folder(folder)
    descriptor, draft = tempfile.mkstemp(dir=drafts)  # for its owner alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
        keep_names(path.parent)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
