from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Update, select, update

from extractors.facts import Document
from storage.database import Database
from storage.decisions import decide
from storage.desk.accounts import Role, disable, set_role
from storage.desk.claims import claim_case, release
from storage.desk.rulings import (
    Approve,
    Ask,
    Entered,
    Obstacle,
    Refused,
    Reject,
    Reopen,
    Return,
    RulingKind,
    RulingState,
    Wait,
    history,
    rule,
)
from storage.inbox import discover
from storage.judgements import Judged, save_judgements
from storage.models import (
    CaseState,
    DeskCase,
    Employment,
    JudgementRow,
    Person,
    RecordDecision,
    RegistryState,
    Ruling,
    RulingText,
)
from tests.storage.desk.cases import (
    Desk,
    empty,
    named_otherwise,
    policies,
    put_blocked,
    put_for_review,
    registry,
)
from tests.storage.procedures import certify, petition
from tests.storage.samples import (
    AYSE,
    ISIL,
    POLICY,
    Crash,
    Inbox,
    application,
    certificate,
    crash_before,
    register,
    statement,
)
from validators.finding import Code, Decision, Finding, Level, Outcome

RETURN = Return((Code.PERSON_NAME_DIFFERS,), "Soyadınız belgede farklıdır.", "aradım")


def states_of(database: Database) -> list[RegistryState]:
    with database.reading() as work:
        return list(work.session.scalars(select(Employment.state).order_by(Employment.id)))


def verified_registry(inbox: Inbox, paper: Document) -> object:
    """What the registry holds once this paper was verified by the machine; it is empty again afterwards."""
    register(inbox, AYSE)
    inbox.put(application("A-1"), paper)
    inbox.run()
    found = registry(inbox.database)
    empty(inbox.database)
    return found


def test_an_approval_writes_what_a_verified_judgement_writes(inbox: Inbox) -> None:
    expected = verified_registry(inbox, statement(barcode="hd00-0000-A-1"))
    desk = Desk.at(inbox)
    put_for_review(inbox)
    before = registry(inbox.database)
    desk.enter("A-1", Approve())
    assert before != expected
    assert registry(inbox.database) == expected
    assert desk.state("A-1") is CaseState.APPROVED


def test_an_approval_that_dies_leaves_nothing(desk: Desk) -> None:
    put_for_review(desk.inbox)
    before = registry(desk.database)
    with pytest.raises(Crash), crash_before(desk.database, "INSERT INTO audit_lines", 2):
        desk.rule("A-1", Approve())
    with desk.database.reading() as work:
        assert history(work, "A-1") == ()
    assert registry(desk.database) == before
    assert desk.state("A-1") is CaseState.OPEN


