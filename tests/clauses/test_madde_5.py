"""Madde 5, Personel Kaydının Güncellenmesi: a person updates the own record."""

from extractors.facts import Kind
from storage.search import person_by_national_id
from tests.clauses.law import flagging, is_verified, judged, proves
from tests.storage.samples import AYSE, Inbox, application, certificate, register
from tests.validators import factory as f
from validators.application import Procedure
from validators.finding import Code

UPDATE = f.application(procedure="personnel_update").model_copy(update={"provider": None})
CERTIFICATES = (f.of_kind(Kind.UNKNOWN, f.statement()),)


def names_and_files(inbox: Inbox) -> tuple[str, str, list[str]]:
    """The name in the registry and the application whose certificates are in force."""
    with inbox.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
    assert record is not None
    return record.given_name, record.family_name, [file.sha256 for file in record.certificates]


@proves("m.5(1)", "m.5(2)(a)")
def test_the_person_updates_the_own_record_without_a_provider() -> None:
    assert UPDATE.procedure is Procedure.PERSONNEL_UPDATE
    assert is_verified(judged(*CERTIFICATES, about=UPDATE))


@proves("m.5(2)(b)")
def test_the_number_is_the_key_of_the_record_that_is_updated() -> None:
    unknown = judged(*CERTIFICATES, about=UPDATE, registered=[])
    assert flagging(unknown) == {Code.PERSON_NOT_REGISTERED}
    assert is_verified(judged(*CERTIFICATES, about=UPDATE, registered=[f.AYSE["national_id"]]))


@proves("m.5(2)(c)", "m.5(2)(d)")
def test_an_update_replaces_the_fields_that_it_names_and_leaves_the_rest(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.run()
    _, _, before = names_and_files(inbox)
    married = AYSE.model_copy(update={"family_name": "SINAMA"})
    content = application("G-1", "personnel_update", [married], "2026-11-21")
    del content["evidence"]
    inbox.put(content)
    inbox.facts["G-1"] = ()
    inbox.run()
    assert names_and_files(inbox) == ("AYŞE", "SINAMA", before)


@proves("m.5(2)(ç)")
def test_a_new_set_of_certificates_replaces_the_whole_old_one_and_a_smaller_one_is_looked_at(
    inbox: Inbox,
) -> None:
    register(inbox, AYSE)
    inbox.run()
    _, _, before = names_and_files(inbox)
    whole = application("G-1", "personnel_update", [AYSE], "2026-11-21")
    inbox.put(whole, certificate(AYSE), certificate(AYSE, "ek kurs.pdf"))
    inbox.run()
    _, _, after = names_and_files(inbox)
    assert before != after
    inbox.put(application("G-2", "personnel_update", [AYSE], "2026-11-22"), certificate(AYSE))
    inbox.read_all()
    (smaller,) = inbox.judged([inbox.key("G-2")])
    assert flagging(smaller.judgement) == {Code.CERTIFICATES_SHRINK}
    (finding,) = [
        found for found in smaller.judgement.findings + smaller.judgement.people[0].findings if found.flags
    ]
    assert "ek kurs.pdf" in str(finding.facts)
    inbox.judge_all()
    assert names_and_files(inbox)[2] == after
