"""Madde 5, Personel Kaydının Güncellenmesi: a person updates the own record."""

from extractors.facts import Kind
from storage.search import person_by_national_id
from tests.clauses.law import findings, flagging, is_verified, judged, proves
from tests.storage.procedures import certify
from tests.storage.samples import AYSE, PROVIDER, Inbox, application, certificate, register, statement
from tests.validators import factory as f
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
def test_the_person_updates_the_own_record_alone_and_goes_on_working_where_she_works(inbox: Inbox) -> None:
    assert is_verified(judged(*CERTIFICATES, about=UPDATE))
    register(inbox, AYSE)
    inbox.put(application("B-1"), statement())
    inbox.run()
    certify(inbox, "G-1", "21T14:05", certificate(AYSE, "yeni kurs.pdf"), certificate(AYSE))
    inbox.run()
    with inbox.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
    assert record is not None
    assert [place.title for place in record.works_at] == [PROVIDER.title]


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
    certify(inbox, "G-1", "21T14:05", person=married)
    inbox.run()
    assert names_and_files(inbox) == ("AYŞE", "SINAMA", before)


@proves("m.5(2)(ç)")
def test_a_new_set_of_certificates_replaces_the_whole_old_one_and_a_smaller_one_is_looked_at(
    inbox: Inbox,
) -> None:
    register(inbox, AYSE)
    inbox.run()
    _, _, before = names_and_files(inbox)
    certify(inbox, "G-1", "21T14:05", certificate(AYSE), certificate(AYSE, "ek kurs.pdf"))
    inbox.run()
    _, _, after = names_and_files(inbox)
    assert before != after
    certify(inbox, "G-2", "22T14:05", certificate(AYSE))
    inbox.read_all()
    (smaller,) = inbox.judged([inbox.key("G-2")])
    assert flagging(smaller.judgement) == {Code.CERTIFICATES_SHRINK}
    (finding,) = [found for found in findings(smaller.judgement) if found.flags]
    assert "ek kurs.pdf" in str(finding.facts)
    inbox.judge_all()
    assert names_and_files(inbox)[2] == after
