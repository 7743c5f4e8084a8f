"""Exceptions of other packages as errors of commands (`flows.errors`)."""

from errno import EDQUOT, ENOSPC

from extractors.clamd import ScanFailed, ScanLimit
from extractors.sandbox import SandboxUnfit
from flows.errors import (
    AddressUnusable,
    BackupImpossible,
    DatabaseAway,
    DiskFull,
    InternalError,
    KanitError,
    PrefectUnusable,
    Quoting,
    RegistryUnusable,
    RestoreImpossible,
    RotationImpossible,
    SandboxLacking,
    ScannerLimited,
    ScannerSilent,
    SettingUnusable,
)
from storage import errors
from storage.errors import SettingsInvalid, StorageError

_OF_STORAGE: dict[type[StorageError], type[Quoting]] = {
    SettingsInvalid: SettingUnusable,
    errors.BackupImpossible: BackupImpossible,
    errors.RestoreImpossible: RestoreImpossible,
    errors.RotationImpossible: RotationImpossible,
}
# By the name of the package, so that no command loads a package for the sake of its errors. Their texts are left out:
# they quote statements and addresses.
_FOREIGN: dict[str, type[KanitError]] = {"sqlalchemy": RegistryUnusable, "httpx": PrefectUnusable}


def error_of(error: Exception) -> KanitError:
    """Return the error that ends the command for any exception that reached the command line."""
    return DiskFull() if lacks_room(error) else _error_of(error)


def _error_of(error: Exception) -> KanitError:
    if isinstance(error, KanitError):
        return error
    if isinstance(error, errors.AddressUnusable):
        return AddressUnusable(address=error.address)
    if isinstance(error, StorageError):
        return _OF_STORAGE.get(type(error), RegistryUnusable)(error)
    if isinstance(error, SandboxUnfit):
        return SandboxLacking(missing=str(error))
    if isinstance(error, ScanFailed):
        return ScannerLimited() if isinstance(error, ScanLimit) else ScannerSilent()
    return _error_of_others(error)


def _error_of_others(error: Exception) -> KanitError:
    package = type(error).__module__.partition(".")[0]
    if package == "sqlalchemy" and _is_away(error):
        return DatabaseAway()
    if package in _FOREIGN:
        return _FOREIGN[package](reason=type(error).__name__, remedy="")
    return InternalError(reason=f"{type(error).__name__}: {error}")


_NO_ROOM = (ENOSPC, EDQUOT)
# The second one: the file that SQLite's connections share could not be made as large as it must be.
_NO_ROOM_SQLITE, _NO_ROOM_POSTGRES = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"), "53100"


def lacks_room(error: BaseException | None) -> bool:
    """Return whether an error, or one that it comes from, says that a disk is full."""
    while error is not None:
        system = isinstance(error, OSError) and error.errno in _NO_ROOM
        sqlite = getattr(error, "sqlite_errorname", None) in _NO_ROOM_SQLITE
        if system or sqlite or getattr(error, "sqlstate", None) == _NO_ROOM_POSTGRES:
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_away(error: Exception) -> bool:
    """As `storage.outages.is_outage`, without loading SQLAlchemy."""
    return bool(getattr(error, "connection_invalidated", False)) or type(error).__name__ == "OperationalError"
