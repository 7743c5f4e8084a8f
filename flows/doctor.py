"""What of this machine kanit needs, what of it is missing, and what is lost without it. Changes nothing."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from sqlalchemy.exc import SQLAlchemyError

from extractors import tesseract
from extractors.clamd import Clamd, ScanFailed
from extractors.sandbox import Sandbox, SandboxLimits
from extractors.sandbox.confinement import ESSENTIAL
from flows.sandboxing import hidden
from storage.addresses import as_os_errors, file_system
from storage.database import make_engine
from storage.errors import StorageError
from storage.keys import load_keys
from storage.schema import check_known
from storage.settings import Settings, hide_passwords, load_settings

_PATIENCE = 10.0
"""Seconds that a scanner may keep silent here: somebody waits."""


class State(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    MISSING = "missing"
    """Essential and missing: the main job does not work."""
    OPTIONAL = "optional"
    """Missing, and the main job works without it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `name` is its key in the texts; `detail` a version or a reason.

    `new` is true for a file that is not there yet and will be made on first use.
    """

    name: str
    state: State
    detail: str
    new: bool = False


class NotYet(Exception):
    """A file is not there yet and will be made on first use; the text says which."""


class Unfit(Exception):
    """A thing is missing or not as it must be; the text says in what way."""


def examine() -> Iterator[Check]:
    """Look at everything, essential things first."""
    for name, look in _ESSENTIAL.items():
        yield _check(name, look, State.MISSING)
    required = _required()
    for name, look in _OPTIONAL.items():
        yield _check(name, look, State.MISSING if name in required else State.OPTIONAL)


def _required() -> set[str]:
    """Return what is essential because the settings ask for it."""
    try:
        return {"sandbox"} if load_settings().sandbox_required else set()
    except StorageError:  # told where the settings are looked at
        return set()


def _check(name: str, look: Callable[[], str], otherwise: State) -> Check:
    try:
        return Check(name, State.OK, look())
    except NotYet as file:
        return Check(name, State.OK, str(file), new=True)
    except (Unfit, StorageError, SQLAlchemyError, ImportError, OSError, ValueError) as error:
        return Check(name, otherwise, str(error).splitlines()[0] if str(error) else type(error).__name__)


def _python() -> str:
    found = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        raise Unfit(found)
    return found


def _module(module: str, distribution: str) -> Callable[[], str]:
    """Return a check that a package can be imported; many load a library of the system when they are."""

    def look() -> str:
        importlib.import_module(module)
        return version(distribution)

    return look


def _pins() -> str:
    """Compare what Prefect needs with what is installed: newer FastAPI or SQLAlchemy break its server."""
    found = []
    for requirement in map(Requirement, requires("kanit") or ()):
        if requirement.name in {"prefect", "fastapi", "sqlalchemy"}:
            installed = version(requirement.name)
            if not requirement.specifier.contains(installed, prereleases=True):
                raise Unfit(f"{requirement.name} {installed}, not {requirement.specifier}")
            found.append(f"{requirement.name} {installed}")
    return ", ".join(found)


def _settings() -> str:
    return str(load_settings().home)


def _key() -> str:
    settings = load_settings()
    if settings.key is None and not settings.key_file.exists():
        _writable(settings.key_file.parent)
        raise NotYet(settings.key_file)
    keys = load_keys(settings.key_file, settings.key.get_secret_value() if settings.key else None)
    return ", ".join(keys.ids)


def _database() -> str:
    settings = load_settings()
    shown = hide_passwords(settings.database_url)
    if (file := _sqlite_file(settings)) is not None and not file.exists():
        _writable(file.parent)
        raise NotYet(shown)
    engine = make_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return f"{shown}, schema {check_known(connection) or 'none yet'}"
    finally:
        engine.dispose()


def _sqlite_file(settings: Settings) -> Path | None:
    scheme, _, path = settings.database_url.partition(":///")
    return Path(path) if scheme.startswith("sqlite") else None


def _evidence() -> str:
    url = load_settings().evidence_url
    files, root = file_system(url)
    if "file" in files.protocol:
        _writable(Path(root))
    else:
        _answers(files, root.partition("/")[0])  # the bucket: what is below it is made on first use
    return hide_passwords(url)


def _inbox() -> str:
    address = load_settings().inbox
    if not address:
        return "-"
    files, root = file_system(address)
    _answers(files, root)
    return hide_passwords(address)


def _clamd() -> str:
    """Ask the scanner that the settings name: whether it answers, how old its database is, what it leaves untold."""
    settings = load_settings()
    if not settings.clamd:
        return "-"
    clamd = Clamd(settings.clamd, min(settings.clamd_timeout, _PATIENCE))
    try:
        told, is_open = clamd.version(), clamd.tells_what_it_skips()
    except ScanFailed as error:
        raise Unfit(f"{settings.clamd}: {error}") from error
    if not is_open:
        raise Unfit(f"{told.engine}: no AlertExceedsMax, what it skips counts as clean")
    if told.dated is None:
        return f"{told.engine}, no official database"
    days = (datetime.now() - told.dated).days  # noqa: DTZ005 - clamd tells its own local time
    return f"{told.engine}, database {told.database} of {told.dated:%Y-%m-%d} ({days} d)"


def _answers(files: Any, path: str) -> None:
    with as_os_errors():
        files.info(path)


def _writable(folder: Path) -> None:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        raise Unfit(f"{existing} cannot be written")


def _demo() -> str:
    needed = [
        r.name for r in map(Requirement, requires("kanit") or ()) if r.marker and "demo" in str(r.marker)
    ]
    missing = [name for name in needed if not _installed(name)]
    if missing:
        raise Unfit(", ".join(missing))
    return ", ".join(needed)


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _tesseract() -> str:
    if tesseract.why_not() == "engine":
        raise Unfit("tesserocr")
    return tesseract.version()


def _sandbox() -> str:
    limits = SandboxLimits(hidden=hidden(load_settings()))
    with Sandbox(1, limits, "fork") as sandbox:
        walls = sandbox.walls()
    if missing := ESSENTIAL - walls:
        raise Unfit(", ".join(f"no {wall}" for wall in sorted(missing)))
    return ", ".join(sorted(walls))


def _turkish() -> str:
    folder = tesseract.data_folder()
    if folder is None:
        raise Unfit(f"{tesseract.LANGUAGE}.traineddata")
    return str(folder)


_ESSENTIAL: dict[str, Callable[[], str]] = {
    "python": _python,
    "settings": _settings,
    "pdfium": _module("pypdfium2", "pypdfium2"),
    "pdfplumber": _module("pdfplumber", "pdfplumber"),
    "zxing": _module("zxingcpp", "zxing-cpp"),
    "key": _key,
    "database": _database,
    "evidence": _evidence,
    "inbox": _inbox,
    "clamd": _clamd,
    "prefect": _pins,
}
_OPTIONAL: dict[str, Callable[[], str]] = {
    "zbar": _module("pyzbar.pyzbar", "pyzbar"),
    "opencv": _module("cv2", "opencv-python-headless"),
    "postgresql": _module("psycopg", "psycopg"),
    "s3": _module("s3fs", "s3fs"),
    "demo": _demo,
    "tesseract": _tesseract,
    "turkish": _turkish,
    "sandbox": _sandbox,
    "heic": _module("pi_heif", "pi-heif"),
}
