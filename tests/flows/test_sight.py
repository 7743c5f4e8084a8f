"""What Prefect holds of two nights: what operators are to see, and nothing about anybody. A real batch and server."""

import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from extractors.document import read_document
from extractors.facts import Document
from flows.deployment.automations import ALARMS, NIGHT
from flows.errors import Exit
from storage.cases import load_cases
from storage.database import open_database
from storage.models import ApplicationRow
from storage.settings import load_settings
from tests.flows.helpers import Printed, kanit
from tests.papers.cases import FAULTY
from tests.papers.inbox import write_sample_inbox
from validators.finding import Code

pytestmark = pytest.mark.slow

NAMES = ("given_name", "family_name", "title", "father", "mother", "birthplace")
FEW = 20
"""Applications that come in before the second night."""


@dataclass(frozen=True)
class Nights:
    """Two nights on this machine alone, the second with a few new applications, and all that they left in Prefect."""

    inbox: Path
    home: Path
    printed: tuple[Printed, Printed]

    @property
    def runs(self) -> tuple[str, str]:
        """The ids of the runs."""
        first, second = (printed.lines[0]["run"] for printed in self.printed)
        return first, second

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask Prefect's database."""
        with closing(sqlite3.connect(self.home / "prefect" / "prefect.db")) as database:
            return database.execute(query).fetchall()

    def artifacts(self, key: str) -> list[Any]:
        """Return the data of the artifacts of a key, the oldest first."""
        rows = self.ask(f"SELECT data FROM artifact WHERE key = '{key}' ORDER BY created")  # noqa: S608 - ours
        return [json.loads(str(data)) for (data,) in rows]

    def events(self, name: str) -> list[Any]:
        """Return the payloads of the events of a name, the oldest first."""
        rows = self.ask(f"SELECT payload FROM events WHERE event = '{name}' ORDER BY occurred")  # noqa: S608 - ours
        return [json.loads(payload) for (payload,) in rows]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Run two nights; the second has nothing but applications that are flagged."""
    folder = tmp_path_factory.mktemp("nights")
    inbox, home = folder / "inbox", folder / "home"
    environment = {
        "KANIT_HOME": str(home),
        "KANIT_LOG_LEVEL": "DEBUG",
        "KANIT_REVIEW_URL": "http://127.0.0.1:8321",
        "KANIT_ALARM_FLAGGED_JUMP": "0.1",
    }
    write_sample_inbox(inbox, 2 * len(FAULTY))
    first = kanit(["batch", inbox, "--json"], environment)
    assert first.code == Exit.OK, first.err
    write_sample_inbox(folder / "more", FEW, seed=2, only=["no_link"], registrations=False)
    for application in sorted((folder / "more").iterdir()):
        _send(application, inbox)
    second = kanit(["batch", inbox, "--json"], environment)
    assert second.code == Exit.OK, second.err
    return Nights(inbox, home, (first, second))


def _send(application: Path, inbox: Path) -> None:
    """Move an application to an inbox where its number is taken: it gets another one."""
    name = application.name.replace("-00", "-10")
    declaration = application / "application.json"
    declaration.write_text(declaration.read_text("utf-8").replace(application.name, name), "utf-8")
    application.rename(inbox / name)


def test_a_run_is_named_by_its_date_and_its_count_and_tagged(nights: Nights) -> None:
    (first, first_tags), (second, second_tags) = nights.ask(
        "SELECT name, tags FROM flow_run ORDER BY created"
    )
    count = nights.printed[0].lines[0]["applications"]
    assert re.fullmatch(rf"nightly-20\d\d-\d\d-\d\d-\d{{4}} · {count:,} applications", first)
    assert second.endswith(f" · {FEW} applications")
    assert json.loads(first_tags) == ["coordinator", "inbox: inbox", "policy: kilavuz"]
    assert first_tags == second_tags


def test_the_summary_tells_reasons_and_compares_with_the_night_before(nights: Nights) -> None:
    first, second = nights.artifacts("nightly")
    assert f"`{Code.NO_LINK}` Does the service statement" in first
    assert "no night before this one" in first
    assert "| **mean of 1<br>ortalama (1)** |" in second
    assert nights.runs[1] in second


def test_the_summary_links_to_the_review_of_its_run(nights: Nights) -> None:
    for link, run in zip(nights.artifacts("nightly-review"), nights.runs, strict=True):
        assert f"(http://127.0.0.1:8321/queue?run={run})" in link


def test_progress_ends_at_a_hundred_and_is_told_seldom(nights: Nights) -> None:
    assert nights.artifacts("nightly-progress") == [100, 100]
    told = [payload["data"] for payload in nights.events("prefect.artifact.updated")]
    assert told.count(100) == 2
    assert len(told) < 2 * 100


def test_every_night_tells_its_start_and_its_end(nights: Nights) -> None:
    resources = nights.ask("SELECT DISTINCT resource_id FROM events WHERE event LIKE 'kanit.%'")
    assert resources == [(NIGHT,)]
    assert [event["run"] for event in nights.events("kanit.night.started")] == list(nights.runs)
    ends = nights.events("kanit.night.finished")
    for end, printed in zip(ends, nights.printed, strict=True):
        (figures,) = printed.lines
        assert {name: end[name] for name in figures} == figures


def test_alarms_ring_by_the_names_that_the_automations_wait_for(nights: Nights) -> None:
    rung = {name for (name,) in nights.ask("SELECT event FROM events WHERE event LIKE 'kanit.alarm.%'")}
    assert rung <= {f"kanit.alarm.{name}" for name in ALARMS}
    (alarm,) = nights.events("kanit.alarm.flagged-share")
    assert alarm["run"] == nights.runs[1]
    assert alarm["share"] > alarm["usual"] + 0.1


def test_prefect_holds_nothing_about_anybody(nights: Nights) -> None:
    """Every T.C. number, name, title, file name and barcode of the papers, against all that Prefect has written."""
    written = _plain(chain(_cells(nights), _files(nights.home / "prefect"), _printed(nights)))
    assert "Başvuruların sonucu" in written, "the summary is in what is searched"
    assert _occurs("TS-2026-000004", written), "and so are the applications"
    secrets = set(_declared(nights.inbox)) | set(_read(nights))
    kinds = {"number": r"[1-9]\d{10}", "barcode": r"\w{4}-\w{4}-\w{4}-\w{4}|\w{16}", "file": r".+\.(pdf|zip)"}
    for kind, pattern in kinds.items():
        assert [word for word in secrets if re.fullmatch(pattern, word)], f"there is no {kind} to search for"
    assert [word for word in secrets if _occurs(word, written)] == []


def _cells(nights: Nights) -> Iterator[str]:
    """Yield every text in every table: what is long is in pieces in the file."""
    for (table,) in nights.ask("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in nights.ask(f'SELECT * FROM "{table}"'):  # noqa: S608 - from the catalogue
            yield from (cell for cell in row if isinstance(cell, str))


def _files(folder: Path) -> Iterator[str]:
    """Yield every file, also for what is deleted in a database or written beside it."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.read_bytes().decode("utf-8", "ignore")


