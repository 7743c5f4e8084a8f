"""What the registry knows of one application that is not stored, for `kanit verify --registry`."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from extractors.facts import Upload
from storage.database import open_database
from storage.elsewhere import posts_of, titles_elsewhere
from storage.issuer import stored_answers
from storage.known import known_of
from storage.reuse import papers_of_others
from storage.settings import Settings
from validators.application import ADDS_PEOPLE, Application
from validators.case import RegistryFacts


def registry_facts(settings: Settings, application: Application, uploads: Sequence[Upload]) -> RegistryFacts:
    """Return what the registry knows of the declared people, and which papers were others' evidence.

    Raises StorageError.
    """
    with closing(open_database(settings)) as database, database.reading() as work:
        reused = papers_of_others(work, application, uploads)
        answers = stored_answers(work, (document for upload in uploads for document in upload.documents))
        known = known_of(work, [application])[application.application_id]
        facts = replace(known, reused=reused, issuer=answers)
        if application.procedure not in ADDS_PEOPLE:
            return facts
        return replace(
            facts, elsewhere=titles_elsewhere(work.keys, application, posts_of(work, [application]))
        )
