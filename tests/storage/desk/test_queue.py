from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from storage.columns import now
from storage.database import Database
from storage.desk.accounts import Account
from storage.desk.claims import claim_case
from storage.desk.filling import fill_queue
from storage.desk.queue import (
    Claimed,
    Filter,
    Sort,
    case_line,
    cases,
    count,
    counts_by_reason,
    runs,
)
from storage.desk.rulings import Approve, Return
from storage.desk.views import delete_view, save_view, views
from storage.models import CaseReason, CaseState, DeskCase, Run
from tests.storage.desk.cases import ANY_STATE, Desk, named_otherwise, put_for_review
from tests.storage.procedures import OTHER_PROVIDER
from tests.storage.samples import AYSE, ISIL, PROVIDER, application, register, statement
from validators.application import Procedure
from validators.finding import Code, Level, Proposal


@pytest.fixture
def three(desk: Desk) -> Desk:
    """A-1 for review, A-2 blocked and of somebody else at another provider, A-3 for review and due first."""
    put_for_review(desk.inbox, "A-1")
    other = OTHER_PROVIDER.model_copy(update={"title": "BAŞKA CİHAZ ANONİM ŞİRKETİ"})
    paper = statement(ISIL, "hd00-0000-0000-0002", exit_date="2026-10-15")
    paper = replace(paper, workplaces=(replace(paper.workplaces[0], title=other.title),))
    register(desk.inbox, ISIL)
    desk.inbox.put(application("A-2", people=[ISIL], provider=other), paper)
    desk.inbox.run()
    put_for_review(desk.inbox, "A-3", day="2026-11-02")
    return desk


def test_what_is_due_first_comes_first_and_of_that_what_blocks(three: Desk) -> None:
    assert three.queue() == ["A-3", "A-2", "A-1"]
    assert three.queue(sort=Sort.SEVERITY) == ["A-2", "A-3", "A-1"]
    assert three.queue(sort=Sort.OLDEST) == ["A-1", "A-2", "A-3"]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_follow_each_other_without_a_gap(three: Desk, sort: Sort, limit: int) -> None:
    seen: list[str] = []
    after = None
    with three.database.reading() as work:
        while True:
            page = cases(work, sort=sort, after=after, limit=limit)
            seen += [line.application_id for line in page.lines]
            after = page.after
            if after is None:
                break
    assert seen == three.queue(sort=sort)


@pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "WzEsMiwzXQ==", "WzFd", "ä"])
def test_what_is_no_cursor_is_refused(three: Desk, cursor: str) -> None:
    with three.database.reading() as work, pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        cases(work, after=cursor)


def test_a_line_tells_the_case(three: Desk) -> None:
    with three.database.reading() as work:
        line = case_line(work, "A-2")
        assert case_line(work, "A-9") is None
    assert line is not None
    assert (line.severity, line.state, line.people) == (Level.BLOCK, CaseState.OPEN, 1)
    assert (line.provider, line.procedure) == ("BAŞKA CİHAZ ANONİM ŞİRKETİ", Procedure.PROVIDER_REGISTRATION)
    assert (line.due_on, line.claimed_by) == (date(2026, 12, 20), None)
    assert Code.EMPLOYMENT_ENDED in line.reasons
    assert line.judgement == three.judgement("A-2")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(reasons=(Code.PERSON_NAME_DIFFERS,)), ["A-3", "A-1"]),
        (Filter(reasons=(Code.PERSON_NAME_DIFFERS, Code.EMPLOYMENT_ENDED)), ["A-3", "A-2", "A-1"]),
        (Filter(severity=Level.BLOCK), ["A-2"]),
        (Filter(provider=PROVIDER.tax_number), ["A-3", "A-1"]),
        (Filter(person=ISIL.national_id), ["A-2"]),
        (Filter(person="10000000214"), []),
        (Filter(text="a-3"), ["A-3"]),
        (Filter(text="%"), []),
        (Filter(text="başka cihaz"), ["A-2"]),
        (Filter(text="ornek biyomedikal"), ["A-3", "A-1"]),
        (Filter(procedure=Procedure.PERSONNEL_ADDITION), []),
        (Filter(proposal=Proposal.CHECK_BY_HAND, severity=Level.REVIEW), ["A-3", "A-1"]),
        (Filter(due_by=date(2026, 12, 2)), ["A-3"]),
        (Filter(run="nowhere"), []),
        (Filter(older_than=1), []),
        (Filter(older_than=0), ["A-3", "A-2", "A-1"]),
        (Filter(states=(CaseState.RETURNED,)), []),
    ],
)
def test_filters_narrow_the_queue(three: Desk, wanted: Filter, found: list[str]) -> None:
    assert three.queue(wanted) == found
    with three.database.reading() as work:
        assert count(work, wanted) == len(found)


