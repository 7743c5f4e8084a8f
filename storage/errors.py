"""What can go wrong with settings, keys, the database and the evidence store.

    StorageError
    ├── SettingsInvalid      a setting is unknown, or its value is not usable
    ├── KeyUnusable          the key file or KANIT_KEY cannot be read
    ├── WrongKey             sealed under another key, or altered
    ├── SchemaTooNew         the database belongs to a newer kanit
    ├── SchemaTooOld         the database is to be looked at as it is, and belongs to an older kanit
    ├── RegistryMissing      there is no registry where one is to be looked at or copied
    ├── DatabaseUnusable     the database URL is of another kind, or cannot be opened
    ├── EvidenceMissing      no such evidence
    ├── AddressUnusable      nothing here opens the address of an inbox or evidence store
    ├── ApplicationTooLarge  a folder of a distant inbox holds more than is copied
    ├── EvidenceUnreachable  the store does not answer, or may not be read
    ├── EvidenceDamaged      stored evidence is too large, or not what its name says
    ├── BackupImpossible     no backup can be made, or not there
    ├── RestoreImpossible    a backup cannot be restored, or not there
    ├── RotationImpossible   keys cannot be rotated, or a key not be dropped, as things are
    └── DecisionImpossible   an officer's decision cannot be entered; `obstacle` says why

Every message is one sentence for an operator, and the remedy says what to do. Neither holds personal data, keys or
passwords. Both stand in `texts/{tr,en}.toml` under the error's `text`; `str` is the English one, for logs.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

_LOGGED = "en"


class StorageError(Exception):
    """Base of this package's errors; `remedy` tells the operator what to do.

    `text` names message and remedy in the files of texts, and `facts` fill their places. A sentence of the caller's
    own, without a `text`, is told in every language as it is.
    """

    def __init__(self, message: str = "", remedy: str = "", *, text: str = "", **facts: object) -> None:
        self.text = text
        self._facts = {name: str(value) for name, value in facts.items()}
        super().__init__(self._said("message", _LOGGED) if text else message)
        self.remedy = self._said("remedy", _LOGGED) if text else remedy

    def message_in(self, language: str) -> str:
        """Say in one sentence what is wrong; `language` is `tr` or `en`."""
        return self._said("message", language) if self.text else str(self)

    def remedy_in(self, language: str) -> str:
        """Say what to do about it; empty where nothing can be said."""
        return self._said("remedy", language) if self.text else self.remedy

    def _said(self, part: str, language: str) -> str:
        words = texts(language)["words"]
        told = {
            name: words[value].format_map(self._facts) if value in words else value
            for name, value in self._facts.items()
        }
        return str(texts(language)[self.text][part].format_map(told))


@cache
def texts(language: str) -> Mapping[str, Any]:
    """Return message and remedy of every error in a language, and in `words` those of facts that are words."""
    return tomllib.loads((files("storage") / "texts" / f"{language}.toml").read_text("utf-8"))


class SettingsInvalid(StorageError):
    """A setting is unknown, or its value is not usable; the message names the setting and its origin."""


class KeyUnusable(StorageError):
    """The key file or KANIT_KEY cannot be read as a key."""


class WrongKey(StorageError):
    """What was sealed does not open: it was sealed under another key, or altered since."""


class SchemaTooNew(StorageError):
    """The database was written by a newer version of kanit."""


class SchemaTooOld(StorageError):
    """The database was written by an older version of kanit, and is not to be changed."""


class RegistryMissing(StorageError):
    """There is no registry where one is to be looked at or copied."""


class DatabaseUnusable(StorageError):
    """The database URL is of an unknown kind, or the database cannot be opened."""


class AddressUnusable(StorageError):
    """Nothing here opens the address of an inbox or evidence store; `address` holds no password."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(text="address_unusable", address=address, reason=reason)
        self.address = address


class ApplicationTooLarge(StorageError):
    """A folder of a distant inbox has more files, larger ones, or more bytes than are copied of an application."""


class EvidenceMissing(StorageError):
    """The store holds no evidence of that hash."""


class EvidenceUnreachable(StorageError):
    """The evidence store does not answer, or may not be read."""


class EvidenceDamaged(StorageError):
    """Stored evidence does not have the hash it is stored under, or is larger than any upload may be."""


class BackupImpossible(StorageError):
    """No backup can be made, or not where it was to be; what is kept was not touched."""


class RestoreImpossible(StorageError):
    """A backup is not whole, or not fit for where it is to be restored; nothing was overwritten."""


class RotationImpossible(StorageError):
    """Keys cannot be rotated, or a key not be dropped, as things are; nothing was lost."""


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
        super().__init__(text="decision_impossible", obstacle=obstacle)
        self.obstacle = obstacle