def _printed(nights: Nights) -> Iterator[str]:
    for printed in nights.printed:
        yield printed.out
        yield printed.err


def _plain(texts: Iterator[str]) -> str:
    """Join texts, with the letters that JSON writes as numbers."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), "\n".join(texts))


def _declared(inbox: Path) -> Iterator[str]:
    """Yield what the declarations say of people, providers and files."""
    for path in inbox.glob("*/application.json"):
        try:
            content = json.loads(path.read_bytes())
        except ValueError:
            continue
        provider = content.get("provider") or {}
        for holder in (provider, *content.get("people", ())):
            yield from (str(value) for value in holder.values() if not isinstance(value, list))
        yield from provider.get("workplace_numbers", ())
        yield from content.get("evidence", ())


def _read(nights: Nights) -> Iterator[str]:
    """Yield what was read in the papers."""
    with closing(open_database(load_settings(home=nights.home))) as database, database.reading() as work:
        files = load_cases(work, work.session.scalars(select(ApplicationRow.id)).all())
    for application, upload in ((file.application_id, upload) for file in files for upload in file.uploads):
        yield upload.name
        for document in upload.documents:
            yield from _printed_on(document)
        if any(place.left_out for document in upload.documents for place in document.workplaces):
            yield from _employers(nights.inbox / application / upload.name)


def _employers(upload: Path) -> Iterator[str]:
    """Yield the titles of all employers on the papers of a zip, also of those that are not kept."""
    with zipfile.ZipFile(upload) as archive:
        papers = [archive.read(name) for name in archive.namelist() if name.endswith(".pdf")]
    for document in chain.from_iterable(read_document(paper, "x.pdf") for paper in papers):
        yield from (place.title for place in document.workplaces)


def _printed_on(document: Document) -> Iterator[str]:
    yield document.name.rpartition("/")[2]
    for qr in document.qrs:
        yield from (each for each in (qr.barcode, qr.national_id) if each)
    for field in (*document.barcodes, *(document.fields[name] for name in NAMES if name in document.fields)):
        yield from {str(field.value), field.raw} if field.value else ()
    yield from (place.title for place in document.workplaces if not place.left_out)


def _occurs(word: str, text: str) -> bool:
    """Return whether a word stands in a text, as it is printed or with a capital letter alone."""
    forms = {
        word,
        " ".join(part[:1] + part[1:].replace("I", "ı").replace("İ", "i").lower() for part in word.split()),
    }
    return any(form in text and re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms)
