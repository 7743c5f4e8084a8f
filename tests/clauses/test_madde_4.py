"""Madde 4, Personel Kaydı: a person registers."""

import pytest

from extractors.facts import Fault, FaultCode, Kind
from storage.decisions import decide
from storage.models import Ruling
from storage.search import person_by_national_id
from tests.clauses.law import basis, flagging, is_verified, judged, proves
from tests.storage.procedures import petition
from tests.storage.samples import AYSE, ISIL, Inbox, register
from tests.validators import factory as f
from validators.application import ApplicationInvalid, parse_application
from validators.finding import Code

REGISTRATION = f.application(procedure="personnel_registration").model_copy(update={"provider": None})


@proves("m.4(1)", "m.4(4)(b)")
def test_a_person_registers_alone_and_works_nowhere_by_that(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.run()
    with inbox.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
        stranger = person_by_national_id(work, ISIL.national_id)
    assert record is not None
    assert (record.given_name, record.family_name, record.works_at) == ("AYŞE", "ÖRNEK", ())
    assert stranger is None


@proves("m.4(2)")
def test_no_paper_is_asked_for_in_a_registration() -> None:
    bare = REGISTRATION.model_copy(update={"evidence": ()})
    assert is_verified(judged(case=f.case(about=bare, uploads=())))


@proves("m.4(3)")
def test_an_erroneous_record_is_deleted_by_petition_and_an_officer_only() -> None:
    with_petition = f.application(procedure="record_deletion", petition="dilekce.pdf", evidence=None)
    judgement = judged(case=f.case(about=with_petition, uploads=()))
    assert Code.PROCEDURE_BY_HAND in flagging(judgement)
    assert basis(judgement, Code.PROCEDURE_BY_HAND).startswith("Kılavuz m.4(3)")
    with pytest.raises(ValueError, match="petition"):
        f.application(procedure="record_deletion", evidence=None)


@proves("m.4(3)")
@pytest.mark.parametrize(("ruling", "stays"), [(Ruling.APPROVED, False), (Ruling.REFUSED, True)])
def test_a_petition_deletes_nothing_until_an_officer_approves_it(
    inbox: Inbox, ruling: Ruling, stays: bool
) -> None:
    register(inbox, AYSE)
    petition(inbox, "D-1", "21T10:00")
    inbox.run()
    found = []
    with inbox.database.reading() as work:
        found.append(person_by_national_id(work, AYSE.national_id) is not None)
    decide(inbox.database, "D-1", ruling, "Görevli Deneme", "Sehven kayıt.")
    with inbox.database.reading() as work:
        found.append(person_by_national_id(work, AYSE.national_id) is not None)
    assert found == [True, stays]


@proves("m.4(4)(a)")
def test_the_number_of_the_log_in_is_the_person_and_no_log_in_method_is_declared() -> None:
    wrong = f.application(
        {**f.AYSE, "national_id": "10000000079"}, procedure="personnel_registration"
    ).model_copy(update={"provider": None})
    assert flagging(judged(f.statement(), about=wrong)) == {Code.PERSON_ID_INVALID}
    with pytest.raises(ApplicationInvalid, match="login_method"):
        parse_application(
            REGISTRATION.model_dump_json(exclude_none=True)[:-1].encode() + b',"login_method":1}'
        )


@proves("m.4(4)(c)")
def test_certificates_are_optional_and_of_any_kind_but_one_archive_that_opens() -> None:
    assert is_verified(judged(f.of_kind(Kind.UNKNOWN, f.statement()), about=REGISTRATION))
    broken = f.upload(fault=Fault(FaultCode.ARCHIVE_NOT_ZIP, {"found": "rar"}))
    assert flagging(judged(case=f.case(about=REGISTRATION, uploads=(broken,)))) == {Code.ARCHIVE_NOT_ZIP}


@proves("m.4(4)(ç)")
def test_a_registration_is_complete_without_approval(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.run()
    with inbox.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
    assert record is not None
    assert record.registered_at is not None
