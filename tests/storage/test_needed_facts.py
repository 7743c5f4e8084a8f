"""Only facts that a rule needs are kept (KVKK m.4): whatever else a paper prints stands nowhere in what is stored.

The papers print earnings, occupation, reasons of absence and of leaving, disability, conviction, parents, birth and
address, each marked; then everything sealed is opened and searched.
"""

import dataclasses
import re
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from random import Random

import pypdfium2
import pytest
from sqlalchemy import select

from extractors.document import read_document
from extractors.facts import Document, Kind, Record
from storage.columns import Base
from storage.database import Database
from tests.papers import builders, identities, with_reportlab
from tests.papers.builders import NOW, Job
from tests.papers.forms import declaration as form
from tests.papers.model import Declaration
from tests.papers.style import any_style
from tests.storage.fixtures import database_on, inbox, sqlite_database
from tests.storage.samples import Inbox, application
from validators.application import Person as Declared
from validators.application import Provider

__all__ = ["database", "inbox", "sqlite_database"]

database = database_on("sqlite")

MARKS = {
    "earnings": "98,765.43",
    "occupation": "9999.77",
    "name of the occupation": "Kurgusal Meslek",
    "reason of absence": "8181",
    "reason of leaving": "2626",
    "disability": "Engel Derecesi 3",
    "conviction": "Eski Hükümlü Evet",
}
FIELDS = {
    "national_id",
    "given_name",
    "family_name",
    "issued_on",
    "start_date",
    "generated_at",
    "workplace_number",
    "employer_title",
}
"""Fields of the papers that rules ask about (contract, section 3)."""
CELLS = {
    "branch",
    "status",
    "workplace",
    "unit",
    "period",
    "document_type",
    "entry_date",
    "days",
    "exit_date",
    "page",
    "box",
    "doubts",
    "left_out",
}
"""Cells of a row of a statement; the row's own employer is judged by `workplace`."""


@dataclasses.dataclass(frozen=True)
class Marked:
    """A person who worked elsewhere before, the provider, and three papers."""

    who: identities.Person
    before: identities.Company
    firm: identities.Company
    files: list[bytes]


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> Marked:
    """Papers with everything marked that no rule asks about."""
    rng = Random(7)
    (who,), before, firm = identities.people(rng, 1), identities.company(rng), identities.company(rng)
    begun = NOW.date() - timedelta(days=400)
    past = Job(before, begun - timedelta(days=300), begun - timedelta(days=40))
    statement = builders.service_statement(rng, who, [past, Job(firm, begun)])
    rows = tuple(
        dataclasses.replace(
            row,
            amount=MARKS["earnings"],
            occupation=MARKS["occupation"],
            missing_reason=MARKS["reason of absence"],
            exit_reason=MARKS["reason of leaving"],
        )
        for row in statement.rows
    )
    trade = (MARKS["occupation"], MARKS["name of the occupation"])
    entry = dataclasses.replace(builders.entry_declaration(rng, who, firm, begun), occupation=trade)
    left = builders.exit_declaration(rng, who, firm, NOW.date())
    leaving = dataclasses.replace(left, reason=MARKS["reason of leaving"], occupation=trade)
    working = form.working

    def with_health(paper: Declaration) -> tuple[tuple[str, str], ...]:
        special = (("18 Özürlü/Eski Hükümlü", f"{MARKS['disability']} / {MARKS['conviction']}"),)
        return (*working(paper), *special)

    monkeypatch.setattr(form, "working", with_health)
    drawn = (dataclasses.replace(statement, rows=rows), entry, leaving)
    return Marked(who, before, firm, [with_reportlab.draw(paper, any_style(0)) for paper in drawn])


def unneeded(papers: Marked) -> dict[str, str]:
    """What the papers print and no rule asks about."""
    who, firm, before = papers.who, papers.firm, papers.before
    return {
        **MARKS,
        "title of another employer": " ".join(before.title.split()[:2]),
        "workplace of another employer": before.workplace,
        "father": who.father,
        "birthplace": who.birthplace,
        "birth date": who.birth_date.isoformat(),
        "registration": who.registration,
        "address of the employer": firm.address,
    }


def printed_on(pdf: bytes) -> str:
    """All that a paper says."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def stored(database: Database) -> Iterator[str]:
    """Yield everything that the registry holds, opened, as text."""
    with database.reading() as work:
        for table in Base.metadata.sorted_tables:
            for row in work.session.execute(select(table)).mappings():
                for name, value in row.items():
                    if not isinstance(value, bytes):
                        yield str(value)
                    elif not name.endswith(("_index", "seal")):
                        opened = work.keys.unseal_bytes(value, f"{table.name}.{name}")
                        yield (zlib.decompress(opened) if opened[:1] == b"x" else opened).decode("utf-8")


def test_what_no_rule_asks_about_stands_nowhere_in_what_is_stored(papers: Marked, inbox: Inbox) -> None:
    who, firm, files = papers.who, papers.firm, papers.files
    documents = [document for data in files for document in read_document(data, "belge.pdf")]
    assert [document.kind for document in documents] == [
        Kind.SERVICE_STATEMENT,
        Kind.ENTRY_DECLARATION,
        Kind.EXIT_DECLARATION,
    ]
    person = Declared(national_id=who.national_id, given_name=who.given_name, family_name=who.family_name)
    provider = Provider(
        title=firm.title, tax_number=firm.tax_number, workplace_numbers=(firm.workplace_number,)
    )
    inbox.put(application("A-1", people=[person], provider=provider), *documents)
    inbox.run()
    text = "\n".join(stored(inbox.database))
    assert who.national_id in text, "what is searched is what was stored"
    assert documents[0].records, "and the rows were read"
    assert firm.title in text
    printed = " ".join(" ".join(printed_on(data).split()) for data in files)
    assert [name for name, value in unneeded(papers).items() if value not in printed] == []
    # As a word of its own: four digits stand in some hash by chance.
    kept = {name for name, v in unneeded(papers).items() if re.search(rf"(?<!\w){re.escape(v)}(?!\w)", text)}
    assert kept == set()


def test_facts_have_no_place_for_what_no_rule_asks_about(
    papers: Marked,
) -> None:
    """A new field of the facts must be thought about here: which rule needs it?"""
    read = {
        name for data in papers.files for document in read_document(data, "x.pdf") for name in document.fields
    }
    assert read <= FIELDS
    assert {field.name for field in dataclasses.fields(Record)} == CELLS
    assert not {"words", "earnings", "occupation"} & {field.name for field in dataclasses.fields(Document)}
