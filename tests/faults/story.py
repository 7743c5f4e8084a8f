"""The life of a small registry in a dozen steps, each of which may be done again when it was cut off.

Nights, officers at the desk, a second officer, a petition, judging anew under another policy, and retention. A step
does what people and schedulers do: a night is simply started again, an officer looks whether the case still waits.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from flows.rejudging import Rejudging
from storage.columns import now
from storage.database import Database, open_database
from storage.desk.accounts import Account, Role, account_by_name, create_account
from storage.desk.claims import claim_case
from storage.desk.queue import CaseLine, case_line
from storage.desk.rulings import Approve, Ask, Entered, proposals, rule, second
from storage.evidence import EvidenceStore
from storage.models import CaseState
from storage.retention import periods_of, run_retention
from storage.settings import Settings, load_settings
from tests.flows.test_batch import run
from tests.papers import builders, cases
from tests.papers.applications import Application, registration
from tests.papers.desk import Case
from tests.papers.desk import Desk as Papers
from tests.papers.identities import Person
from tests.papers.inbox import write_application
from validators.policy_series import find_policies

WORKS, ENDED, NAMED_OTHERWISE = "TS-2026-000001", "TS-2026-000002", "TS-2026-000003"
REPLACED, REMOVAL, PETITION = "TS-2026-000004", "TS-2026-000101", "TS-2026-000102"
OPEN = (CaseState.OPEN, CaseState.WAITING)
GAP = "TS-2026-000005"
"""Started so lately that statements need not show it: only `prepare` by name writes it."""
_CASES = {
    WORKS: "statement",
    ENDED: "employment_ended",
    NAMED_OTHERWISE: "person_name_differs",
    REPLACED: "declaration",
}


@dataclass(frozen=True)
class World:
    """Where it takes place: inbox, home and evidence lie in one folder."""

    folder: Path
    database_url: str = ""
    by_url: bool = False
    """Whether nights ask for the inbox by a URL: then it is copied before it is read."""

    @property
    def inbox(self) -> Path:
        """Its inbox."""
        return self.folder / "inbox"

    @property
    def settings(self) -> Settings:
        """One reader and chunks smaller than a night: several commits of a kind, always in the same order."""
        url = {"database_url": self.database_url} if self.database_url else {}
        return load_settings(home=self.folder / "home", workers=1, chunk_size=4, **url)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open the registry, as every command does."""
        with closing(open_database(self.settings)) as database:
            yield database


Step = Callable[[World], None]


def prepare(world: World, names: Iterable[str] = _CASES) -> None:
    """Write the inbox of the first night, or some of its applications."""
    world.inbox.mkdir(parents=True)
    for name in names:
        for each in _sample(name, _CASES.get(name, "evidence_gap")):
            write_application(world.inbox, each.application)
            for person in each.known:
                _register(world, name.replace("TS-", "TP-"), person)


def night(world: World) -> None:
    """Run the batch."""
    run(f"file://{world.inbox}" if world.by_url else world.inbox, world.settings)


def officers(world: World) -> None:
    """Open the officers' accounts."""
    with world.database() as database:
        _reviewer(database)
        _supervisor(database)


def ruling(world: World) -> None:
    """Approve what was flagged for review."""
    _rule(world, NAMED_OTHERWISE, Approve("Kimlik görüldü."))


def override(world: World) -> None:
    """Propose to approve what is blocked."""
    _rule(world, ENDED, Approve("Çalışma sürüyor."))


def agreement(world: World) -> None:
    """Let the second officer agree to what was proposed."""
    with world.database() as database:
        who = _supervisor(database).actor("10.0.0.8")
        for proposed in database.read(proposals):
            entered = second(database, proposed.ruling, who, find_policies, agree=True, reason="Gördüm.")
            assert isinstance(entered, Entered), entered


def mail(world: World) -> None:
    """Write what comes by day: a removal, a petition, and other papers in the place of those that came before."""
    (person,) = _declared(world, WORKS)
    (petitioner,) = _declared(world, REPLACED)
    _write(world, REMOVAL, "personnel_removal", {**person, "reason": "Sağlık nedeniyle ayrıldı."})
    _write(world, PETITION, "record_deletion", {**petitioner, "petition": "dilekce.pdf"})
    (world.inbox / PETITION / "dilekce.pdf").write_bytes(b"Sehven yapilan kaydimin silinmesini arz ederim.")
    (other,) = _sample(REPLACED, "declaration", turn=1)
    (world.inbox / REPLACED / "evidence.zip").write_bytes(other.application.uploads["evidence.zip"])


def petition(world: World) -> None:
    """Approve the petition."""
    _rule(world, PETITION, Approve("Kayıt sehven yapılmış."))


def strictness(world: World) -> None:
    """Judge everything again under another policy."""
    with world.database() as database:
        judging = Rejudging(
            database, find_policies("kilavuz-v3-strict"), world.settings.chunk_size, write=True
        )
        list(judging.changes())
        assert not judging.failed


def retention(world: World) -> None:
    """Destroy what is due ten weeks from now: the files of what is decided, and what was replaced."""
    with world.database() as database:
        store = EvidenceStore(world.settings.evidence_url, database.keys)
        run_retention(database, store, periods_of(world.settings, now() + timedelta(days=70)))


def let_time_pass(world: World) -> None:
    """Make the drafts that are there old: only then they count as left by somebody who was killed."""
    drafts = [*world.settings.home.glob(".key-*"), *Path(world.settings.evidence_url).glob(".drafts/*")]
    for draft in drafts:
        os.utime(draft, (0, 0))


STEPS: tuple[Step, ...] = (
    night,
    officers,
    ruling,
    override,
    agreement,
    mail,
    night,
    petition,
    strictness,
    retention,
    night,
)


def _sample(name: str, case: str, turn: int = 0) -> tuple[Case, ...]:
    return cases.ALL[case](Papers(Random(f"{name}/{turn}"), builders.NOW, name, case))


def _register(world: World, name: str, person: Person) -> None:
    at = builders.NOW - builders.REGISTERED_BEFORE
    application: Application = registration(name, person, at)[0]
    write_application(world.inbox, application)


def _declared(world: World, name: str) -> list[dict[str, object]]:
    content = json.loads((world.inbox / name / "application.json").read_text("utf-8"))
    return [{"people": [person], "provider": content["provider"]} for person in content["people"]]


def _write(world: World, name: str, procedure: str, content: dict[str, object]) -> None:
    at: datetime = builders.NOW + timedelta(days=1)
    if procedure == "record_deletion":
        content = {key: value for key, value in content.items() if key != "provider"}
    declaration = {"application_id": name, "procedure": procedure, "submitted_at": at.isoformat(), **content}
    (world.inbox / name).mkdir()
    (world.inbox / name / "application.json").write_text(json.dumps(declaration), "utf-8")


def _reviewer(database: Database) -> Account:
    return _account(database, "ayla", Role.REVIEWER)


def _supervisor(database: Database) -> Account:
    return _account(database, "canan", Role.SUPERVISOR)


def _account(database: Database, name: str, role: Role) -> Account:
    known = database.read(lambda work: account_by_name(work, name))
    return known or create_account(database, name, name.title(), role)


def _rule(world: World, name: str, ask: Ask) -> None:
    with world.database() as database:
        line = database.read(lambda work: case_line(work, name))
        assert isinstance(line, CaseLine), name
        if line.state not in OPEN:
            return
        who = _reviewer(database)
        claim_case(database, name, who, "10.0.0.7")
        entered = rule(database, name, line.judgement, who.actor("10.0.0.7"), ask, find_policies)
        assert isinstance(entered, Entered), entered
