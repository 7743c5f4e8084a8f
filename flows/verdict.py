"""A judgement and what explains it, made on the spot or from the registry: what `verify`, `explain`, `letter` tell."""

import importlib
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

from extractors.sandbox import Sandbox
from flows.errors import FolderMissing
from flows.sandboxing import open_sandbox
from flows.scanning import scan_of
from flows.session import chosen_policies, existing_folder
from flows.verification import NOT_ASKED, Reading, judge_reading, read_application
from storage.settings import Settings
from validators.application import Application
from validators.case import Judgement, RegistryFacts
from validators.finding import Decision
from validators.policy_series import policy_for


@dataclass(frozen=True, slots=True)
class OfficerRuling:
    """What an officer decided, when, and why.

    `ruling`: `approved`, `refused`, `returned`, `waiting` (`until` a day), `corrected`, `kind_changed`, `reopened`.
    `state`: `effective`, or `proposed` and `declined` of what needs a second officer. `letter` is what was written to
    the applicant.
    """

    ruling: str
    decided_at: datetime
    note: str
    state: str = "effective"
    until: date | None = None
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement, the declaration it was made on (None where that did not parse), its policy and its moment.

    `stored` is False for one that was made on the spot, of which nothing is kept. `rulings` are what officers decided
    on the application, the oldest first, and `stands` the one of them on which the case rests now.
    `evidence_destroyed_at` and `facts_destroyed_at` say since when files and facts are gone by retention, None while
    they are kept.
    """

    judgement: Judgement
    application: Application | None
    policy_version: str
    pipeline_version: str
    judged_at: datetime
    stored: bool
    rulings: tuple[OfficerRuling, ...] = ()
    stands: OfficerRuling | None = None
    evidence_destroyed_at: datetime | None = None
    facts_destroyed_at: datetime | None = None

    @property
    def is_verified(self) -> bool:
        """True when nothing in the judgement needs a human."""
        return self.judgement.decision is Decision.VERIFIED


def find_verdict(application: str, settings: Settings, look: str, *, reveal: bool = False) -> Verdict:
    """Return the verdict on a folder, which is verified on the spot, or on an application id of the registry.

    A folder of that name comes first. `look` is what the audit trail calls the look at a stored one
    (`storage.desk.audit.Action`); `reveal`: with T.C. numbers in full. Raises FolderMissing, ApplicationUnknown,
    ApplicationNotJudged, SettingUnusable, StorageError, and OSError when the machine cannot read a file that is there.
    """
    folder = Path(application)
    if folder.is_dir():
        return judge_folder(folder, settings)
    if os.sep in application:
        raise FolderMissing(path=application)
    # Imported only when it is asked for: a folder is explained without loading the database.
    recorded = importlib.import_module("flows.recorded")
    verdict: Verdict = recorded.recorded_verdict(application, settings, look, reveal=reveal)
    return verdict


def judge_folder(folder: Path, settings: Settings, *, registry: bool = False) -> Verdict:
    """Verify an application's folder; nothing is stored. `registry`: judge with what the registry knows, too.

    Raises FolderMissing, SettingUnusable, StorageError, and OSError when the machine cannot read a file that is there.
    """
    policies = chosen_policies(settings)
    existing_folder(folder)
    with open_sandbox(settings, settings.workers, "fork") as sandbox:
        reading = read_application(
            folder.resolve(), sandbox, policies, ocr=settings.ocr, scan=scan_of(settings)
        )
        facts = _registry_facts(settings, reading) if registry else NOT_ASKED
        if settings.issuer_url:
            facts = _with_issuer(settings, reading, facts, sandbox)
    judgement = judge_reading(reading, policies, facts)
    policy = policy_for(policies, reading.application)
    moment = datetime.now(UTC)
    return Verdict(judgement, reading.application, policy.version, version("kanit"), moment, stored=False)


def _registry_facts(settings: Settings, reading: Reading) -> RegistryFacts:
    if reading.application is None:
        return NOT_ASKED
    # Imported only when it is asked for: without it, no database is loaded.
    facts: RegistryFacts = importlib.import_module("flows.registered").registry_facts(
        settings, reading.application, reading.uploads
    )
    return facts


def _with_issuer(
    settings: Settings, reading: Reading, facts: RegistryFacts, sandbox: Sandbox
) -> RegistryFacts:
    # Imported only where an issuer is configured: without it, no HTTP client is loaded.
    answered: RegistryFacts = importlib.import_module("flows.issuer.single").with_issuer(
        settings, reading, facts, sandbox
    )
    return answered
