"""A night, a day at the desk and every command: none of the files that they leave tells about anybody.

Real processes, Prefect's embedded server among them, on marked identities. What is meant for the person who asked (a
dossier, an export) goes into a folder of its own, whose files are named here; everything else is searched.
"""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from storage.cases import load_cases
from storage.database import open_database
from storage.models import ApplicationRow
from storage.settings import load_settings
from tests.flows.helpers import KANIT, TIMEOUT
from tests.marked import forms, found_in, left_in
from tests.papers.inbox import write_sample_inbox
from tests.review.visiting import PASSWORD, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CASES = ("statement", "no_link", "several", "scan")
HANDED = {
    "case.html",
    "revealed.html",
    "queue.html",
    "found.html",
    "papers.html",
    "page.png",
    "history.html",
    "ruling.html",
    "letter.pdf",
    "dossier.zip",
    "dossier.pdf",
    "answer.html",
    "person.zip",
    "person.json",
    "card.json",
    "record.json",
    "explain.json",
    "letter.txt",
    "audit.csv",
    "access.csv",
}
"""Files for the person who asked: pages, papers, letters, dossiers and exports. They may tell about somebody."""
QUIET = {"statistics.csv", "erasure.json", "config.txt"}
"""Files for somebody that tell about nobody: they are searched like everything else."""


