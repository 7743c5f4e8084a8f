"""Madde 4, Personel Kaydı: a person registers."""

import pytest

from extractors.facts import Fault, FaultCode, Kind
from storage.search import person_by_national_id
from tests.clauses.law import flagging, is_verified, judged, proves
from tests.storage.samples import AYSE, Inbox, register
from tests.validators import factory as f
from validators.application import ApplicationInvalid, Procedure, parse_application
from validators.finding import Code

REGISTRATION = f.application(procedure="personnel_registration").model_copy(update={"provider": None})


@proves("m.4(1)", "m.4(4)(b)")
def test_a_registration_reaches_kanit_as_its_own_procedure_for_a_person_alone() -> None:
    assert REGISTRATION.procedure is Procedure.PERSONNEL_REGISTRATION
    assert REGISTRATION.provider is None
    assert is_verified(judged(f.statement(), about=REGISTRATION))


@proves("m.4(2)")
def test_no_paper_is_asked_for_in_a_registration() -> None:
    bare = REGISTRATION.model_copy(update={"evidence": ()})
    assert is_verified(judged(case=f.case(about=bare, uploads=())))


@proves("m.4(3)")
def test_an_erroneous_record_is_deleted_by_petition_and_an_officer_only() -> None:
    with_petition = f.application(procedure="record_deletion", petition="dilekce.pdf", evidence=None)
    assert Code.PROCEDURE_BY_HAND in flagging(judged(case=f.case(about=with_petition, uploads=())))
    with pytest.raises(ValueError, match="petition"):
        f.application(procedure="record_deletion", evidence=None)


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
