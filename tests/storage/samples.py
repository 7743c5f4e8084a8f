"""Small invented applications with facts as extraction hands them on, and the batch's steps in a few lines."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event, select

from extractors.facts import (
    Box,
    Code,
    Document,
    Field,
    Kind,
    Media,
    QrReading,
    Record,
    TextSource,
    Upload,
    Workplace,
)
from storage.cases import CaseFile, due_for_rejudging, load_cases, unjudged
from storage.database import Database
from storage.folders import LocalInbox
from storage.inbox import discover, inbox_name
from storage.judgements import Judged, Saved, save_judgements
from storage.keys import Keyring
from storage.models import ApplicationRow
from storage.queue import Claim, Reading, claim, release_dead, store_readings
from validators.application import ApplicationInvalid, parse_application
from validators.application import Person as Declared
from validators.application import Provider as DeclaredProvider
from validators.case import Case, Judgement
from validators.judgement import judge, judge_invalid
from validators.policy import load_policy

KEYS = Keyring(b"an invented secret of 32 bytes!!")
POLICY = load_policy()
AYSE = Declared(national_id="10000000078", given_name="AYŞE", family_name="ÖRNEK")
ISIL = Declared(national_id="10000000146", given_name="IŞIL", family_name="DENEMECİ")
PROVIDER = DeclaredProvider(
    title="ÖRNEK BİYOMEDİKAL TEKNİK SERVİS SANAYİ VE TİCARET LİMİTED ŞİRKETİ",
    tax_number="1234567890",
    workplace_numbers=("23313010110433770010924000",),
)
BOX = Box(10.0, 20.0, 30.0, 40.0)
OWNER = "worker"


def application(
    application_id: str,
    procedure: str = "provider_registration",
    people: Sequence[Declared] = (AYSE,),
    day: str = "2026-11-20",
    provider: DeclaredProvider = PROVIDER,
) -> dict[str, object]:
    """The content of an application.json."""
    content: dict[str, object] = {
        "application_id": application_id,
        "procedure": procedure,
        "submitted_at": f"{day}T14:05:00+03:00",
        "people": [person.model_dump() for person in people],
        "evidence": ["evidence.zip"],
    }
    if not procedure.startswith("personnel_reg") and not procedure.startswith("personnel_up"):
        content["provider"] = provider.model_dump(exclude_none=True)
    return content


def statement(
    person: Declared = AYSE, barcode: str = "hd12-3456-7890-abcd", exit_date: str | None = None
) -> Document:
    """A service statement that shows the person working at `PROVIDER`."""
    text = f"barkod:{barcode};tckn:{person.national_id};"
    printed = {
        "national_id": person.national_id,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "issued_on": "2026-11-19",
    }
    return Document(
        id=f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
        name=f"{person.national_id}_hizmet.pdf",
        size=1000,
        media=Media.PDF,
        kind=Kind.SERVICE_STATEMENT,
        pages=1,
        text=TextSource.EMBEDDED,
        qrs=(QrReading(text, barcode, person.national_id, 1, BOX, "zxing"),),
        codes=(Code(text, 1, BOX, "zxing"),),
        barcodes=(Field(barcode, barcode, 1, BOX),),
        fields={name: Field(value, value, 1, BOX) for name, value in printed.items()},
        records=tuple(_row(period, entry, left) for period, entry, left in _months(exit_date)),
        workplaces=(Workplace("1043377", PROVIDER.title, 1, BOX),),
        readers=("pdfium",),
    )


def _months(exit_date: str | None) -> Iterable[tuple[str, str | None, str | None]]:
    return ("2026-08", "2026-08-03", None), ("2026-09", None, None), ("2026-10", None, exit_date)


def _row(period: str, entry: str | None, left: str | None) -> Record:
    return Record("4a", "", "1043377", "", period, "Asıl", entry, 30, left, 1, BOX)


def upload(*documents: Document, name: str = "evidence.zip") -> Upload:
    """An uploaded zip with these documents."""
    return Upload(name, hashlib.sha256(repr(documents).encode()).hexdigest(), 5000, None, documents)


@dataclass
class Inbox:
    """An inbox on disk whose folders are written as a portal would, and the facts that reading them gives."""

    path: Path
    facts: dict[str, tuple[Upload, ...]]
    database: Database

    @classmethod
    def at(cls, path: Path, database: Database) -> "Inbox":
        path.mkdir(exist_ok=True)
        return cls(path, {}, database)

    @property
    def source(self) -> LocalInbox:
        return LocalInbox(self.path)

    @property
    def name(self) -> str:
        return inbox_name(self.path)

    def put(self, content: dict[str, object], *documents: Document) -> str:
        """Write a folder; its zip's bytes are those of its facts."""
        name = str(content["application_id"])
        uploads = (upload(*documents),)
        self.facts[name] = uploads
        self.write(name, json.dumps(content).encode(), repr(uploads).encode())
        return name

    def write(self, name: str, declaration: bytes, evidence: bytes) -> None:
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        (folder / "application.json").write_bytes(declaration)
        (folder / "evidence.zip").write_bytes(evidence)

    def read(self, claimed: Claim) -> Reading:
        """Read one claimed folder."""
        try:
            declared = parse_application(
                (self.path / claimed.application_id / "application.json").read_bytes()
            )
        except ApplicationInvalid as invalid:
            return Reading(claimed, None, invalid.problems)
        return Reading(claimed, declared, (), self.facts[claimed.application_id])

    def read_all(self, owner: str = OWNER, chunk: int = 50) -> None:
        """Discover and read everything that is pending."""
        discover(self.database, self.source)
        while claims := claim(self.database, self.name, owner, chunk):
            store_readings(self.database, owner, [self.read(item) for item in claims])

    def judge_all(self, chunk: int = 50, run_id: str | None = None) -> list[Saved]:
        """Judge everything that was read, then what is due again."""
        with self.database.reading() as work:
            waves = unjudged(work, self.name)
        saved = [save for wave in waves for save in self.judge_wave(wave, chunk, run_id)]
        for _ in range(2):
            with self.database.reading() as work:
                again = due_for_rejudging(work, self.name)
            saved += [save for wave in again for save in self.judge_wave(wave, chunk, run_id)]
        return saved

    def judge_wave(self, keys: Sequence[int], chunk: int = 50, run_id: str | None = None) -> list[Saved]:
        return [
            save_judgements(self.database, self.judged(keys[start : start + chunk]), POLICY, run_id)
            for start in range(0, len(keys), chunk)
        ]

    def judged(self, keys: Sequence[int]) -> list[Judged]:
        """Load and judge, without entering anything."""
        with self.database.reading() as work:
            files = load_cases(work, keys)
        return [Judged(file, judge_file(file)) for file in files]

    def key(self, application_id: str) -> int:
        with self.database.reading() as work:
            row = select(ApplicationRow.id).where(ApplicationRow.application_id == application_id)
            return work.session.scalars(row).one()

    def run(self) -> list[Saved]:
        """A whole batch, on the machine on which the one before may have died."""
        release_dead(self.database, [OWNER])
        self.read_all()
        return self.judge_all()


