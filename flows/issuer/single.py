"""The issuer asked about one application's papers, for `kanit verify`: nothing is stored."""

from dataclasses import replace

from extractors.sandbox import Sandbox
from flows.issuer.checking import checker_of
from flows.verification import Reading
from storage.settings import Settings
from validators.application import ADDS_PEOPLE
from validators.case import RegistryFacts
from validators.issuer import UNREACHABLE


def with_issuer(
    settings: Settings, reading: Reading, facts: RegistryFacts, sandbox: Sandbox
) -> RegistryFacts:
    """Return the facts with what the issuer answers about the papers whose answer the registry does not have.

    Raises SettingsInvalid.
    """
    if reading.application is None or reading.application.procedure not in ADDS_PEOPLE:
        return facts
    known = {key: answer for key, answer in facts.issuer.items() if answer != UNREACHABLE}
    documents = [d for upload in reading.uploads for d in upload.documents if d.key not in known]
    with checker_of(settings, sandbox) as checker:
        answers = checker.answers(documents) if checker is not None else {}
    return replace(facts, issuer={**answers, **known})
