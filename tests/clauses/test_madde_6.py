"""Madde 6, Teknik Servis Sağlayıcısının Kaydı: a provider registers with its people and their papers."""

from collections.abc import Callable
from datetime import date
from random import Random

import pytest

from extractors.document import read_document
from extractors.facts import Fault, FaultCode, Kind
from storage.models import Basis, Employment, JudgementRow
from storage.search import provider_by_tax_number
from tests.clauses.law import basis, findings, flagging, is_verified, judged, proves
from tests.papers import identities, official
from tests.papers.official import Scene
from tests.papers.sheet import Sheet
from tests.papers.style import any_style
from tests.storage.samples import AYSE, PROVIDER, Inbox, application, register, statement
from tests.validators import factory as f
from validators.application import ApplicationInvalid, parse_application
from validators.finding import Code, Decision, Outcome, Route

AYSE_NUMBER, CAN_NUMBER = f.AYSE["national_id"], f.CAN["national_id"]


@proves("m.6(1)", "m.6(3)(b)")
def test_a_provider_registers_itself_under_its_number(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("B-1"), statement())
    inbox.run()
    with inbox.database.reading() as work:
        provider = provider_by_tax_number(work, PROVIDER.tax_number)
    assert provider is not None
    assert (provider.title, [who.national_id for who in provider.people]) == (
        PROVIDER.title,
        [AYSE.national_id],
    )
    with pytest.raises(ApplicationInvalid, match="provider"):
        parse_application(f.application().model_dump_json(exclude={"provider"}, exclude_none=True).encode())


@proves("m.6(2)")
def test_nothing_beyond_the_papers_of_the_guide_is_asked_for() -> None:
    assert is_verified(judged(f.statement()))


@proves("m.6(3)(a)")
def test_the_mersis_number_must_fit_the_tax_number_it_contains() -> None:
    another = judged(f.statement(), about=f.application(provider={"mersis_number": "0012345678900014"}))
    (found,) = [found for found in another.findings if found.code is Code.IDENTIFIER_SUSPECT]
    assert (found.outcome, found.flags) == (Outcome.FAILED, False)
    assert found.legal_basis.startswith("Kılavuz m.6(3)(a)")


@proves("m.6(3)(c)")
def test_the_fields_of_the_draft_that_prove_nothing_are_not_asked_for() -> None:
    raw = f.application().model_dump_json(exclude_none=True)[:-1]
    with pytest.raises(ApplicationInvalid, match="e_mail"):
        parse_application((raw + ',"e_mail":"a@example.org"}').encode())


@proves("m.6(3)(ç)")
def test_another_version_of_a_file_is_judged_anew(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("B-1"), statement(exit_date="2026-10-15"))
    inbox.run()
    inbox.put(application("B-1"), statement())
    inbox.run()
    with inbox.database.reading() as work:
        decisions = [row.decision for row in work.session.query(JudgementRow).order_by(JudgementRow.id)]
    assert decisions[-2:] == [Decision.FLAGGED, Decision.VERIFIED]


@proves("m.6(3)(d)")
def test_a_statement_with_a_code_that_shows_the_work_is_the_evidence() -> None:
    good = judged(f.statement())
    assert is_verified(good)
    assert good.people[0].route is Route.SERVICE_STATEMENT
    assert flagging(judged(f.with_codes(f.statement()))) == {Code.QR_MISSING}
    elsewhere = judged(f.lacking())
    assert flagging(elsewhere) == {Code.NO_LINK}
    assert basis(elsewhere, Code.NO_LINK) == "Kılavuz m.6(3)(d)"


@proves("m.6(3)(d)")
@pytest.mark.parametrize(
    ("start", "answer"),
    [
        (date(2026, 10, 20), None),
        (date(2026, 10, 19), Code.EVIDENCE_GAP),
        (date(2026, 9, 1), Code.START_DATE_TOO_OLD),
        (date(2026, 11, 21), Code.NOT_STARTED),
    ],
)
def test_a_declaration_holds_where_work_began_within_the_last_month(start: date, answer: Code | None) -> None:
    judgement = judged(f.lacking(), f.declaration(start=start))
    assert judgement.people[0].route is Route.ENTRY_DECLARATION
    assert (answer in flagging(judgement)) if answer else is_verified(judgement)