@dataclass
class World:
    """A home, its logs, and the identities of the inbox."""

    root: Path
    people: list[Mapping[str, str]] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def left(self) -> Path:
        """What is searched."""
        return self.root / "left"

    @property
    def handed(self) -> Path:
        """What is meant for somebody."""
        return self.root / "handed"

    @property
    def environment(self) -> dict[str, str]:
        own = {
            name: value for name, value in os.environ.items() if not name.startswith(("KANIT_", "PREFECT_"))
        }
        return {
            **own,
            "KANIT_HOME": str(self.left / "home"),
            "KANIT_LOG_LEVEL": "DEBUG",
            "KANIT_DEBUG": "1",
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "PREFECT_SERVER_LOGGING_LEVEL": "DEBUG",
            "TMPDIR": str(self.left / "tmp"),
            "HOME": str(self.left / "user"),
        }

    def run(
        self, *arguments: object, typed: str = "", name: str = "", codes: tuple[int, ...] = (0, 10)
    ) -> str:
        """Run a command; its log is kept to be searched, its output under a name for the person who asked."""
        done = subprocess.run(
            [str(KANIT), *map(str, arguments)],
            check=False,
            env=self.environment,
            cwd=self.left / "user",
            input=typed,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
        number = len(list((self.left / "logs").iterdir()))
        (self.left / "logs" / f"{number:02}.log").write_text(done.stderr, "utf-8")
        assert done.returncode in codes, (arguments[:2], done.returncode, done.stderr[-2000:])
        if name:
            self.keep(name, done.stdout.encode())
        return done.stdout

    def keep(self, name: str, data: bytes) -> None:
        """Keep a file that somebody was given: searched, unless it is one that may tell about somebody."""
        folder = self.handed if name in HANDED else self.left / "files"
        assert name in HANDED | QUIET
        assert data
        (folder / name).write_bytes(data)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Run a night, a day at the desk, and the commands."""
    world = World(tmp_path_factory.mktemp("world"))
    for folder in ("handed", "left/logs", "left/files", "left/tmp", "left/user"):
        (world.root / folder).mkdir(parents=True)
    write_sample_inbox(world.inbox, len(CASES), only=CASES)
    for application in sorted(world.inbox.iterdir()):
        _mark(application, world)
    world.run("batch", world.inbox, "--json")
    with _review(world) as url:
        _a_day(world, url)
    _commands(world)
    return world


def _mark(folder: Path, world: World) -> None:
    """Name the uploads as people do, by number and name, and note whom the declaration names."""
    declaration = folder / "application.json"
    content = json.loads(declaration.read_text("utf-8"))
    person = content["people"][0]
    for place, name in enumerate(content.get("evidence", ())):
        marked = f"{person['national_id']}_{person['family_name']}_{place}.zip"
        (folder / name).rename(folder / marked)
        content["evidence"][place] = marked
        world.secrets.add(marked)
    declaration.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    world.people += content["people"]
    for each in content["people"]:
        world.secrets |= {each["national_id"], f"{each['given_name']} {each['family_name']}"}
    if provider := content.get("provider"):
        world.secrets |= {provider["title"], provider["tax_number"]}


@contextmanager
def _review(world: World) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    for name, role in (("ayla", "reviewer"), ("canan", "supervisor"), ("deniz", "auditor")):
        world.run("account", "create", name, "--display", name.title(), "--role", role, typed=PASSWORD)
    with (world.left / "logs" / "review.log").open("w") as log:
        process = subprocess.Popen(
            [str(KANIT), "review", "--port", str(port)],
            env=world.environment,
            cwd=world.left / "user",
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _wait(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health", trust_env=False).text == "ok":
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail("the review application does not answer")


def _log_in(url: str, name: str) -> Visitor:
    visitor = Visitor(None, url)  # type: ignore[arg-type]  # the desk is in another process
    visitor.get("/login")
    assert visitor.post("/login", name=name, password=PASSWORD).status_code == 303
    visitor.get("/account")
    return visitor


def _a_day(world: World, url: str) -> None:
    """What an officer, a supervisor and an auditor do; and what goes wrong."""
    officer, name = _log_in(url, "ayla"), "TS-2026-000002"
    person = world.people[0]["national_id"]
    flagged = json.loads((world.inbox / name / "application.json").read_text("utf-8"))["people"][0]
    found = officer.post("/queue/search", q=flagged["national_id"])
    world.keep("found.html", officer.get(found.headers["location"]).content)
    world.keep("queue.html", officer.get("/queue").content)
    world.keep("case.html", officer.get(f"/cases/{name}").content)
    officer.post(f"/cases/{name}/claim")
    world.keep("revealed.html", officer.post(f"/cases/{name}/reveal", person="0").content)
    papers = officer.get(f"/cases/{name}", params={"document": "0"})
    world.keep("papers.html", papers.content)
    pictures = re.findall(rf'"(/cases/{name}/papers/0/pages/1\?[^"]+)"', papers.text)
    assert pictures
    world.keep("page.png", officer.get(pictures[0].replace("&amp;", "&")).content)
    form = officer.get(f"/cases/{name}/decide/return").text
    fields = dict(re.findall(r'name="(judgement|seen)" value="(\d+)"', form))
    codes = re.findall(r'name="codes" value="(\w+)"', form)
    letter = f"Sayın {flagged['given_name']} {flagged['family_name']}, {flagged['national_id']}"
    sent = officer.post(
        f"/cases/{name}/decide/return", **fields, codes=codes[:1], letter=letter, reason=letter
    )
    assert sent.status_code == 303, sent.text
    world.keep("history.html", officer.get(f"/cases/{name}/history").content)
    world.keep("ruling.html", officer.get(f"/cases/{name}/decisions/1").content)
    world.keep("letter.pdf", officer.get(f"/cases/{name}/decisions/1/letter").content)
    for form in ("pdf", "zip"):
        world.keep(f"dossier.{form}", officer.get(f"/cases/{name}/dossier.{form}").content)
    boss, auditor = _log_in(url, "canan"), _log_in(url, "deniz")
    world.keep("answer.html", boss.post("/query", kind="person", national_id=person, reveal="1").content)
    figure = re.findall(r'"(/statistics/\w+\.csv[^"]*)"', auditor.get("/statistics").text)[0]
    world.keep("statistics.csv", auditor.get(figure.replace("&amp;", "&")).content)
    world.keep("audit.csv", auditor.get("/audit/lines.csv").content)
    # What goes wrong: identities in addresses, in a form that is refused, in a header.
    for visitor in (officer, boss, auditor):
        visitor.get(f"/cases/{person}")
        visitor.get(f"/cases/{person}/decide/return")
        visitor.post(f"/cases/{person}/claim")
        visitor.post("/queue/views", name=letter, sort=person)
        visitor.get(f"/audit?application={person}&from={person}")
        visitor.post(f"/cases/{name}/decide/return", csrf="wrong", letter=letter)
        visitor.get("/queue", headers={"User-Agent": letter.encode()})
        visitor.close()


def _commands(world: World) -> None:
    """What operators type, rightly and wrongly."""
    person, name = world.people[0], "TS-2026-000001"
    number = f"{person['national_id']}\n"
    whole = f"{person['given_name']} {person['family_name']}"
    world.run("explain", name, "--json", "--reveal", name="explain.json")
    world.run("letter", "TS-2026-000002", name="letter.txt")
    world.run("registry", "search", "--national-id", "--json", "--reveal", typed=number, name="card.json")
    world.run("registry", "person", "--national-id", "--json", "--reveal", typed=number, name="record.json")
    world.run("person", "export", "--reference", "1", "--json", typed=number, name="person.json")
    target = world.handed / "person.zip"
    world.run("person", "export", "--reference", "1", "--to", target, "--evidence", typed=number)
    world.run("person", "erase", "--reference", "1", "--dry-run", "--json", typed=number, name="erasure.json")
    world.run("audit", "access", "--person", "--csv", typed=number, name="access.csv")
    world.run("audit", "access", "--account", "ayla", "--people")
    world.run("audit", "verify")
    world.run("queue")
    world.run("config", name="config.txt")
    world.run("retention", "run", "--dry-run")
    world.run("rejudge", "--policy", "kilavuz")
    wrong = world.left / "user"
    for arguments in (
        ("verify", wrong / f"{person['national_id']}_{person['family_name']}"),
        ("read", wrong / f"{person['national_id']}_{person['family_name']}.pdf"),
        ("explain", person["national_id"]),
        ("registry", "search", "--name", whole, "--provider", person["national_id"]),
        ("verify", person["national_id"], person["national_id"]),
        ("person", "export", "--reference", "1", "--number-file", wrong / f"{person['national_id']}.txt"),
        ("batch", wrong / person["national_id"]),
        ("letter", person["national_id"], "--pdf", wrong / "nowhere" / f"{whole}.pdf"),
    ):
        world.run(*arguments, codes=(1, 2, 10))


def test_the_search_finds_every_spelling() -> None:
    wanted = {"10000000146": forms("10000000146"), "IŞIL DENEMECİ": forms("IŞIL DENEMECİ")}
    for written in (
        b"x10000000146x",
        b"1 0 0 0 0 0 0 0 1 4 6",
        b"100-000-001-46",
        "10000000146".encode("utf-16-le"),
        b"3130303030303030313436",
        b"ZTEwMDAwMDAwMTQ2eA==",
    ):
        assert found_in(written, wanted) == {"10000000146"}, written
    for name in (
        "ışıl denemeci",
        "Işıl Denemeci",
        "ISIL DENEMECI",
        "I\\u015eIL DENEMEC\\u0130",
        "I%C5%9EIL%20DENEMEC%C4%B0",
    ):
        assert found_in(name.encode(), wanted) == {"IŞIL DENEMECİ"}, name
    assert found_in("IŞIL DENEMECİ".encode("cp1254"), wanted) == {"IŞIL DENEMECİ"}
    assert found_in(b"nobody at all 10000000078", wanted) == set()


def test_what_is_searched_is_what_was_left(world: World) -> None:
    names = {str(path.relative_to(world.left)) for path in world.left.rglob("*") if path.is_file()}
    assert {
        "home/registry.db",
        "home/key",
        "home/prefect/prefect.db",
        "logs/00.log",
        "logs/review.log",
    } <= names
    assert any(name.startswith("home/evidence/") for name in names)
    assert any(name.startswith("home/pages/") for name in names)
    assert {path.name for path in (world.left / "files").iterdir()} == QUIET
    logs = b"".join(path.read_bytes() for path in (world.left / "logs").iterdir())
    assert b"TS-2026-000001" in logs, "the logs are talkative"


def test_what_was_handed_over_tells_about_somebody_and_is_named_here(world: World) -> None:
    assert {path.name for path in world.handed.iterdir()} == HANDED
    told = left_in(world.handed, {person["national_id"] for person in world.people})
    assert {
        "person.json",
        "person.zip",
        "card.json",
        "explain.json",
        "letter.txt",
        "revealed.html",
    } <= told.keys()


def test_nothing_that_was_left_tells_about_anybody(world: World) -> None:
    read = set(_read(world))
    assert any(name.endswith(".pdf") for name in read)
    assert any(re.fullmatch(r"(hd|SGK)\w{14,}", name, re.IGNORECASE) for name in read)
    assert left_in(world.left, world.secrets | read) == {}


def _read(world: World) -> Iterator[str]:
    """Yield names of files, barcodes and the payloads of QR codes, as they were read."""
    settings = load_settings(home=world.left / "home")
    with closing(open_database(settings)) as database, database.reading() as work:
        cases = load_cases(work, work.session.scalars(select(ApplicationRow.id)).all())
    for document in (each for case in cases for upload in case.uploads for each in upload.documents):
        yield document.name.rpartition("/")[2]
        for qr in document.qrs:
            yield from (qr.text, qr.barcode, qr.barcode.replace("-", ""))
