"""Which running employments rest on old evidence (nothing ends an employment but m.7(1)(g)-(ı))."""

import dataclasses
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from extractors.facts import Document, Field, Kind
from storage.models import Employment, JudgementRow, RegistryState
from storage.proofs import own_day
from storage.recheck import due_for_recheck
from tests.storage.samples import AYSE, BOX, ISIL, PROVIDER, Inbox, application, register, statement
from validators.application import ISTANBUL
from validators.application import Person as Declared

ON = date(2027, 6, 1)
PRINTED = date(2026, 11, 19)
OLD = (ON - PRINTED).days


def issued(paper: Document, day: str | None) -> Document:
    """The paper with another day of its own, or with none."""
    fields = {name: field for name, field in paper.fields.items() if name != "issued_on"}
    if day is not None:
        fields["issued_on"] = Field(day, day, 1, BOX)
    return dataclasses.replace(paper, fields=fields)


def put(inbox: Inbox, name: str, person: Declared, paper: Document) -> None:
    inbox.put(application(name, people=[person]), paper)


@pytest.fixture
def filled(inbox: Inbox) -> Inbox:
    """Two people of one provider; the paper of the one whose application comes second is the older one."""
    register(inbox, AYSE, ISIL)
    put(inbox, "B-1", AYSE, statement())
    put(inbox, "B-2", ISIL, issued(statement(ISIL, "hd99-9999-9999-9999"), "2026-11-02"))
    inbox.run()
    return inbox


def test_the_oldest_evidence_comes_first(filled: Inbox) -> None:
    with filled.database.reading() as work:
        due = due_for_recheck(work, 183, ON)
    assert [(each.national_id, each.day) for each in due] == [
        (ISIL.national_id, date(2026, 11, 2)),
        (AYSE.national_id, PRINTED),
    ]
    assert {each.provider for each in due} == {PROVIDER.title}
    assert {each.kind for each in due} == {Kind.SERVICE_STATEMENT}
    assert [each.age_days for each in due] == [OLD + 17, OLD]
    assert not any(each.by_judgement for each in due)


@pytest.mark.parametrize(("older_than", "people"), [(OLD - 1, 2), (OLD, 1), (OLD + 16, 1), (OLD + 17, 0)])
def test_evidence_of_exactly_that_age_is_not_older(filled: Inbox, older_than: int, people: int) -> None:
    with filled.database.reading() as work:
        assert len(due_for_recheck(work, older_than, ON)) == people


def test_a_paper_without_a_day_has_that_of_its_judgement(inbox: Inbox) -> None:
    register(inbox, AYSE)
    put(inbox, "B-1", AYSE, issued(statement(), "2026-11-19"))
    inbox.run()
    with inbox.database.unit_of_work() as work:
        work.session.scalars(select(Employment)).one().evidence = None
        work.commit()
    with inbox.database.reading() as work:
        judged = max(work.session.scalars(select(JudgementRow.created_at))).astimezone(ISTANBUL).date()
        (due,) = due_for_recheck(work, 0, judged + timedelta(days=1))
    assert (due.day, due.by_judgement, due.kind, due.age_days) == (judged, True, None, 1)


def test_who_has_left_need_not_be_looked_at(filled: Inbox) -> None:
    """m.7(1)(ı): removed people are not at the provider any more."""
    with filled.database.unit_of_work() as work:
        for row in work.session.scalars(select(Employment)):
            row.state = RegistryState.CLOSED
        work.commit()
    with filled.database.reading() as work:
        assert due_for_recheck(work, 0, ON) == ()


def test_the_person_s_own_paper_counts_where_a_file_holds_several(inbox: Inbox) -> None:
    """One file of two statements: each employment has the day of the paper that prints its person."""
    register(inbox, AYSE, ISIL)
    first = dataclasses.replace(statement(), paper=1, papers=2)
    second = dataclasses.replace(
        issued(statement(ISIL, "hd99-9999-9999-9999"), "2026-11-02"), id=first.id, paper=2, papers=2
    )
    inbox.put(application("B-1", people=[AYSE, ISIL]), first, second)
    inbox.run()
    with inbox.database.reading() as work:
        days = {each.national_id: each.day for each in due_for_recheck(work, 0, ON)}
    assert days == {AYSE.national_id: PRINTED, ISIL.national_id: date(2026, 11, 2)}


@pytest.mark.parametrize(
    ("name", "value", "day"),
    [
        ("issued_on", "2026-11-19", date(2026, 11, 19)),
        ("generated_at", "2026-11-10T14:50:45", date(2026, 11, 10)),
        ("issued_on", "2020-02-29", date(2020, 2, 29)),
        ("start_date", "2026-11-09", None),
        ("issued_on", "19.11.2026", None),
        ("issued_on", None, None),
    ],
)
def test_the_day_of_a_paper_is_the_one_it_prints_as_its_own(
    name: str, value: str | None, day: date | None
) -> None:
    paper = dataclasses.replace(statement(), fields={name: Field(value, str(value), 1, BOX)})
    assert own_day(paper) == day
