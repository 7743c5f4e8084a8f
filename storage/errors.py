"""What can go wrong with settings, keys, the database and the evidence store.

    StorageError
    ├── SettingsInvalid      a setting is unknown, or its value is not usable
    ├── KeyUnusable          the key file or KANIT_KEY cannot be read
    ├── WrongKey             sealed under another key, or altered
    ├── SchemaTooNew         the database belongs to a newer kanit
    ├── DatabaseUnusable     the database URL is of another kind, or cannot be opened
    ├── EvidenceMissing      no such evidence
    ├── AddressUnusable      nothing here opens the address of an inbox or evidence store
    ├── ApplicationTooLarge  a folder of a distant inbox holds more than is copied
    ├── EvidenceUnreachable  the store does not answer, or may not be read
    ├── EvidenceDamaged      stored evidence is too large, or not what its name says
    └── DecisionImpossible   an officer's decision cannot be entered; `obstacle` says why

Every message is one sentence for an operator, and `remedy` says what to do. Neither holds personal data,
keys or passwords.
"""

from enum import StrEnum


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


class AddressUnusable(StorageError):
    """Nothing here opens the address of an inbox or evidence store; `address` holds no password."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} cannot be opened: {reason}", "Give a folder, or a URL such as s3://…")
        self.address = address


class ApplicationTooLarge(StorageError):
    """A folder of a distant inbox has more files, larger ones, or more bytes than are copied of an application."""


class EvidenceMissing(StorageError):
    """The store holds no evidence of that hash."""


class EvidenceUnreachable(StorageError):
    """The evidence store does not answer, or may not be read."""


class EvidenceDamaged(StorageError):
    """Stored evidence does not have the hash it is stored under, or is larger than any upload may be."""


class Obstacle(StrEnum):
    """Why an officer's decision cannot be entered; the values are codes of the command line."""

    NOT_JUDGED = "NOTHING_TO_DECIDE"
    """There is no such application, or it has not been judged in its present form."""
    NOT_FORESEEN = "DECISION_NOT_FORESEEN"
    """The application is of a procedure that is not decided so."""
    ALREADY_DECIDED = "ALREADY_DECIDED"
    """The application was decided before, perhaps by somebody else a moment ago."""
    NOT_CREATOR = "PETITIONER_NOT_CREATOR"
    """The petition is not that of the person who made the record: it can be refused only."""
    NO_RECORD = "RECORD_NOT_FOUND"
    """There is no personnel record that could be deleted."""
    RECORD_CHANGED = "RECORD_CHANGED"
    """The person updated the record, or registered anew, after signing the petition."""


class DecisionImpossible(StorageError):
    """An officer's decision cannot be entered; nothing was changed."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(f"The decision cannot be entered: {obstacle}.", "Look at the application again.")
        self.obstacle = obstacle