def judge_file(file: CaseFile) -> Judgement:
    if file.application is None:
        return judge_invalid(file.application_id, file.problems, POLICY)
    return judge(Case(file.application, file.uploads, file.registry, POLICY))


def register(inbox: Inbox, *people: Declared, day: str = "2026-11-01") -> None:
    """Put a personnel registration for each person into the inbox."""
    for person in people:
        content = application(f"P-{person.national_id[-3:]}", "personnel_registration", [person], day)
        inbox.put(content, certificate(person))


def certificate(person: Declared, name: str = "kurs.pdf") -> Document:
    """A certificate: a paper of no kind that kanit knows."""
    digest = hashlib.sha256(f"{person.national_id} {name}".encode()).hexdigest()
    return Document(
        id=f"sha256:{digest}", name=name, size=10, media=Media.PDF, pages=1, text=TextSource.EMBEDDED
    )


class Crash(BaseException):
    """The process dies: nothing may catch this."""


@contextmanager
def crash_before(database: Database, beginning: str, number: int = 1) -> Iterator[None]:
    """Die before the given one of the statements that begin so is executed."""
    left = itertools.count(number, -1)

    def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(beginning) and next(left) == 1:
            raise Crash

    event.listen(database.engine, "before_cursor_execute", die)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", die)
