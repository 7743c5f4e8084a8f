"""Seals personal data, and makes the index by which a T.C. number is found without being readable.

Secrets of 32 bytes are kept outside the database: in a file of its owner alone, or in `KANIT_KEY`. Three keys are
derived from each (HKDF-SHA256): for columns, for evidence, for the index. Sealing is AES-256-GCM with a random nonce,
which holds for 2^32 sealings a key; a registry that seals a million values a night reaches that after eleven years.

The index is HMAC-SHA256. A plain hash would not do: there are only some 900 million T.C. numbers, and trying them all
takes minutes.

There may be several secrets, one a line, the newest first. One of them is current: it alone seals and makes indexes,
the others open what was sealed before (NIST SP 800-57 part 1, 5.3.5: data may be read longer than a key writes). Which
one is current says the database (`storage.models.KeyMark`), so that all processes change over at one moment; where
there is no database it is the first one. `storage.rotation` brings everything under another key.
"""

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.durable import keep_names, make_folder
from storage.errors import KeyUnusable, WrongKey

SECRET_BYTES = 32
ENVIRONMENT = "KANIT_KEY"

_FORMAT = "kanit-key-1"
_NONCE_BYTES = 12  # what GCM is specified for
ID_BYTES = 4
"""Bytes of the key's id in front of everything sealed."""
OVERHEAD_BYTES = ID_BYTES + _NONCE_BYTES + 16
"""How much longer sealed data is: key id, nonce, authentication tag."""
_DRAFT = ".key-"
_ABANDONED_SECONDS = 3600.0
_BETWEEN_KEYS = re.compile(r"[\s,]+")  # a variable of the environment often cannot hold a line's end


class _Key:
    """What is derived from one secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise KeyUnusable(text="key_length", wanted=SECRET_BYTES, found=len(secret))
        self.id = _derive(secret, b"id")[:ID_BYTES].hex()
        self.columns = AESGCM(_derive(secret, b"columns"))
        self.evidence = AESGCM(_derive(secret, b"evidence"))
        self._index = _derive(secret, b"index")

    def index(self, value: str, kind: str) -> bytes:
        return hmac.digest(self._index, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256)


class _Ring:
    """Keys by id, the newest first. One that is missing may stand in the file by now: then that is read again."""

    def __init__(self, keys: Sequence[_Key], source: Path | None) -> None:
        self.keys = {key.id: key for key in keys}
        self._source = source

    def read_again(self) -> None:
        if self._source is not None:
            self.keys = {**_read(self._source).keys, **self.keys}

    def is_kept(self, key_id: str) -> bool:
        return self._source is None or key_id in _read(self._source).keys

    def find(self, key_id: str) -> _Key:
        if key_id not in self.keys:
            with suppress(KeyUnusable):
                self.read_again()
        try:
            return self.keys[key_id]
        except KeyError:
            own = ", ".join(self.keys)
            raise WrongKey(text="sealed_under_another_key", found=key_id, own=own) from None


class Keyring:
    """The keys of a registry: the current one seals and makes indexes, all of them open.

    `id` names the current one without telling it: eight hexadecimal digits, kept with everything sealed.
    """

    def __init__(self, *secrets: bytes, source: Path | None = None) -> None:
        """Take secrets, the current one first; `source` is the file in which keys that are missing may turn up."""
        keys = [_Key(secret) for secret in secrets]
        self.ring, self.current = _Ring(keys, source), keys[0]

    @property
    def id(self) -> str:
        """Name of the current key, for messages and for the database's own mark."""
        return self.current.id

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of all keys at hand, the newest first."""
        return tuple(self.ring.keys)

    def read_again(self) -> None:
        """Take over what stands in the key file by now. Raises KeyUnusable."""
        self.ring.read_again()

    def is_kept(self, key_id: str) -> bool:
        """Return whether a key stands in the file at this moment; keys without a file are kept elsewhere."""
        return self.ring.is_kept(key_id)

    def under(self, key_id: str) -> "Keyring":
        """Return these keys with that one as the current one, whatever happens to this object. Raises WrongKey."""
        view = Keyring.__new__(Keyring)
        view.ring, view.current = self.ring, self.ring.find(key_id)
        return view

    def now(self) -> "Keyring":
        """Return these keys with the one as current that is so at this moment (see `LiveKeyring`)."""
        return self

    def seal(self, text: str, column: str) -> bytes:
        """Seal the text of a column. What was sealed for one column does not open as another."""
        return self.seal_bytes(text.encode("utf-8", "surrogatepass"), column)

    def unseal(self, sealed: bytes, column: str) -> str:
        """Give back what `seal` sealed for this column. Raises WrongKey."""
        return self.unseal_bytes(sealed, column).decode("utf-8", "surrogatepass")

    def seal_bytes(self, data: bytes, purpose: str) -> bytes:
        """Seal the bytes of a column (as `seal`, for data that is no text)."""
        return _seal(self.id, self.current.columns, data, purpose)

    def unseal_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Give back what `seal_bytes` sealed. Raises WrongKey."""
        return _open(self.ring.find(key_of(sealed)).columns, sealed, purpose)

    def seal_evidence(self, data: bytes, name: str) -> bytes:
        """Seal an evidence file under its name in the store."""
        return _seal(self.id, self.current.evidence, data, name)

    def open_evidence(self, sealed: bytes, name: str) -> bytes:
        """Give back what `seal_evidence` sealed under this name. Raises WrongKey."""
        return _open(self.ring.find(key_of(sealed)).evidence, sealed, name)

    def index(self, value: str, kind: str) -> bytes:
        """Return the index of a value: equal for equal values of a kind, telling nothing without the key."""
        return self.current.index(value, kind)

    def indexes(self, value: str, kind: str) -> tuple[bytes, ...]:
        """Return the indexes of a value under every key, for what keeps the index that it was written with."""
        return tuple(key.index(value, kind) for key in tuple(self.ring.keys.values()))