def test_claims_narrow_the_queue(three: Desk) -> None:
    claim_case(three.database, "A-1", three.reviewer)
    claim_case(three.database, "A-2", three.colleague)

    def found(claimed: Claimed, account: Account) -> list[str]:
        return three.queue(Filter(claimed=claimed, account=account.id))

    assert found(Claimed.NOBODY, three.reviewer) == ["A-3"]
    assert found(Claimed.MINE, three.reviewer) == ["A-1"]
    assert found(Claimed.OTHERS, three.reviewer) == ["A-2"]
    line = three.line("A-2")
    assert line is not None
    assert line.claimed_by == "bora"


def test_reasons_are_counted_as_the_filter_narrows(three: Desk) -> None:
    with three.database.reading() as work:
        counts = counts_by_reason(work)
        of_one = counts_by_reason(work, Filter(text="A-2"))
    assert counts[Code.PERSON_NAME_DIFFERS] == 2
    assert counts[Code.EMPLOYMENT_ENDED] == 1
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    assert Code.PERSON_NAME_DIFFERS not in of_one


def test_what_is_decided_leaves_the_queue_and_is_found_by_its_state(three: Desk) -> None:
    three.enter("A-1", Approve())
    three.enter("A-2", Return((Code.EMPLOYMENT_ENDED,), "Mektup."))
    assert three.queue() == ["A-3"]
    assert three.queue(Filter(states=(CaseState.RETURNED,))) == ["A-2"]
    assert set(three.queue(ANY_STATE)) == {"A-1", "A-2", "A-3"}


def test_cases_are_found_by_their_run(desk: Desk) -> None:
    register(desk.inbox, AYSE)
    desk.inbox.put(application("A-1"), named_otherwise())
    desk.inbox.read_all()
    with desk.database.unit_of_work() as work:
        run = Run(id="r-1", inbox="/i", policy="p", pipeline_version="1", started_at=now())
        work.session.add(run)
        work.commit()
    desk.inbox.judge_all(run_id="r-1")
    assert desk.queue(Filter(run="r-1")) == ["A-1"]
    with desk.database.reading() as work:
        assert [name for name, _ in runs(work)] == ["r-1"]


def test_a_verified_application_is_no_case(desk: Desk) -> None:
    register(desk.inbox, AYSE)
    desk.inbox.put(application("A-1"), statement())
    desk.inbox.run()
    assert desk.queue(ANY_STATE) == []


def test_a_case_that_is_judged_again_keeps_its_age(three: Desk) -> None:
    long_ago = now() - timedelta(days=9)
    with three.database.unit_of_work() as work:
        work.session.execute(update(DeskCase).values(opened_at=long_ago))
        work.commit()
    three.inbox.put(application("A-1"), named_otherwise(barcode="hd99-9999-9999-9999"))
    three.inbox.run()
    assert set(three.queue(Filter(older_than=8))) == {"A-2", "A-3"}


def contents(database: Database) -> list[object]:
    with database.reading() as work:
        rows = work.session.scalars(select(DeskCase).order_by(DeskCase.application_key)).all()
        reasons = work.session.execute(
            select(CaseReason.application_key, CaseReason.code).order_by(
                CaseReason.application_key, CaseReason.code
            )
        )
        kept = [
            (r.application_key, r.judgement_key, r.state, r.rank, r.due_on, r.people, r.proposal)
            for r in rows
        ]
        return [*kept, *map(tuple, reasons)]


def test_cases_of_older_databases_are_filled_in(three: Desk) -> None:
    three.enter("A-1", Approve())
    before = contents(three.database)
    with three.database.unit_of_work() as work:
        work.session.execute(delete(CaseReason))
        work.session.execute(delete(DeskCase))
        work.commit()
    assert fill_queue(three.database) == 3
    assert contents(three.database) == before
    assert fill_queue(three.database) == 0


def test_a_view_is_kept_under_its_name_for_its_account(three: Desk) -> None:
    mine, theirs = three.reviewer.id, three.colleague.id
    wanted = Filter(
        reasons=(Code.QR_MISSING,), person=AYSE.national_id, due_by=date(2026, 12, 1), text="örnek"
    )
    with three.database.unit_of_work() as work:
        save_view(work, mine, "Bugün", Filter())
        kept = save_view(work, mine, "Bugün", wanted)
        save_view(work, theirs, "Bugün", Filter())
        (found,) = views(work, mine)
        assert found == kept
        assert found.filter.person is None
        assert (found.filter.reasons, found.filter.text) == ((Code.QR_MISSING,), "örnek")
        delete_view(work, theirs, kept.id)
        assert len(views(work, mine)) == 1
        delete_view(work, mine, kept.id)
        assert views(work, mine) == ()
        work.commit()
