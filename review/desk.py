"""What every room works with: the settings, the registry and the uploaded files."""

from dataclasses import dataclass

from starlette.requests import Request

from storage.database import Database, open_database
from storage.desk.filling import fill_queue
from storage.evidence import EvidenceStore
from storage.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """The open registry with its files; threads share it."""

    settings: Settings
    database: Database
    evidence: EvidenceStore


def open_desk(settings: Settings) -> Desk:
    """Open the registry and the evidence store of the settings, and queue what was flagged before there was a queue.

    Raises StorageError.
    """
    database = open_database(settings)
    fill_queue(database)
    return Desk(settings, database, EvidenceStore(settings.evidence_url, database.keys))


def desk_of(request: Request) -> Desk:
    """Return what the application of a request works with."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)  # noqa: S101 - narrows the type; `create_app` put it there
    return desk
