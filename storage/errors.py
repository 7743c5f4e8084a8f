"""What can go wrong with settings, keys, the database and the evidence store.

    StorageError
    ├── SettingsInvalid      a setting is unknown, or its value is not usable
    ├── KeyUnusable          the key file or KANIT_KEY cannot be read
    ├── WrongKey             sealed under another key, or altered
    ├── SchemaTooNew         the database belongs to a newer kanit
    ├── DatabaseUnusable     the database URL is of another kind, or cannot be opened
    ├── EvidenceMissing      no such evidence
    └── EvidenceDamaged      stored evidence is too large, or not what its name says

Every message is one sentence for an operator, and `remedy` says what to do. Neither holds personal data,
keys or passwords.
"""


class StorageError(Exception):
    """Base of this package's errors; `remedy` tells the operator what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class SettingsInvalid(StorageError):
    """A setting is unknown, or its value is not usable; the message names the setting and its origin."""


class KeyUnusable(StorageError):
    """The key file or KANIT_KEY cannot be read as a key."""


class WrongKey(StorageError):
    """What was sealed does not open: it was sealed under another key, or altered since."""


class SchemaTooNew(StorageError):
    """The database was written by a newer version of kanit."""


class DatabaseUnusable(StorageError):
    """The database URL is of an unknown kind, or the database cannot be opened."""


class EvidenceMissing(StorageError):
    """The store holds no evidence of that hash."""


class EvidenceDamaged(StorageError):
    """Stored evidence does not have the hash it is stored under, or is larger than any upload may be."""
