"""Sample applications read and judged into the registry of a desk, papers and all, as a night does."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from extractors.sandbox import Sandbox
from flows.verification import read_application
from review.desk import Desk
from storage.cases import CaseFile, load_cases, unjudged
from storage.folders import LocalInbox
from storage.inbox import discover, inbox_name
from storage.judgements import Judged, save_judgements
from storage.queue import Claim, Reading, claim, store_readings
from storage.settings import load_settings
from tests.papers.inbox import write_sample_inbox
from tests.review.visiting import Served, running
from validators.case import Case, Judgement
from validators.judgement import judge, judge_invalid
from validators.policy import load_policy

POLICY = load_policy()
OWNER = "worker"


@contextmanager
def served_samples(folder: Path, kinds: Sequence[str]) -> Iterator[Served]:
    """Run the application on a registry that holds a sample application of each kind, named TS-2026-000001 and on."""
    write_sample_inbox(folder / "inbox", len(kinds), only=kinds)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with running(load_settings(home=folder / "kanit")) as served:
            judge_inbox(served.desk, folder / "inbox")
            yield served


def judge_inbox(desk: Desk, inbox: Path) -> None:
    """Read and judge every folder of an inbox, and keep the uploads."""
    discover(desk.database, LocalInbox(inbox))
    name = inbox_name(inbox)
    with Sandbox(1) as sandbox:
        while claims := claim(desk.database, name, OWNER, 20):
            store_readings(desk.database, OWNER, [_read(desk, inbox, each, sandbox) for each in claims])
    for wave in desk.database.read(lambda work: unjudged(work, name)):
        _judge(desk, wave)


def _read(desk: Desk, inbox: Path, claimed: Claim, sandbox: Sandbox) -> Reading:
    folder = inbox / claimed.application_id
    reading = read_application(folder, sandbox, POLICY)
    for upload in reading.uploads:
        desk.evidence.put(folder / upload.name)
    named = reading.application and reading.application.petition
    petition = desk.evidence.put(folder / named) if named else None
    return Reading(claimed, reading.application, reading.problems, reading.uploads, petition)


def _judge(desk: Desk, keys: Iterable[int]) -> None:
    files = desk.database.read(lambda work: load_cases(work, list(keys)))
    save_judgements(desk.database, [Judged(file, judge_file(file)) for file in files], POLICY)


def judge_file(file: CaseFile) -> Judgement:
    """Judge what was read of an application."""
    if file.application is None:
        return judge_invalid(file.application_id, file.problems, POLICY)
    return judge(Case(file.application, file.uploads, file.registry, POLICY))
