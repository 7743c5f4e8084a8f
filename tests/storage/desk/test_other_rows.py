"""Rows of other employers: stored until the judgement, forgotten where no finding rests on them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from extractors.facts import Document, Workplace
from storage.cases import CaseFile, load_cases
from storage.database import UnitOfWork
from storage.desk.corrections import NoSuchPlace, value_at
from storage.desk.rulings import Correct, Entered, Obstacle, Refused
from storage.facts import pack_document, unpack_document
from storage.issuer import rows_read, store_answers, stored_answers, to_be_asked
from storage.models import DocumentRow
from storage.other_rows import without_others
from storage.rejudging import rejudge
from storage.subject.papers import told
from tests.storage.desk.cases import Desk
from tests.storage.samples import (
    AYSE,
    BOX,
    ISIL,
    POLICY,
    Inbox,
    application,
    judge_file,
    register,
    statement,
)
from validators.finding import Code, Decision
from validators.issuer import Compared, IssuerAnswer, IssuerStatus, compare
from validators.needed import Needed

ELSEWHERE = Workplace("1099999", "KURGU GIDA PAZARLAMA ANONİM ŞİRKETİ", 1, BOX)


def with_past(paper: Document) -> Document:
    """The statement with a month at another employer in front."""
    before = replace(paper.records[0], workplace=ELSEWHERE.number, period="2024-03", entry_date=None)
    return replace(paper, records=(before, *paper.records), workplaces=(*paper.workplaces, ELSEWHERE))


PAPER = with_past(statement())
ENDED = with_past(statement(exit_date="2026-10-15"))
SAME = IssuerAnswer(IssuerStatus.IDENTICAL, Compared.FIELDS)


def put(inbox: Inbox, *papers: Document, name: str = "A-1") -> None:
    register(inbox, AYSE)
    inbox.put(application(name), *papers)


def file_of(inbox: Inbox, name: str = "A-1") -> CaseFile:
    with inbox.database.reading() as work:
        (file,) = load_cases(work, [inbox.key(name)])
    return file


def paper_of(inbox: Inbox, name: str = "A-1") -> Document:
    return file_of(inbox, name).uploads[0].documents[0]


def store_whole(work: UnitOfWork) -> None:
    """Put all rows back, as versions before this one kept them."""
    row = work.session.scalars(select(DocumentRow).where(DocumentRow.barcode_index.is_not(None))).one()
    row.facts = work.keys.seal_bytes(pack_document(PAPER), "documents.facts")


def as_stored(inbox: Inbox) -> Document:
    """The statement without what officers corrected."""
    with inbox.database.reading() as work:
        rows = select(DocumentRow.facts).where(DocumentRow.barcode_index.is_not(None))
        (facts,) = work.session.scalars(rows)
        return unpack_document(work.keys.unseal_bytes(facts, "documents.facts"))


def test_once_a_person_is_verified_nothing_of_other_employers_is_kept(desk: Desk) -> None:
    put(desk.inbox, PAPER)
    desk.inbox.read_all()
    assert paper_of(desk.inbox) == PAPER, "judged on all that was read"
    desk.inbox.judge_all()
    kept = paper_of(desk.inbox)
    assert kept.records == (PAPER.records[0].emptied(), *PAPER.records[1:])
    assert kept.workplaces == (PAPER.workplaces[0], ELSEWHERE.emptied())
    assert ELSEWHERE.number.encode() not in pack_document(kept)
    assert replace(kept, records=(), workplaces=(), rows_read=None) == replace(
        PAPER, records=(), workplaces=()
    )


def test_rows_on_which_a_finding_rests_are_kept(desk: Desk) -> None:
    put(desk.inbox, ENDED)
    desk.inbox.run()
    assert paper_of(desk.inbox) == ENDED


def test_papers_of_a_declaration_that_did_not_parse_are_judged_by_nobody(desk: Desk) -> None:
    desk.inbox.put({**application("A-1"), "procedure": "unknown"}, PAPER)
    desk.inbox.run()
    assert all(d.records == () for u in file_of(desk.inbox).uploads for d in u.documents)


def test_what_is_kept_is_judged_the_same(desk: Desk) -> None:
    put(desk.inbox, PAPER)
    desk.inbox.run()
    file = file_of(desk.inbox)
    assert judge_file(file).decision is Decision.VERIFIED
    done = rejudge(desk.database, [file.application_key], POLICY, judge_file, write=True)
    assert (done.judged, done.changes) == (1, ())
    assert paper_of(desk.inbox) == file.uploads[0].documents[0]


def test_what_was_judged_by_an_older_version_is_reduced_when_it_is_judged_again(desk: Desk) -> None:
    put(desk.inbox, PAPER)
    desk.inbox.run()
    file = file_of(desk.inbox)
    desk.database.transact(store_whole)
    assert paper_of(desk.inbox) == PAPER
    rejudge(desk.database, [file.application_key], POLICY, judge_file, write=True)
    assert paper_of(desk.inbox) == file.uploads[0].documents[0]


def test_an_answer_of_the_issuer_outlives_the_rows(desk: Desk) -> None:
    put(desk.inbox, PAPER)
    desk.inbox.read_all()
    store_answers(desk.database, [(PAPER, SAME)])
    desk.inbox.judge_all()
    with desk.database.reading() as work:
        assert stored_answers(work, [paper_of(desk.inbox)]) == {PAPER.key: SAME}
        assert stored_answers(work, [PAPER]) == {PAPER.key: SAME}, "also for who uploads the paper again"
        assert to_be_asked(work, [PAPER]) == ()


def test_an_answer_about_other_rows_does_not_count(desk: Desk) -> None:
    other = replace(PAPER, records=PAPER.records[1:])
    store_answers(desk.database, [(other, SAME)])
    with desk.database.reading() as work:
        assert stored_answers(work, [PAPER]) == {}


def test_the_original_is_compared_with_the_rows_that_are_left() -> None:
    kept = without_others(PAPER, Needed(frozenset({1, 2, 3}), frozenset({0})))
    assert rows_read(kept) == rows_read(PAPER)
    assert compare(kept, PAPER).status is IssuerStatus.IDENTICAL
    fewer = replace(PAPER, records=PAPER.records[1:])
    assert compare(kept, fewer).differences == ("records",)
    changed = replace(PAPER, records=(*PAPER.records[:3], replace(PAPER.records[3], days=29)))
    assert compare(kept, changed).differences == ("records",)
    listed = replace(PAPER, workplaces=(replace(PAPER.workplaces[0], title="KURGU A.Ş."), ELSEWHERE))
    assert compare(kept, listed).differences == ("workplaces",)


def test_a_row_that_is_left_out_cannot_be_corrected(desk: Desk) -> None:
    misnamed = replace(PAPER, fields={**PAPER.fields, "family_name": PAPER.fields["given_name"]})
    put(desk.inbox, misnamed)
    desk.inbox.run()
    kept = paper_of(desk.inbox)
    with pytest.raises(NoSuchPlace):
        value_at(kept, "records.0.days")
    assert value_at(kept, "records.1.days") == 30
    wrong = Correct(kept.key, "records.0.workplace", "1043377", "Okunmuyor.")
    assert desk.rule("A-1", wrong) == Refused(Obstacle.NO_SUCH_PLACE)


def test_what_an_officer_corrected_is_kept(desk: Desk) -> None:
    """The correction makes it a row of somebody else: it must stay there to be laid over."""
    foreign = replace(statement(exit_date="2026-10-15").records[-1], period="2026-11", exit_date="2026-11-02")
    put(desk.inbox, replace(PAPER, records=(*PAPER.records, foreign)))
    desk.inbox.run()
    before = paper_of(desk.inbox)
    assert before.records[0].workplace == ELSEWHERE.number, "the rows say that the employment has ended"
    last = f"records.{len(before.records) - 1}.workplace"
    proposed = desk.enter("A-1", Correct(before.key, last, ELSEWHERE.number, "Başka işyeri."))
    assert isinstance(desk.second(proposed.ruling), Entered), "it lifts a block"
    after = paper_of(desk.inbox)
    assert value_at(after, last) == ELSEWHERE.number
    assert after.records[0].left_out
    assert as_stored(desk.inbox).records[-1] == foreign


def test_several_papers_and_people_each_keep_their_own(desk: Desk) -> None:
    register(desk.inbox, AYSE, ISIL)
    other = with_past(statement(ISIL, "hd55-5555-5555-5555"))
    ended = with_past(statement(ISIL, "hd55-5555-5555-5556", exit_date="2026-10-15"))
    desk.inbox.put(application("A-1", people=[AYSE, ISIL]), PAPER, other)
    desk.inbox.put(application("A-2", people=[AYSE, ISIL]), with_past(statement(AYSE, "hd66")), ended)
    desk.inbox.run()
    one, two = file_of(desk.inbox).uploads[0].documents, file_of(desk.inbox, "A-2").uploads[0].documents
    assert [paper.records[0].left_out for paper in (*one, *two)] == [True, True, True, False]
    assert [paper.key for paper in one] == [PAPER.key, other.key]


def test_a_person_who_asks_is_told_how_many_rows_are_not_kept(desk: Desk) -> None:
    put(desk.inbox, PAPER)
    desk.inbox.run()
    answer = told(paper_of(desk.inbox))
    assert answer["rows_not_kept"] == 1
    assert [row["workplace"] for row in answer["records"]] == ["1043377"] * 3
    assert [place["number"] for place in answer["workplaces"]] == ["1043377"]


def test_the_judgement_still_tells_what_it_rested_on(desk: Desk) -> None:
    put(desk.inbox, PAPER)
    desk.inbox.run()
    (finding,) = (x for x in judge_file(file_of(desk.inbox)).all_findings if x.code is Code.NO_LINK)
    assert finding.facts["workplace"] == "1043377"
