"""Madde 7, adding people to a registered provider and taking them out."""

from datetime import date

import pytest

from storage.models import Basis, Employment, RegistryState
from tests.clauses.law import basis, flagging, is_verified, judged, proves
from tests.storage.samples import AYSE, ISIL, Inbox, application, register, statement
from tests.validators import factory as f
from validators.finding import Code, Route

ADDITION = f.application(procedure="personnel_addition")


def employments(inbox: Inbox) -> list[tuple[Basis, RegistryState]]:
    with inbox.database.reading() as work:
        return [(row.basis, row.state) for row in work.session.query(Employment).order_by(Employment.id)]


def removal(application_id: str, day: str = "2026-11-22") -> dict[str, object]:
    content = application(application_id, "personnel_removal", [AYSE], day)
    del content["evidence"]
    return {**content, "reason": "İş sözleşmesi sona erdi."}


@pytest.fixture
def working(inbox: Inbox) -> Inbox:
    """Somebody who works at a provider since its registration."""
    register(inbox, AYSE, ISIL)
    inbox.put(application("B-1"), statement())
    inbox.run()
    return inbox


@proves("m.7(1)(a)", "m.7(1)(b)", "m.7(1)(c)", "m.7(1)(ç)")
def test_a_registered_provider_adds_people_by_a_procedure_of_its_own() -> None:
    judgement = judged(f.statement(), about=ADDITION)
    assert is_verified(judgement)
    assert judgement.procedure == "personnel_addition"


@proves("m.7(1)(d)")
def test_the_record_of_the_person_is_fetched_not_made() -> None:
    judgement = judged(f.statement(), about=ADDITION, registered=[])
    assert flagging(judgement) == {Code.PERSON_NOT_REGISTERED}
    assert basis(judgement, Code.PERSON_NOT_REGISTERED) == "Kılavuz m.7(1)(d)"


@proves("m.7(1)(e)")
def test_the_statement_alone_is_named_and_a_declaration_is_looked_at() -> None:
    assert judged(f.statement(), about=ADDITION).people[0].route is Route.SERVICE_STATEMENT
    declared = judged(f.lacking(), f.declaration(start=date(2026, 11, 9)), about=ADDITION)
    assert flagging(declared) == {Code.DECLARATION_NOT_FORESEEN}
    assert "m.7(1)(e)" in basis(declared, Code.DECLARATION_NOT_FORESEEN)


@proves("m.7(1)(f)")
def test_an_addition_takes_effect_at_once_and_is_looked_at_afterwards(working: Inbox) -> None:
    content = application("E-1", "personnel_addition", [ISIL], "2026-11-21")
    working.put(content, statement(ISIL, "hd99-9999-9999-9999"))
    working.run()
    assert employments(working) == [
        (Basis.APPROVAL, RegistryState.ACTIVE),
        (Basis.POST_HOC, RegistryState.ACTIVE),
    ]


@proves("m.7(1)(g)", "m.7(1)(ğ)", "m.7(1)(ı)")
def test_a_removal_ends_the_employment_at_once_and_keeps_it(working: Inbox) -> None:
    working.put(removal("C-1"))
    working.facts["C-1"] = ()
    working.run()
    assert employments(working) == [(Basis.APPROVAL, RegistryState.CLOSED)]


@proves("m.7(1)(g)")
def test_nobody_is_taken_out_who_does_not_work_there(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(removal("C-1"))
    inbox.facts["C-1"] = ()
    inbox.read_all()
    inbox.judge_all()
    (judged_removal,) = inbox.judged([inbox.key("C-1")])
    assert not is_verified(judged_removal.judgement)


@proves("m.7(1)(h)")
def test_a_removal_needs_a_written_reason_and_no_paper() -> None:
    with pytest.raises(ValueError, match="reason"):
        f.application(procedure="personnel_removal", evidence=None)
    with pytest.raises(ValueError, match="evidence"):
        f.application(procedure="personnel_removal", reason="İşten ayrıldı.")
