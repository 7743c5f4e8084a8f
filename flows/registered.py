"""What the registry knows of the people of one application, for `kanit verify --registry`."""

from contextlib import closing

from storage.cases import ADDS_PEOPLE
from storage.database import open_database
from storage.search import person_by_national_id
from storage.settings import Settings
from validators.application import Application
from validators.case import RegistryFacts


def registry_facts(settings: Settings, application: Application) -> RegistryFacts:
    """Return which of the declared people have a personnel record. Raises StorageError."""
    if application.procedure not in ADDS_PEOPLE:
        return RegistryFacts()
    with closing(open_database(settings)) as database, database.reading() as work:
        records = (person_by_national_id(work, person.national_id) for person in application.people)
        known = frozenset(record.national_id for record in records if record and record.registered_at)
    return RegistryFacts(registered=known)
