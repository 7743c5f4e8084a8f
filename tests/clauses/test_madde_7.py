"""Madde 7, adding people to a registered provider and taking them out."""

from datetime import date

import pytest

from storage.models import Basis, Employment, RegistryState
from storage.search import provider_by_tax_number, registration_of
from tests.clauses.law import basis, flagging, judged, proves
from tests.storage.procedures import add, remove
from tests.storage.samples import AYSE, ISIL, PROVIDER, Inbox, application, register, statement
from tests.validators import factory as f
from validators.application import ApplicationInvalid, parse_application
from validators.finding import Code, Route

ADDITION = f.application(procedure="personnel_addition")
OWN_BARCODE = "hd99-9999-9999-9999"


def employments(inbox: Inbox) -> list[tuple[Basis, RegistryState]]:
    with inbox.database.reading() as work:
        return [(row.basis, row.state) for row in work.session.query(Employment).order_by(Employment.id)]


def workplaces(inbox: Inbox) -> tuple[str, ...]:
    """The titles under which the registry shows the person to those who ask (m.8)."""
    with inbox.database.reading() as work:
        return tuple(place.title for place in registration_of(work, AYSE.national_id).works_at)


@pytest.fixture
def working(inbox: Inbox) -> Inbox:
    """Somebody who works at a provider since its registration."""
    register(inbox, AYSE, ISIL)
    inbox.put(application("B-1"), statement())
    inbox.run()
    return inbox


@proves("m.7(1)(a)", "m.7(1)(b)", "m.7(1)(c)", "m.7(1)(ç)")
def test_a_registered_provider_adds_people_by_a_procedure_of_its_own(working: Inbox) -> None:
    add(working, "E-1", "21T14:05", OWN_BARCODE, ISIL)
    working.run()
    with working.database.reading() as work:
        provider = provider_by_tax_number(work, PROVIDER.tax_number)
    assert provider is not None
    assert {who.national_id for who in provider.people} == {AYSE.national_id, ISIL.national_id}
    without = f.application(procedure="personnel_addition").model_dump_json(
        exclude={"provider"}, exclude_none=True
    )
    with pytest.raises(ApplicationInvalid, match="provider"):
        parse_application(without.encode())


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
    add(working, "E-1", "21T14:05", OWN_BARCODE, ISIL)
    working.run()
    assert employments(working) == [
        (Basis.APPROVAL, RegistryState.ACTIVE),
        (Basis.POST_HOC, RegistryState.ACTIVE),
    ]


@proves("m.7(1)(g)", "m.7(1)(ğ)", "m.7(1)(ı)")
def test_a_removal_ends_the_employment_at_once_and_keeps_it(working: Inbox) -> None:
    remove(working, "C-1", "22T14:05")
    working.run()
    assert employments(working) == [(Basis.APPROVAL, RegistryState.CLOSED)]
    assert workplaces(working) == ()


@proves("m.7(1)(f)", "m.7(1)(ı)")
def test_somebody_who_was_taken_out_is_added_again_as_a_new_employment(working: Inbox) -> None:
    remove(working, "C-1", "21T14:05")
    working.run()
    add(working, "E-1", "22T14:05", OWN_BARCODE)
    working.run()
    assert employments(working) == [
        (Basis.APPROVAL, RegistryState.CLOSED),
        (Basis.POST_HOC, RegistryState.ACTIVE),
    ]
    assert workplaces(working) == (PROVIDER.title,)


@proves("m.7(1)(g)")
def test_nobody_is_taken_out_who_does_not_work_there(inbox: Inbox) -> None:
    register(inbox, AYSE)
    remove(inbox, "C-1", "22T14:05")
    inbox.run()
    (removal,) = inbox.judged([inbox.key("C-1")])
    assert flagging(removal.judgement) == {Code.EMPLOYMENT_NOT_FOUND}
    assert basis(removal.judgement, Code.EMPLOYMENT_NOT_FOUND).startswith("Kılavuz m.7(1)(g)")


@proves("m.7(1)(h)")
def test_a_removal_needs_a_written_reason_and_no_paper() -> None:
    with pytest.raises(ValueError, match="reason"):
        f.application(procedure="personnel_removal", evidence=None)
    with pytest.raises(ValueError, match="evidence"):
        f.application(procedure="personnel_removal", reason="İşten ayrıldı.")
