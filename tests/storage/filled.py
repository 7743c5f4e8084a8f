"""A registry with something in every table, and an evidence store with every file: what upkeep is tried on."""

from datetime import date

from sqlalchemy import select, update

from storage.columns import Base
from storage.database import Database
from storage.decisions import decide
from storage.desk.asks import Correct, Return, Wait
from storage.desk.queue import Filter
from storage.desk.sessions import open_session
from storage.desk.views import save_view
from storage.evidence import EvidenceStore
from storage.issuer import store_answers
from storage.models import CondemnedFile, Ruling, Version
from storage.retention import run_retention
from storage.runs import start_run
from storage.schema import VERSION_TABLE, current_revision
from tests.storage.desk.cases import Desk, put_for_review
from tests.storage.procedures import add, certify, petition, remove
from tests.storage.retained import keep_files, later, store_of
from tests.storage.samples import AYSE, ISIL, Inbox, application, certificate, statement
from validators.finding import Code
from validators.issuer import IssuerAnswer, IssuerStatus

ROTATION = {"key_eras", "index_moves"}
"""Tables that only a change of keys writes to."""


def fill(inbox: Inbox, schema: str = "9999") -> EvidenceStore:
    """Put every kind of row into a registry, by the ways that they come there, and return its evidence store.

    What a schema could not hold yet is left out: ends of employments before 0003, what retention leaves behind before
    0007, the desk before 0008.
    """
    _judge(inbox)
    if schema >= "0003":
        _end(inbox)
    if schema >= "0007":
        _destroy(inbox)
    if schema >= "0008":
        _rule(inbox)
    answered = IssuerAnswer(IssuerStatus.IDENTICAL)
    store_answers(inbox.database, [(statement(AYSE, "hd11-1111-1111-1111"), answered)])
    start_run(inbox.database, inbox.name, "kilavuz", "somebody")
    return store_of(inbox)


def content(database: Database) -> dict[str, list[str]]:
    """Return every row of every table as it is stored, and the revision of the schema."""
    with database.reading() as work:
        rows = {
            table.name: sorted(repr(tuple(row)) for row in work.session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }
        return {**rows, VERSION_TABLE: [str(current_revision(work.session.connection()))]}


def _judge(inbox: Inbox) -> None:
    """Records, two employments, a replaced version, and an application that does not parse."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    certify(inbox, "P-2", "01T10:00", procedure="registration", person=ISIL)
    add(inbox, "A-1", "10T10:00", "hd77-7777-7777-7777")
    add(inbox, "A-2", "11T10:00", "hd22-2222-2222-2222", person=ISIL)
    inbox.run()
    keep_files(inbox)
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    inbox.facts[
        inbox.put({**application("X-1"), "people": []})
    ] = ()  # of what does not parse nothing is read
    inbox.run()
    keep_files(inbox)


def _end(inbox: Inbox) -> None:
    """An employment that ended, a petition that is undecided and one that was decided."""
    remove(inbox, "R-2", "15T10:00", people=[ISIL])
    for name in ("D-1", "D-2"):
        petition(inbox, name, "16T10:00", people=[ISIL.model_dump()])
    inbox.run()
    kept = store_of(inbox).put(b"dilekce")
    with inbox.database.unit_of_work() as work:
        version = Version.application_key == inbox.key("D-1")
        work.session.execute(update(Version).where(version).values(petition=kept))
        work.commit()
    decide(inbox.database, "D-2", Ruling.REFUSED, "Görevli Deneme", "Deneme.")


def _destroy(inbox: Inbox) -> None:
    """What retention leaves: versions without facts, entries of its log, a file that a killed run has yet to remove."""
    run_retention(inbox.database, store_of(inbox), later(800, inbox.path.parent))
    inbox.facts.clear()  # some of those files are destroyed by now
    with inbox.database.unit_of_work() as work:
        work.session.add(CondemnedFile(sha256="c0" * 32))
        work.commit()


def _rule(inbox: Inbox) -> None:
    """Officers at their desk: a correction that writes an employment, a case sent back, one put off, one worked on."""
    desk = Desk.at(inbox)
    for name in ("C-1", "C-2", "C-3", "C-4"):
        put_for_review(inbox, name, ISIL)
    paper = inbox.facts["C-1"][0].documents[0]
    desk.enter("C-1", Correct(paper.key, "family_name", ISIL.family_name, "Okunmuyor."))
    desk.enter("C-2", Return((Code.PERSON_NAME_DIFFERS,), "Belgenizi yenileyiniz.", "Ad farklı."))
    desk.enter("C-3", Wait(date(2027, 1, 4), "Bekliyor."))
    desk.claim("C-4")
    open_session(inbox.database, desk.reviewer, "10.0.0.7")
    with inbox.database.unit_of_work() as work:
        save_view(work, desk.reviewer.id, "Benimkiler", Filter(text="C"))
        work.commit()
    keep_files(inbox)
