"""Seals personal data, and makes the index by which a T.C. number is found without being readable.

One secret of 32 bytes is kept outside the database: in a file of its owner alone, or in `KANIT_KEY`. Three
keys are derived from it (HKDF-SHA256): for columns, for evidence, for the index. Sealing is AES-256-GCM
with a random nonce, which holds for 2^32 sealings a key; a registry that seals a million values a night
reaches that after eleven years.

The index is HMAC-SHA256. A plain hash would not do: there are only some 900 million T.C. numbers, and
trying them all takes minutes.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import KeyUnusable, WrongKey

SECRET_BYTES = 32
ENVIRONMENT = "KANIT_KEY"

_FORMAT = "kanit-key-1"
_NONCE_BYTES = 12  # what GCM is specified for
_ID_BYTES = 4
OVERHEAD_BYTES = _ID_BYTES + _NONCE_BYTES + 16
"""How much longer sealed data is: key id, nonce, authentication tag."""


class Keyring:
    """The keys derived from one secret.

    `id` names the secret without telling it: eight hexadecimal digits, kept with everything sealed.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise KeyUnusable(f"A key has {SECRET_BYTES} bytes, this one has {len(secret)}.", _NEW_KEY)
        self._id = _derive(secret, b"id")[:_ID_BYTES]
        self._columns = AESGCM(_derive(secret, b"columns"))
        self._evidence = AESGCM(_derive(secret, b"evidence"))
        self._index = _derive(secret, b"index")

    @property
    def id(self) -> str:
        """Name of the key, for messages and for the database's own mark."""
        return self._id.hex()

    def seal(self, text: str, column: str) -> bytes:
        """Seal the text of a column. What was sealed for one column does not open as another."""
        return self._seal(self._columns, text.encode("utf-8", "surrogatepass"), column.encode())

    def unseal(self, sealed: bytes, column: str) -> str:
        """Give back what `seal` sealed for this column. Raises WrongKey."""
        return self._open(self._columns, sealed, column.encode()).decode("utf-8", "surrogatepass")

    def seal_bytes(self, data: bytes, purpose: str) -> bytes:
        """Seal the bytes of a column (as `seal`, for data that is no text)."""
        return self._seal(self._columns, data, purpose.encode())

    def unseal_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Give back what `seal_bytes` sealed. Raises WrongKey."""
        return self._open(self._columns, sealed, purpose.encode())

    def seal_evidence(self, data: bytes, name: str) -> bytes:
        """Seal an evidence file under its name in the store."""
        return self._seal(self._evidence, data, name.encode())

    def open_evidence(self, sealed: bytes, name: str) -> bytes:
        """Give back what `seal_evidence` sealed under this name. Raises WrongKey."""
        return self._open(self._evidence, sealed, name.encode())

    def index(self, value: str, kind: str) -> bytes:
        """Return the index of a value: equal for equal values of a kind, telling nothing without the key."""
        return hmac.digest(self._index, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256)

    def _seal(self, cipher: AESGCM, data: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return self._id + nonce + cipher.encrypt(nonce, data, context)

    def _open(self, cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
        key_id, nonce, box = (
            sealed[:_ID_BYTES],
            sealed[_ID_BYTES:][:_NONCE_BYTES],
            sealed[_ID_BYTES + _NONCE_BYTES :],
        )
        if key_id != self._id:
            raise WrongKey(f"Sealed under the key {key_id.hex()}; the key at hand is {self.id}.", RIGHT_KEY)
        try:
            return cipher.decrypt(nonce, box, context)
        except InvalidTag:
            raise WrongKey(
                "Sealed data was altered or moved to another place.", "Restore it from a backup."
            ) from None


_NEW_KEY = (
    f"Set {ENVIRONMENT} or restore the key file from its backup; a new key is made where there is none."
)
RIGHT_KEY = f"Set {ENVIRONMENT} or key_file to the key that the data was written with (see its backup)."


def person_index(keys: Keyring, national_id: str) -> bytes:
    """Return the index under which a T.C. number stands in every table."""
    return keys.index(national_id, "national_id")


def tax_index(keys: Keyring, tax_number: str) -> bytes:
    """Return the index under which a provider's tax number stands."""
    return keys.index(tax_number, "tax_number")


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"kanit 1 " + purpose).derive(secret)


def format_key(secret: bytes) -> str:
    """Write a secret as one line: format, key id, base64."""
    return f"{_FORMAT}:{Keyring(secret).id}:{base64.b64encode(secret).decode()}"


def parse_key(text: str, origin: str) -> Keyring:
    """Read the line that `format_key` writes. Raises KeyUnusable, which names the origin and not the key."""
    try:
        form, key_id, encoded = text.strip().split(":")
        keys = Keyring(base64.b64decode(encoded, validate=True))
    except (ValueError, binascii.Error):
        raise KeyUnusable(f"{origin} holds no key of the form {_FORMAT}:ID:BASE64.", _NEW_KEY) from None
    if form != _FORMAT or key_id != keys.id:
        raise KeyUnusable(f"{origin} is damaged: the key is not the one that its id names.", _NEW_KEY)
    return keys


def load_keys(key_file: Path, key: str | None = None) -> Keyring:
    """Return the keys: of `key` if given, else of the file, which is written on first use. Raises KeyUnusable."""
    if key is not None:
        return parse_key(key, ENVIRONMENT)
    try:
        if not key_file.exists():
            key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(key_file)
        return parse_key(key_file.read_text(encoding="ascii"), f"The key file {key_file}")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnusable(
            f"The key file {key_file} cannot be read: {type(error).__name__}.", _NEW_KEY
        ) from error


def _create(key_file: Path) -> None:
    """Write a new key file, whole or not at all; the one that is there first stays."""
    descriptor, draft = tempfile.mkstemp(dir=key_file.parent, prefix=".key-")  # mkstemp's mode is 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(format_key(secrets.token_bytes(SECRET_BYTES)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, key_file)  # unlike rename, never replaces the key of a process that was faster
    finally:
        Path(draft).unlink()
