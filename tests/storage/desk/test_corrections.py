"""Misread fields: what an officer corrects is judged, and stays corrected as long as the files are the same."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from extractors.facts import Box, Document, Kind, Value
from storage.cases import load_cases
from storage.desk.corrections import (
    Change,
    Corrections,
    NoSuchPlace,
    ValueInvalid,
    check,
    corrected,
    value_at,
)
from storage.desk.rulings import (
    Approve,
    Correct,
    Entered,
    MarkKind,
    Obstacle,
    Refused,
    Reopen,
    RulingKind,
    RulingState,
    history,
)
from storage.findings import current_judgement
from storage.models import CaseState, CorrectionRow, DocumentRow, Employment, RegistryState
from storage.rejudging import rejudge
from tests.storage.desk.cases import Desk, named_otherwise, put_blocked, put_for_review
from tests.storage.samples import (
    AYSE,
    POLICY,
    Crash,
    application,
    crash_before,
    judge_file,
    register,
    statement,
)
from validators.finding import Code, Decision
from validators.policy_series import find_policies

NAME = "family_name"


def paper_of(desk: Desk, name: str = "A-1") -> Document:
    """The paper of an application as it is judged."""
    with desk.database.reading() as work:
        (file,) = load_cases(work, [desk.inbox.key(name)])
    return file.uploads[0].documents[0]


def fix_name(desk: Desk, value: Value = AYSE.family_name, name: str = "A-1") -> Correct:
    return Correct(paper_of(desk, name).key, NAME, value, "Taramada okunmuyor.")


def test_a_correction_is_judged_at_once_and_writes_the_registry(desk: Desk) -> None:
    put_for_review(desk.inbox)
    before = desk.judgement("A-1")
    entered = desk.enter("A-1", fix_name(desk))
    assert (entered.decision, entered.state) == (Decision.VERIFIED, RulingState.EFFECTIVE)
    assert entered.judgement != before
    assert (desk.state("A-1"), desk.queue()) == (CaseState.APPROVED, [])
    with desk.database.reading() as work:
        assert work.session.scalars(select(Employment.state)).one() is RegistryState.ACTIVE


def test_the_judgement_that_counts_shows_the_corrected_value(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", fix_name(desk))
    with desk.database.reading() as work:
        judgement = current_judgement(work, "A-1")
    assert judgement is not None
    field = judgement.documents[0][0].fields[NAME]
    assert (field.value, field.method) == (AYSE.family_name, "officer")


def test_a_correction_is_kept_with_old_value_and_value_and_who_and_why(desk: Desk) -> None:
    put_for_review(desk.inbox)
    ask = fix_name(desk)
    desk.enter("A-1", ask)
    with desk.database.reading() as work:
        (event,) = history(work, "A-1")
        sealed = work.session.scalars(select(CorrectionRow.change)).one()
    assert (event.kind, event.old, event.ask, event.officer) == (RulingKind.CORRECT, "BAŞKA", ask, "Ayla")
    assert event.reason == "Taramada okunmuyor."
    assert AYSE.family_name.encode() not in sealed


def test_later_batches_and_rejudging_keep_a_correction(desk: Desk) -> None:
    put_for_review(desk.inbox)
    entered = desk.enter("A-1", fix_name(desk))
    desk.inbox.run()
    done = rejudge(desk.database, [desk.inbox.key("A-1")], POLICY, judge_file, write=True)
    assert (done.judged, done.changes) == (1, ())
    assert desk.judgement("A-1") == entered.judgement


def test_a_folder_that_changed_starts_afresh(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", fix_name(desk))
    desk.inbox.put(application("A-1"), named_otherwise(barcode="hd99-9999-9999-9999"))
    desk.inbox.run()
    assert paper_of(desk).fields[NAME].value == "BAŞKA"
    assert desk.state("A-1") is CaseState.OPEN


def test_a_correction_is_taken_back_by_another_one(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", fix_name(desk, "DENEME"))
    entered = desk.enter("A-1", fix_name(desk))
    assert entered.decision is Decision.VERIFIED
    with desk.database.reading() as work:
        assert [event.old for event in history(work, "A-1")] == ["BAŞKA", "DENEME"]


def test_a_correction_that_dies_leaves_nothing(desk: Desk) -> None:
    put_for_review(desk.inbox)
    before, ask = desk.judgement("A-1"), fix_name(desk)
    with pytest.raises(Crash), crash_before(desk.database, "INSERT INTO audit_lines", 2):
        desk.rule("A-1", ask)
    assert desk.judgement("A-1") == before
    assert paper_of(desk).fields[NAME].value == "BAŞKA"


def lift_block(desk: Desk) -> Correct:
    """The exit date that blocks was misread."""
    place = next(
        f"records.{n}.exit_date" for n, row in enumerate(paper_of(desk).records) if row.exit_date is not None
    )
    return Correct(paper_of(desk).key, place, None, "Sütunda tarih yok.")


def test_a_correction_that_alone_lifts_a_block_needs_a_second_officer(desk: Desk) -> None:
    put_blocked(desk.inbox)
    entered = desk.enter("A-1", lift_block(desk))
    assert (entered.state, entered.decision) == (RulingState.PROPOSED, Decision.FLAGGED)
    assert desk.state("A-1") is CaseState.PROPOSED
    seconded = desk.second(entered.ruling)
    assert isinstance(seconded, Entered)
    assert seconded.decision is Decision.VERIFIED
    assert (desk.state("A-1"), desk.queue()) == (CaseState.APPROVED, [])


def test_an_approval_past_a_block_that_a_correction_lifted_is_an_override(desk: Desk) -> None:
    register(desk.inbox, AYSE)
    desk.inbox.put(application("A-1"), named_otherwise(barcode="hd00-0000-A-1", exit_date="2026-10-15"))
    desk.inbox.run()
    lifted = desk.enter("A-1", lift_block(desk))
    assert (lifted.state, lifted.decision) == (RulingState.EFFECTIVE, Decision.FLAGGED)
    approved = desk.enter("A-1", Approve("Ad da doğru."))
    assert approved.state is RulingState.PROPOSED
    assert isinstance(desk.second(approved.ruling), Entered)
    assert desk.state("A-1") is CaseState.APPROVED


def test_two_corrections_do_not_get_past_a_block_alone(desk: Desk) -> None:
    register(desk.inbox, AYSE)
    desk.inbox.put(application("A-1"), named_otherwise(barcode="hd00-0000-A-1", exit_date="2026-10-15"))
    desk.inbox.run()
    desk.enter("A-1", lift_block(desk))
    assert desk.enter("A-1", fix_name(desk)).state is RulingState.PROPOSED


def test_another_kind_changes_what_is_asked(desk: Desk) -> None:
    put_for_review(desk.inbox)
    key = paper_of(desk).key
    entered = desk.enter("A-1", MarkKind(key, Kind.EXIT_DECLARATION, "Bu bir çıkış bildirgesi."))
    assert entered.decision is Decision.FLAGGED
    line = desk.line("A-1")
    assert line is not None
    assert Code.DOCUMENT_KIND_REFUSED in line.reasons
    with desk.database.reading() as work:
        kinds = list(
            work.session.scalars(select(DocumentRow.kind).where(DocumentRow.barcode_index.is_not(None)))
        )
        (event,) = history(work, "A-1")
    assert Kind.EXIT_DECLARATION in kinds
    assert event.old == Kind.SERVICE_STATEMENT


def test_a_corrected_barcode_finds_the_paper_in_other_applications(desk: Desk) -> None:
    register(desk.inbox, AYSE)
    no_code = replace(named_otherwise(barcode="hd11-1111-1111-1111"), qrs=())
    desk.inbox.put(application("A-1"), no_code)
    desk.inbox.run()
    with desk.database.reading() as work:
        before = work.session.scalars(
            select(DocumentRow.barcode_index).order_by(DocumentRow.version_key)
        ).all()
    desk.enter("A-1", Correct(paper_of(desk).key, "barcode", "hd22-2222-2222-2222", "Silik."))
    with desk.database.reading() as work:
        after = work.session.scalars(
            select(DocumentRow.barcode_index).order_by(DocumentRow.version_key)
        ).all()
    assert before != after


@pytest.mark.parametrize(
    ("place", "value", "obstacle"),
    [
        ("shoe_size", "42", Obstacle.NO_SUCH_PLACE),
        ("records.99.exit_date", "2026-01-01", Obstacle.NO_SUCH_PLACE),
        ("records.0.doubts", "x", Obstacle.NO_SUCH_PLACE),
        ("start_date", "1 Kasım", Obstacle.VALUE_INVALID),
        ("national_id", "123", Obstacle.VALUE_INVALID),
        (NAME, "BAŞKA", Obstacle.SAME_VALUE),
    ],
)
def test_what_cannot_be_a_value_there_is_refused(
    desk: Desk, place: str, value: str, obstacle: Obstacle
) -> None:
    put_for_review(desk.inbox)
    assert desk.rule("A-1", Correct(paper_of(desk).key, place, value, "çünkü")) == Refused(obstacle)


def test_a_paper_that_is_not_there_is_refused(desk: Desk) -> None:
    put_for_review(desk.inbox)
    assert desk.rule("A-1", Correct("sha256:0", NAME, "X", "çünkü")) == Refused(Obstacle.NO_SUCH_PLACE)


def test_a_correction_says_why(desk: Desk) -> None:
    put_for_review(desk.inbox)
    assert desk.rule("A-1", replace(fix_name(desk), reason=" ")) == Refused(Obstacle.REASON_MISSING)


PAPER = statement()


PLACES = (
    "start_date",
    "kind",
    "barcode",
    "records.1.days",
    "records.2.period",
    "workplaces.0.number",
    "form",
)
VALUES = ("2026-11-09", "2026-11", "unknown", "1043377")


@given(
    st.one_of(st.sampled_from(PLACES), st.text(max_size=40)),
    st.one_of(st.none(), st.integers(0, 40), st.sampled_from(VALUES), st.text(max_size=20)),
)
def test_any_place_and_value_is_refused_or_found_again(place: str, value: Any) -> None:
    try:
        check(place, value)
        changed = corrected(PAPER, Change(PAPER.key, place, value))
    except (NoSuchPlace, ValueInvalid):
        return
    assert value_at(changed, place) == value


@pytest.mark.parametrize(
    ("place", "good", "bad"),
    [
        ("start_date", "2026-11-09", "2026-11-31"),
        ("generated_at", "2026-11-09T10:00:00", "bugün"),
        ("national_id", "10000000078", "1000000007A"),
        ("company_1.tax_number", "1234567890", "12345"),
        ("company_1.person_2.name", "Ayşe Örnek", ""),
        ("workplace_number", {"province": "034"}, {"province": "x"}),
        ("records.0.period", "2026-10", "2026-13"),
        ("records.0.days", 31, 32),
        ("records.0.exit_date", None, "yok"),
        ("workplaces.0.title", "ÖRNEK", None),
        ("kind", "unknown", "gazete"),
    ],
)
def test_values_have_the_form_of_their_place(place: str, good: Value, bad: Value) -> None:
    check(place, good)
    changed = corrected(PAPER, Change(PAPER.key, place, good))
    assert value_at(changed, place) == good
    with pytest.raises(ValueInvalid):
        check(place, bad)


def test_a_corrected_field_stands_where_the_officer_says_and_is_in_no_doubt() -> None:
    doubtful = replace(PAPER, doubts=(f"readers disagree: {NAME}", "readers disagree: records"))
    box = Box(1.0, 2.0, 3.0, 4.0)
    changed = corrected(doubtful, Change(PAPER.key, NAME, "YENİ", 2, box))
    assert (changed.fields[NAME].page, changed.fields[NAME].box) == (2, box)
    assert changed.doubts == ("readers disagree: records",)


def test_a_row_that_an_officer_corrected_is_in_no_doubt() -> None:
    rows = tuple(replace(row, doubts=("exit_date",)) for row in PAPER.records)
    changed = corrected(replace(PAPER, records=rows), Change(PAPER.key, "records.1.exit_date", "2026-09-30"))
    assert [row.doubts for row in changed.records] == [("exit_date",), (), ("exit_date",)]


def test_corrections_touch_no_other_paper() -> None:
    other = statement(barcode="hd88-8888-8888-8888")
    corrections = Corrections((1,), (Change(PAPER.key, NAME, "YENİ"),))
    assert corrections.of(other) == other
    assert corrections.of(PAPER) != PAPER


def employment_states(desk: Desk) -> list[RegistryState]:
    with desk.database.reading() as work:
        return list(work.session.scalars(select(Employment.state)))


def test_a_case_that_a_correction_verified_can_be_opened_again(desk: Desk) -> None:
    put_for_review(desk.inbox)
    assert desk.enter("A-1", fix_name(desk)).decision is Decision.VERIFIED
    assert (desk.state("A-1"), desk.queue()) == (CaseState.APPROVED, [])
    assert employment_states(desk) == [RegistryState.ACTIVE]
    desk.enter("A-1", Reopen("Yanlış satıra bakmışım."))
    assert (desk.state("A-1"), desk.queue()) == (CaseState.OPEN, ["A-1"])
    assert employment_states(desk) == [RegistryState.UNDER_REVIEW]
    entered = desk.enter("A-1", fix_name(desk, "BAŞKA"))
    assert (entered.decision, desk.state("A-1")) == (Decision.FLAGGED, CaseState.OPEN)
    with desk.database.reading() as work:
        kinds = [event.kind for event in history(work, "A-1")]
    assert kinds == [RulingKind.CORRECT, RulingKind.REOPEN, RulingKind.CORRECT]


def test_a_case_that_was_opened_again_stays_open_when_it_is_judged_again(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", fix_name(desk))
    desk.enter("A-1", Reopen("Yanlış satıra bakmışım."))
    rejudge(
        desk.database, [desk.inbox.key("A-1")], find_policies("kilavuz-v3-lenient"), judge_file, write=True
    )
    assert desk.state("A-1") is CaseState.OPEN
    assert employment_states(desk) == [RegistryState.UNDER_REVIEW]


def test_a_case_that_was_opened_again_is_verified_by_another_correction(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", fix_name(desk))
    desk.enter("A-1", Reopen("Yanlış satıra bakmışım."))
    desk.enter("A-1", fix_name(desk, "BAŞKA"))
    assert desk.enter("A-1", fix_name(desk)).decision is Decision.VERIFIED
    assert desk.state("A-1") is CaseState.APPROVED
    assert employment_states(desk) == [RegistryState.ACTIVE]


def test_what_a_correction_verified_without_a_block_is_approved_again_by_one_officer(desk: Desk) -> None:
    put_for_review(desk.inbox)
    desk.enter("A-1", fix_name(desk))
    desk.enter("A-1", Reopen("Bir daha bakacağım."))
    entered = desk.enter("A-1", Approve("Doğruymuş."))
    assert (entered.state, desk.state("A-1")) == (RulingState.EFFECTIVE, CaseState.APPROVED)
    assert employment_states(desk) == [RegistryState.ACTIVE]
