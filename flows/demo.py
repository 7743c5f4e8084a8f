"""The demonstration: a sample inbox of synthetic papers, in a world of its own beside the real registry."""

import importlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.errors import DemoUnavailable
from storage.database import Database
from storage.findings import current_judgement
from storage.settings import PREFIX
from validators.case import Judgement
from validators.finding import Decision, Finding

CASES = (
    "statement",
    "no_link",
    "several",
    "start_date_too_old",
    "declaration",
    "employment_ended",
    "addition",
    "exit_declaration",
    "mixed",
    "person_name_differs",
    "long_career",
    "qr_missing",
    "archive_nested",
    "not_started",
    "qr_barcode_mismatch",
    "scan",
    "archive_rar",
    "application_not_json",
)
"""Samples by their names in `tests.papers.cases`; the odd ones are sound, most others are not."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flagged application of the sample inbox and its distinct reasons."""

    application_id: str
    findings: tuple[Finding, ...]


def separate_world(home: Path) -> Path:
    """Point this process to a registry of its own under `home`/demo and return that folder.

    Invented people must never enter the registry that the settings name, nor be asked about at an issuer.
    """
    world = home / "demo"
    for name in ("HOME", "DATABASE_URL", "EVIDENCE_URL", "KEY_FILE", "KEY"):
        os.environ.pop(f"{PREFIX}{name}", None)
    os.environ |= {
        f"{PREFIX}HOME": str(world),
        f"{PREFIX}DATABASE_URL": f"sqlite:///{world / 'registry.db'}",
        f"{PREFIX}EVIDENCE_URL": str(world / "evidence"),
        f"{PREFIX}KEY_FILE": str(world / "key"),
        f"{PREFIX}ISSUER_URL": "off",
    }
    return world


def write_inbox(inbox: Path) -> None:
    """Write the sample applications; the folder appears when it is complete. Raises DemoUnavailable."""
    try:
        write = importlib.import_module("tests.papers.inbox").write_sample_inbox
    except ModuleNotFoundError as error:
        raise DemoUnavailable(package=error.name or "tests") from error
    draft = inbox.with_name(f".{inbox.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    write(draft, len(CASES), only=CASES)
    draft.rename(inbox)


def judgements(database: Database, inbox: Path) -> Iterator[Judgement]:
    """Yield the current judgement of every application of the inbox, in order of their names."""
    with database.reading() as work:
        for folder in sorted(inbox.iterdir()):
            judgement = current_judgement(work, folder.name)
            if judgement is not None:
                yield judgement


def flagged(judged: Judgement) -> Flagged | None:
    """Return why an application was flagged, each reason once; None when it was not."""
    if judged.decision is Decision.VERIFIED:
        return None
    reasons = {finding.code: finding for finding in judged.all_findings if finding.flags}
    return Flagged(judged.application_id, tuple(reasons.values()))