class LiveKeyring(Keyring):
    """The keys of an open database, whose mark says which one is current. Threads share it."""

    def __init__(self, keys: Keyring, ask: Callable[[], str | None]) -> None:
        """Take keys, and what asks the database for its mark (None: it has none yet)."""
        self.ring, self.current, self._ask = keys.ring, keys.current, ask

    def follow(self, key_id: str | None) -> Keyring:
        """Take the marked key as the current one from now on; return the keys as of now. Raises WrongKey."""
        try:
            view = self.under(key_id or self.id)
        except WrongKey:
            own = ", ".join(self.ids)
            raise WrongKey(text="database_of_another_key", found=key_id, own=own) from None
        self.current = view.current
        return view

    def now(self) -> Keyring:
        """Ask the database which key is current. Raises WrongKey."""
        return self.follow(self._ask())


def key_of(sealed: bytes) -> str:
    """Return the id of the key that something was sealed under."""
    return sealed[:ID_BYTES].hex()


def _seal(key_id: str, cipher: AESGCM, data: bytes, context: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return bytes.fromhex(key_id) + nonce + cipher.encrypt(nonce, data, context.encode())


def _open(cipher: AESGCM, sealed: bytes, context: str) -> bytes:
    nonce, box = sealed[ID_BYTES:][:_NONCE_BYTES], sealed[ID_BYTES + _NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, box, context.encode())
    except (InvalidTag, ValueError):  # ValueError: so short that not even the nonce is whole
        raise WrongKey(text="sealed_altered") from None


def person_index(keys: Keyring, national_id: str) -> bytes:
    """Return the index under which a T.C. number stands in every table."""
    return keys.index(national_id, "national_id")


def person_indexes(keys: Keyring, national_id: str) -> tuple[bytes, ...]:
    """Return the indexes of a T.C. number under every key: audit lines keep the one that they were written with."""
    return keys.indexes(national_id, "national_id")


def tax_index(keys: Keyring, tax_number: str) -> bytes:
    """Return the index under which a provider's tax number stands."""
    return keys.index(tax_number, "tax_number")


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"kanit 1 " + purpose).derive(secret)


def format_key(secret: bytes) -> str:
    """Write a secret as one line: format, key id, base64."""
    return f"{_FORMAT}:{_Key(secret).id}:{base64.b64encode(secret).decode()}"


def parse_key(text: str, origin: str) -> Keyring:
    """Read what `format_key` writes, several such lines too.

    Raises KeyUnusable, which names the origin and not the key.
    """
    return Keyring(*_secrets(text, origin))


