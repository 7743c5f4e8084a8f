"""The sandbox that documents are read in, as the settings will have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractors.sandbox import Sandbox, SandboxLimits
from flows.prefect_settings import prefect_folder
from storage.addresses import is_url
from storage.evidence import PAGES_FOLDER
from storage.settings import FILE, SECRETS, Settings

_COMPANIONS = ("", "-wal", "-shm", "-journal")
"""What SQLite writes beside a database."""
_ON_THIS_MACHINE = ("file://", "local://")
_CREDENTIALS = (".aws", ".pgpass", ".netrc", ".ssh")
"""Where the tools of stores and databases look for passwords, in the user's home."""


def check_walls(settings: Settings) -> None:
    """Raise SandboxUnfit where the settings require walls that this machine has not."""
    if settings.sandbox_required:
        with open_sandbox(settings, 1, "fork"):
            pass


@contextmanager
def open_sandbox(
    settings: Settings, workers: int, start_method: str = "forkserver", seconds: float | None = None
) -> Iterator[Sandbox]:
    """Yield a sandbox for reading documents, each for so many seconds at most; leaving it ends its children.

    Raises SandboxUnfit where the settings require walls that this machine has not.
    """
    limits = SandboxLimits(
        seconds=settings.document_timeout if seconds is None else seconds,
        walls_required=settings.sandbox_required,
        hidden=hidden(settings),
    )
    with Sandbox(workers, limits, start_method) as sandbox:
        sandbox.require_walls()
        yield sandbox


def hidden(settings: Settings) -> tuple[Path, ...]:
    """Return what no child may read: keys and passwords, the registry, and what is kept of papers."""
    evidence, database = settings.evidence_url, _sqlite_file(settings.database_url)
    files = [settings.key_file, *(getattr(settings, name) for name in SECRETS.values())]
    if database is not None:
        files += [database.with_name(database.name + companion) for companion in _COMPANIONS]
    if not is_url(evidence) or evidence.startswith(_ON_THIS_MACHINE):
        files.append(Path(evidence.rpartition("://")[2]))
    if Path(FILE).exists():  # the database's password may stand there
        files.append(Path(FILE))
    folders = [settings.home / PAGES_FOLDER, prefect_folder(settings.home)]
    return tuple(path.absolute() for path in (*files, *folders, *_credentials()) if path is not None)


def _sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL; by its text, since papers are also read without a registry's libraries."""
    scheme, mark, path = url.partition(":///")
    return Path(path.partition("?")[0]) if mark and scheme.startswith("sqlite") else None


def _credentials() -> list[Path]:
    try:
        return [Path.home() / name for name in _CREDENTIALS]
    except RuntimeError:  # a user without a home
        return []
