"""What the registry knows of one application that is not stored, for `kanit verify --registry`."""

from collections.abc import Sequence
from contextlib import closing

from extractors.facts import Upload
from storage.cases import ADDS_PEOPLE
from storage.database import open_database
from storage.reuse import papers_of_others
from storage.search import person_by_national_id
from storage.settings import Settings
from validators.application import Application
from validators.case import RegistryFacts


def registry_facts(settings: Settings, application: Application, uploads: Sequence[Upload]) -> RegistryFacts:
    """Return which declared people have a personnel record, and which papers were others' evidence.

    Raises StorageError.
    """
    with closing(open_database(settings)) as database, database.reading() as work:
        reused = papers_of_others(work, application, uploads)
        if application.procedure not in ADDS_PEOPLE:
            return RegistryFacts(reused=reused)
        records = (person_by_national_id(work, person.national_id) for person in application.people)
        known = frozenset(record.national_id for record in records if record and record.registered_at)
    return RegistryFacts(known, reused)