@proves("m.6(3)(e)")
def test_a_partner_is_tied_by_an_official_document_that_a_human_reads() -> None:
    partner = f.application(provider={"officials": [AYSE_NUMBER]})
    judgement = judged(f.lacking(), f.gazette(), about=partner)
    assert Code.PARTNER_PROOF in flagging(judgement)
    assert basis(judgement, Code.PARTNER_PROOF).startswith("Kılavuz m.6(3)(e)")
    without_statement = judged(f.gazette(), about=partner)
    assert not is_verified(without_statement)


@proves("m.6(3)(e)")
@pytest.mark.parametrize(
    ("paper", "of_another_company", "answer"),
    [
        (official.gazette, False, Outcome.INDETERMINATE),
        (official.trade_registry_certificate, False, Outcome.INDETERMINATE),
        (official.gazette, True, Outcome.FAILED),
        (official.private_contract, False, None),
    ],
)
def test_a_drawn_official_document_is_read_and_tied_to_the_person_and_the_provider(
    paper: Callable[[Sheet, Scene], None], of_another_company: bool, answer: Outcome | None
) -> None:
    """A contract between private people is no official document; an announcement of another company ties nobody."""
    scene = official.scene(1)
    company = identities.company(Random(99)) if of_another_company else scene.company
    partner = scene.people[0].person
    person = {name: getattr(partner, name) for name in ("national_id", "given_name", "family_name")}
    provider = {name: getattr(company, name) for name in ("title", "tax_number", "mersis_number")}
    provider |= {"workplace_numbers": [company.workplace_number], "officials": [partner.national_id]}
    (drawn,) = read_document(official.draw(paper, scene, any_style(1), "reportlab"), "belge.pdf")
    judgement = judged(f.lacking(person), drawn, about=f.application(person, provider=provider))
    asked = [found.outcome for found in findings(judgement) if found.code is Code.PARTNER_PROOF]
    assert asked == ([] if answer is None else [answer])
    assert not is_verified(judgement)
    on_the_route = judgement.people[0].route is Route.OFFICIAL_DOCUMENT
    assert on_the_route == (answer is Outcome.INDETERMINATE)


@proves("m.6(3)(f)")
def test_an_upload_that_did_not_arrive_whole_is_told() -> None:
    broken = f.upload(fault=Fault(FaultCode.ARCHIVE_DAMAGED, {"reason": "truncated"}))
    judgement = judged(case=f.case(uploads=(broken,)))
    assert Code.ARCHIVE_DAMAGED in flagging(judgement)


@proves("m.6(3)(g)")
def test_papers_come_before_people_and_are_matched_whatever_their_order() -> None:
    both = f.application(f.AYSE, f.CAN)
    assert is_verified(judged(f.statement(f.CAN, barcode="hd99"), f.statement(f.AYSE), about=both))


@proves("m.6(3)(ğ)")
def test_only_somebody_with_a_personnel_record_is_added() -> None:
    judgement = judged(f.statement(), registered=[CAN_NUMBER])
    assert flagging(judgement) == {Code.PERSON_NOT_REGISTERED}
    assert basis(judgement, Code.PERSON_NOT_REGISTERED) == "Kılavuz m.6(3)(ğ)"
    assert is_verified(judged(f.statement(), registered=[AYSE_NUMBER]))


@proves("m.6(3)(h)")
def test_people_and_papers_are_the_same_set() -> None:
    both = f.application(f.AYSE, f.CAN)
    missing = judged(f.statement(f.AYSE), about=both)
    assert [person.decision.value for person in missing.people] == ["verified", "flagged"]
    assert Code.PERSON_NO_EVIDENCE in flagging(missing)
    assert Code.PERSON_NOT_DECLARED in flagging(judged(f.statement(f.AYSE), f.statement(f.CAN)))


@proves("m.6(3)(ı)")
def test_the_day_of_the_signature_is_the_reference_and_the_agency_approves(inbox: Inbox) -> None:
    signed = f.application(submitted_at="2026-11-20T23:59:00+03:00")
    assert signed.reference_day == date(2026, 11, 20)
    register(inbox, AYSE)
    inbox.put(application("B-1"), statement())
    inbox.run()
    with inbox.database.reading() as work:
        assert [row.basis for row in work.session.query(Employment)] == [Basis.APPROVAL]


def test_a_refused_paper_is_no_evidence() -> None:
    judgement = judged(f.of_kind(Kind.EXIT_DECLARATION, f.statement()))
    refused = [found for found in judgement.people[0].findings if found.code is Code.DOCUMENT_KIND_REFUSED]
    assert [found.outcome for found in refused] == [Outcome.FAILED]
