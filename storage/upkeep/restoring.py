"""`kanit store restore`: a backup brought back to where there is nothing, and looked at afterwards."""

from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DBAPIError

from storage.columns import Base
from storage.database import make_engine, open_database, sqlite_file
from storage.errors import DatabaseUnusable, RestoreImpossible
from storage.evidence import EvidenceStore
from storage.keys import Keyring, load_keys
from storage.schema import VERSION_TABLE, is_known
from storage.settings import Settings, hide_passwords
from storage.upkeep.copies import restore_postgres, restore_sqlite
from storage.upkeep.faults import Report
from storage.upkeep.manifest import (
    COPIES,
    DATABASE,
    EVIDENCE,
    Manifest,
    check_files,
    check_seal,
    entries,
    read_manifest,
)
from storage.upkeep.verifying import verify_store


def restore(settings: Settings, folder: Path) -> tuple[Manifest, Report]:
    """Bring a backup back to where the settings say, and return its manifest with what `verify_store` says of it.

    Everything is checked before anything is written: the manifest and its seal, every file, that the place is empty.
    A backup of an older schema is brought up to date. Raises RestoreImpossible, and StorageError where the place or the
    keys cannot be used.
    """
    manifest = read_manifest(folder)
    keys = _keys(settings, manifest)
    check_seal(manifest, keys)
    _check_fit(settings, manifest)
    _check_free(settings, keys)
    check_files(folder, manifest)
    _put(settings, folder, keys)
    open_database(settings).close()  # brings an older schema up to date
    return manifest, verify_store(settings)


def _keys(settings: Settings, manifest: Manifest) -> Keyring:
    """Return the keys at hand; none is made, since none but those of the backup is of any use."""
    if settings.key is None and not settings.key_file.exists():
        found = ", ".join(manifest.key_ids)
        raise RestoreImpossible(text="backup_key_missing", found=found, path=settings.key_file)
    return load_keys(settings.key_file, settings.key.get_secret_value() if settings.key else None)


def _check_fit(settings: Settings, manifest: Manifest) -> None:
    if not is_known(manifest.schema):
        raise RestoreImpossible(text="backup_of_newer_schema", found=manifest.schema)
    wanted = "postgresql" if sqlite_file(settings.database_url) is None else "sqlite"
    if manifest.database != wanted:
        raise RestoreImpossible(text="backup_other_database", found=manifest.database, wanted=wanted)


def _check_free(settings: Settings, keys: Keyring) -> None:
    """See that nothing is where anything will be written; the key, which is not in the backup, is there already."""
    for path in settings.home.rglob("*"):
        if path != settings.key_file and not (path.is_dir() and not path.is_symlink()):
            raise _taken(path)
    file = sqlite_file(settings.database_url)
    if file is not None and file.exists():
        raise _taken(file)
    if file is None and _has_tables(settings.database_url):
        raise _taken(hide_passwords(settings.database_url))
    if EvidenceStore(settings.evidence_url, keys).names():
        raise _taken(hide_passwords(settings.evidence_url))


def _has_tables(url: str) -> bool:
    engine = make_engine(url)
    try:
        return not {*Base.metadata.tables, VERSION_TABLE}.isdisjoint(inspect(engine).get_table_names())
    except DBAPIError as error:
        raise DatabaseUnusable(text="database_unopened", url=engine.url.render_as_string()) from error
    finally:
        engine.dispose()


def _put(settings: Settings, folder: Path, keys: Keyring) -> None:
    """Put evidence first: a registry that is there finds its files."""
    try:
        _put_evidence(EvidenceStore(settings.evidence_url, keys), folder)
        _put_database(settings, folder / DATABASE)
    except FileExistsError:
        raise _taken(hide_passwords(settings.database_url)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RestoreImpossible(text="restore_unwritable", path=settings.home, reason=reason) from error


def _put_evidence(store: EvidenceStore, folder: Path) -> None:
    for entry in entries(folder):
        part, _, name = entry.path.rpartition("/")
        if part.startswith(f"{EVIDENCE}/"):
            store.put_sealed(name, (folder / entry.path).read_bytes())


def _put_database(settings: Settings, folder: Path) -> None:
    file = sqlite_file(settings.database_url)
    if file is not None:
        restore_sqlite(folder / COPIES["sqlite"], file)
        return
    engine: Engine = make_engine(settings.database_url)
    try:
        restore_postgres(folder / COPIES["postgresql"], engine)
    finally:
        engine.dispose()


def _taken(place: object) -> RestoreImpossible:
    return RestoreImpossible(text="restore_place_taken", place=place)
