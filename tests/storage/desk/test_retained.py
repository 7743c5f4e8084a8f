"""Retention at the desk: what officers wrote goes with the facts; that they ruled stays."""

from sqlalchemy import func, select

from storage.database import Database
from storage.desk.rulings import Approve, Return, RulingKind, history
from storage.models import CorrectionRow, DeskCase, RulingText, Version
from tests.storage.desk.cases import Desk, put_for_review
from tests.storage.desk.test_corrections import fix_name
from tests.storage.retained import keep_files, retain
from tests.storage.samples import ISIL
from validators.finding import Code

RETURN = Return((Code.PERSON_NAME_DIFFERS,), "Soyadınız belgede farklıdır.")


def total(database: Database, table: type[RulingText | CorrectionRow]) -> int:
    with database.reading() as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def facts_are_kept(desk: Desk, name: str) -> bool:
    with desk.database.reading() as work:
        gone = select(Version.facts_destroyed_at).where(Version.application_key == desk.inbox.key(name))
        return work.session.scalars(gone).one() is None


def test_an_open_case_is_kept_and_a_closed_one_goes_in_its_time(desk: Desk) -> None:
    put_for_review(desk.inbox, "A-1")
    put_for_review(desk.inbox, "A-2", ISIL)
    desk.enter("A-1", RETURN)
    keep_files(desk.inbox)
    retain(desk.inbox, days=365 * 30)
    assert not facts_are_kept(desk, "A-1")
    assert facts_are_kept(desk, "A-2")


def test_letters_and_corrections_go_with_the_facts_and_the_history_stays(desk: Desk) -> None:
    put_for_review(desk.inbox, "A-1")
    desk.enter("A-1", fix_name(desk, "DENEME"))
    desk.enter("A-1", RETURN)
    keep_files(desk.inbox)
    retain(desk.inbox, days=365 * 30)
    assert (total(desk.database, RulingText), total(desk.database, CorrectionRow)) == (0, 0)
    with desk.database.reading() as work:
        events = history(work, "A-1")
        assert work.session.scalars(select(DeskCase.provider_title)).all() == [None]
    assert [(event.kind, event.ask, event.reason) for event in events] == [
        (RulingKind.CORRECT, None, ""),
        (RulingKind.RETURN, None, ""),
    ]


def test_what_an_approval_wrote_is_kept_as_long_as_the_employment_runs(desk: Desk) -> None:
    put_for_review(desk.inbox, "A-1")
    desk.enter("A-1", Approve())
    keep_files(desk.inbox)
    retain(desk.inbox, days=365 * 30)
    assert facts_are_kept(desk, "A-1")