def load_keys(key_file: Path, key: str | None = None) -> Keyring:
    """Return the keys: of `key` if given, else of the file, which is written on first use. Raises KeyUnusable."""
    if key is not None:
        return parse_key(key, ENVIRONMENT)
    with _told(key_file):
        if not key_file.exists():
            make_folder(key_file.parent)
            _create(key_file, [_new_line()])
        _remove_abandoned(key_file.parent)
        return Keyring(*_secrets_of(key_file), source=key_file)


def add_key(key_file: Path) -> str:
    """Put a new key before those of the file, which is whole at every moment; return its id. Raises KeyUnusable."""
    with _told(key_file, "key_file_unwritable"), _alone(key_file):
        line = _new_line()
        _replace(key_file, [line, *_lines_of(key_file)])
        return parse_key(line, str(key_file)).id


def remove_key(key_file: Path, key_id: str) -> None:
    """Take a key out of the file for good; the last one stays. Raises KeyUnusable."""
    with _told(key_file, "key_file_unwritable"), _alone(key_file):
        kept = [line for line in _lines_of(key_file) if parse_key(line, str(key_file)).id != key_id]
        if kept:
            _replace(key_file, kept)


def create_key_file(key_file: Path, lines: Sequence[str]) -> bool:
    """Write a new key file, whole or not at all; the one that is there first stays. Return whether it is this one.

    Raises KeyUnusable.
    """
    with _told(key_file, "key_file_unwritable"):
        return _create(key_file, lines)


def _create(key_file: Path, lines: Sequence[str]) -> bool:
    draft = _draft(key_file, lines)
    try:
        os.link(draft, key_file)  # unlike rename, never replaces the key of a process that was faster
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    keep_names(key_file.parent)
    return True


def with_new_key(text: str, origin: str) -> tuple[str, ...]:
    """Return the lines of a key file that holds a new key and, after it, those of a text. Raises KeyUnusable."""
    return (_new_line(), *(format_key(secret) for secret in _secrets(text, origin)))


def _new_line() -> str:
    return format_key(secrets.token_bytes(SECRET_BYTES))


def _secrets(text: str, origin: str) -> tuple[bytes, ...]:
    return tuple(_secret(part, origin) for part in _BETWEEN_KEYS.split(text.strip()))


def _secret(line: str, origin: str) -> bytes:
    try:
        form, key_id, encoded = line.split(":")
        secret = base64.b64decode(encoded, validate=True)
        known = _Key(secret).id
    except (ValueError, binascii.Error, KeyUnusable):
        raise KeyUnusable(text="key_form", origin=origin, form=_FORMAT) from None
    if form != _FORMAT or key_id != known:
        raise KeyUnusable(text="key_damaged", origin=origin)
    return secret


def _read(key_file: Path) -> _Ring:
    with _told(key_file):
        return Keyring(*_secrets_of(key_file)).ring


def _secrets_of(key_file: Path) -> tuple[bytes, ...]:
    return _secrets(key_file.read_text(encoding="ascii"), str(key_file))


def _lines_of(key_file: Path) -> list[str]:
    return [format_key(secret) for secret in _secrets_of(key_file)]


@contextmanager
def _told(key_file: Path, text: str = "key_file_unreadable") -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnusable(text=text, path=key_file, reason=type(error).__name__) from error


@contextmanager
def _alone(key_file: Path) -> Iterator[None]:
    """Keep other processes from changing the file meanwhile: of two at once, one would lose the other's key."""
    descriptor = os.open(key_file.resolve().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(key_file: Path, lines: Sequence[str]) -> None:
    """Put other lines into the place of a key file, which keeps owner and rights: a service may be somebody else."""
    place = key_file.resolve()
    before = place.stat()
    draft = _draft(place, lines)
    try:
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(draft, before.st_uid, before.st_gid)
        draft.chmod(stat.S_IMODE(before.st_mode))
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    keep_names(place.parent)


def _draft(key_file: Path, lines: Sequence[str]) -> Path:
    """Write lines beside the file, for its owner alone, and return where."""
    descriptor, draft = tempfile.mkstemp(dir=key_file.parent, prefix=_DRAFT)  # mkstemp's mode is 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return Path(draft)


def _remove_abandoned(folder: Path) -> None:
    """Remove the drafts, which hold keys, of writers that were killed; to write one takes a moment."""
    long_ago = time.time() - _ABANDONED_SECONDS
    for draft in folder.glob(f"{_DRAFT}*"):
        with suppress(OSError):  # its writer finished just now, or the folder is somebody else's
            if draft.stat().st_mtime < long_ago:
                draft.unlink()