def test_an_approved_application_stays_approved_when_it_is_judged_again(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", Approve())
    wave = [desk.inbox.key("A-1")]
    with desk.database.unit_of_work() as work:
        work.session.execute(_another_run_key(wave[0]))
        work.commit()
    desk.inbox.judge_wave(wave)
    assert states_of(desk.database) == [RegistryState.ACTIVE]
    assert desk.state("A-1") is CaseState.APPROVED


def _another_run_key(key: int) -> Update:
    """As if something that goes into the judgement had changed since."""
    return update(JudgementRow).where(JudgementRow.application_key == key).values(run_key="0" * 64)


def test_what_no_officer_has_seen_opens_an_approved_application_again(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", Approve())
    (item,) = desk.inbox.judged([desk.inbox.key("A-1")])
    new = Finding(Code.DOCUMENT_REUSED, Outcome.FAILED, Level.REVIEW, "Kılavuz m.6(3)(d)")
    judgement = replace(item.judgement, findings=(*item.judgement.findings, new))
    registry_then = replace(item.file.registry, reused={"sha256:0": ("A-0",)})
    file = replace(item.file, registry=registry_then)
    save_judgements(desk.database, [Judged(file, judgement)], POLICY)
    assert states_of(desk.database) == [RegistryState.UNDER_REVIEW]
    assert desk.state("A-1") is CaseState.OPEN


def test_a_changed_folder_opens_an_approved_application_again(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", Approve())
    desk.inbox.put(application("A-1"), named_otherwise(barcode="hd99-9999-9999-9999"))
    desk.inbox.run()
    assert states_of(desk.database) == [RegistryState.UNDER_REVIEW]
    assert desk.state("A-1") is CaseState.OPEN


def test_a_case_that_was_returned_opens_with_a_new_folder(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", RETURN)
    assert desk.queue() == []
    desk.inbox.put(application("A-1"), named_otherwise(barcode="hd99-9999-9999-9999"))
    desk.inbox.run()
    assert desk.queue() == ["A-1"]


def test_a_new_folder_that_is_verified_leaves_the_queue_and_the_history_stays(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", RETURN)
    desk.inbox.put(application("A-1"), statement(barcode="hd99-9999-9999-9999"))
    desk.inbox.run()
    assert desk.line("A-1") is None
    with desk.database.reading() as work:
        assert [event.kind for event in history(work, "A-1")] == [RulingKind.RETURN]


def test_the_history_tells_who_ruled_what_and_why(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", RETURN)
    desk.enter("A-1", Reopen("Dilekçe geldi."), desk.colleague)
    desk.enter("A-1", Approve("Nüfus kaydı ile aynı."), desk.colleague)
    with desk.database.reading() as work:
        first, again, last = history(work, "A-1")
    assert first.ask == RETURN
    assert (first.officer, first.reason, first.state) == ("Ayla", "aradım", RulingState.EFFECTIVE)
    assert first.codes == (Code.PERSON_NAME_DIFFERS,)
    assert (again.kind, again.officer) == (RulingKind.REOPEN, "Bora")
    assert (last.kind, last.override, last.second) == (RulingKind.APPROVE, False, None)


def test_reopening_puts_what_an_approval_wrote_under_review(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", Approve())
    desk.enter("A-1", Reopen("Yanlış dosya."))
    assert states_of(desk.database) == [RegistryState.UNDER_REVIEW]
    assert desk.queue() == ["A-1"]
    desk.enter("A-1", Approve())
    assert states_of(desk.database) == [RegistryState.ACTIVE]


def test_a_case_that_waits_comes_back_on_its_day(desk: Desk) -> None:
    put_for_review(desk.inbox)
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    desk.enter("A-1", Wait(tomorrow, "Belge bekleniyor."))
    assert desk.queue() == []
    line = desk.line("A-1")
    assert line is not None
    assert (line.state, line.due_on) == (CaseState.WAITING, tomorrow)
    with desk.database.unit_of_work() as work:
        work.session.execute(update(DeskCase).values(due_on=date(2026, 1, 1)))
        work.commit()
    assert desk.queue() == ["A-1"]
    desk.enter("A-1", Reopen("Geldi."))
    line = desk.line("A-1")
    assert line is not None
    assert line.due_on == date(2026, 12, 20)


@pytest.mark.parametrize(
    ("ask", "obstacle"),
    [
        (Return((), "Mektup."), Obstacle.CODES_MISSING),
        (Return((Code.NO_LINK,), " "), Obstacle.LETTER_MISSING),
        (Reject((Code.NO_LINK,), ""), Obstacle.LETTER_MISSING),
        (Wait(date(2020, 1, 1)), Obstacle.DAY_PAST),
        (Reopen("açıldı"), Obstacle.STATE),
    ],
)
def test_what_is_incomplete_is_not_entered(desk: Desk, ask: Ask, obstacle: Obstacle) -> None:
    put_for_review(desk.inbox)
    assert desk.rule("A-1", ask) == Refused(obstacle)
    assert desk.state("A-1") is CaseState.OPEN


def test_what_is_decided_must_be_reopened_first(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", RETURN)
    assert desk.rule("A-1", Approve()) == Refused(Obstacle.STATE)


def test_only_the_judgement_that_was_seen_is_decided(desk: Desk) -> None:
    put_for_review(desk.inbox)
    seen = desk.judgement("A-1")
    desk.inbox.put(application("A-1"), named_otherwise(barcode="hd99-9999-9999-9999"))
    desk.inbox.run()
    desk.claim("A-1")
    answer = rule(desk.database, "A-1", seen, desk.reviewer.actor(), Approve(), policies)
    assert answer == Refused(Obstacle.JUDGEMENT_CHANGED)


def test_a_folder_that_changed_is_not_decided_before_it_is_read(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.inbox.put(application("A-1"), named_otherwise(barcode="hd99-9999-9999-9999"))
    discover(desk.database, desk.inbox.source)
    assert desk.rule("A-1", Approve()) == Refused(Obstacle.JUDGEMENT_CHANGED)


def test_a_case_must_be_held_by_who_decides_it(desk: Desk) -> None:
    put_for_review(desk.inbox)
    judgement, who = desk.judgement("A-1"), desk.reviewer.actor()
    assert rule(desk.database, "A-1", judgement, who, Approve(), policies) == Refused(Obstacle.NOT_CLAIMED)
    claim_case(desk.database, "A-1", desk.colleague)
    assert rule(desk.database, "A-1", judgement, who, Approve(), policies) == Refused(Obstacle.HELD)
    assert release(desk.database, "A-1", desk.colleague)


def test_a_decision_gives_the_case_back(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", RETURN)
    line = desk.line("A-1")
    assert line is not None
    assert line.claimed_by is None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.PROVIDER_QUERY])
def test_other_roles_rule_on_nothing(desk: Desk, role: Role) -> None:
    put_for_review(desk.inbox)
    set_role(desk.database, desk.reviewer.name, role)
    assert desk.rule("A-1", Approve()) == Refused(Obstacle.ROLE)


def test_a_disabled_officer_rules_on_nothing(desk: Desk) -> None:
    put_for_review(desk.inbox)
    disable(desk.database, desk.reviewer.name)
    assert desk.rule("A-1", Approve()) == Refused(Obstacle.ROLE)


def test_an_unknown_case_is_told(desk: Desk) -> None:
    who = desk.reviewer.actor()
    assert rule(desk.database, "A-9", 1, who, Approve(), policies) == Refused(Obstacle.NO_CASE)


def test_a_declaration_that_did_not_parse_can_be_returned_but_not_approved(desk: Desk) -> None:
    desk.inbox.write("A-1", b"{", b"zip")
    desk.inbox.run()
    assert desk.rule("A-1", Approve("yine de")) == Refused(Obstacle.NOT_PARSED)
    desk.enter("A-1", Return((Code.APPLICATION_INVALID,), "Başvuru dosyası okunamadı."))
    assert desk.state("A-1") is CaseState.RETURNED


def test_a_petition_is_approved_as_by_the_command(desk: Desk) -> None:
    certify(desk.inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    petition(desk.inbox, "D-1", "20T09:00")
    desk.inbox.run()
    desk.enter("D-1", Approve("Dilekçe sahibinin."))
    with desk.database.reading() as work:
        assert work.session.scalars(select(Person.state)).one() is RegistryState.DELETED
        assert work.session.scalars(select(RecordDecision.decision)).one() is Ruling.APPROVED
        assert [event.ruling is not None for event in history(work, "D-1")] == [True]
    assert desk.rule("D-1", Reopen("yanlış")) == Refused(Obstacle.ALREADY_DECIDED)


def test_a_petition_of_somebody_without_a_record_meets_the_obstacle_of_the_command(desk: Desk) -> None:
    petition(desk.inbox, "D-1", "20T09:00")
    desk.inbox.run()
    assert desk.rule("D-1", Approve("evet")) == Refused(Obstacle.NO_RECORD)
    assert desk.state("D-1") is CaseState.OPEN


def test_a_decision_by_the_command_closes_the_case_and_stands_in_the_history(desk: Desk) -> None:
    petition(desk.inbox, "D-1", "20T09:00")
    desk.inbox.run()
    decide(desk.database, "D-1", Ruling.REFUSED, "Memur", "Kayıt yok.")
    assert desk.queue() == []
    assert desk.state("D-1") is CaseState.REJECTED
    with desk.database.reading() as work:
        (event,) = history(work, "D-1")
    assert (event.kind, event.officer, event.reason) == (RulingKind.REJECT, "Memur", "Kayıt yok.")


def test_nothing_that_was_written_can_be_read_in_the_database(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", RETURN)
    with desk.database.reading() as work:
        sealed = work.session.scalars(select(RulingText.request)).one()
    assert b"Soyad" not in sealed


def test_a_correction_cannot_hide_in_an_approval(desk: Desk) -> None:
    put_blocked(desk.inbox)
    entered = desk.enter("A-1", Approve("Belge hatalı."))
    assert entered.state is RulingState.PROPOSED
    assert states_of(desk.database) == []


def test_one_of_two_people_who_is_flagged_keeps_both_waiting_until_approval(desk: Desk) -> None:
    register(desk.inbox, AYSE, ISIL)
    papers = (statement(barcode="hd11-1111-1111-1111"), named_otherwise(ISIL, "hd22-2222-2222-2222"))
    desk.inbox.put(application("A-1", people=[AYSE, ISIL]), *papers)
    desk.inbox.run()
    assert states_of(desk.database) == []
    entered = desk.enter("A-1", Approve())
    assert (entered.decision, isinstance(entered, Entered)) == (Decision.FLAGGED, True)
    assert states_of(desk.database) == [RegistryState.ACTIVE, RegistryState.ACTIVE]


def test_certificates_that_an_officer_approved_are_those_in_force(desk: Desk) -> None:
    """The next update is compared with the smaller set, not with the one that it replaced (m.5(2)(ç))."""
    two = (certificate(AYSE, "bir.pdf"), certificate(AYSE, "iki.pdf"))
    certify(desk.inbox, "P-1", "01T09:00", *two, procedure="registration")
    certify(desk.inbox, "U-1", "02T09:00", two[0])
    desk.inbox.run()
    assert desk.queue() == ["U-1"]
    desk.enter("U-1", Approve("Süresi geçmiş."))
    certify(desk.inbox, "U-2", "03T09:00", two[0])
    desk.inbox.run()
    assert desk.queue() == []
    desk.enter("U-1", Reopen("Yanlış kişi."))
    certify(desk.inbox, "U-3", "04T09:00", certificate(AYSE, "üç.pdf"))
    desk.inbox.run()
    assert "U-3" in desk.queue()
