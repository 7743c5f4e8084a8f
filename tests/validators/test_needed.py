"""Which rows of a statement are kept after the judgement: those of the provider, and what a finding rests on."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.facts import Document, Record
from storage.other_rows import without_others
from tests.validators import factory as f
from tests.validators.cases import ROWS, Row
from tests.validators.cases.officials import PARTNER_ROWS
from tests.validators.officials import Company, official
from validators.case import Case, Judgement
from validators.finding import Code, Decision, Outcome
from validators.judgement import judge
from validators.needed import Needed, needed_rows

THIRD = "1077777"
THIRD_TITLE = "SINAMA İNŞAAT TAAHHÜT ANONİM ŞİRKETİ"
PAST = (
    f.elsewhere("2025-01", entry_date="2025-01-02"),
    f.elsewhere("2025-02", exit_date="2025-02-20", days=20),
    f.row("2025-04", workplace=THIRD),
)
PLACES = (*f.LISTED, *f.listing((THIRD, THIRD_TITLE)))
DECLARED = {"officials": [f.AYSE["national_id"]]}
CERTIFICATES = f.application(procedure="personnel_registration").model_copy(update={"provider": None})
ABOUT_ROWS = (Code.NO_LINK, Code.EMPLOYER_UNCERTAIN, Code.EMPLOYMENT_CANCELLED, Code.EMPLOYMENT_ENDED)


def history(*rows: Record, **changes: Any) -> Document:
    """A statement with rows of two other employers before these."""
    return f.statement(**{"rows": (*PAST, *rows), "listed": PLACES, **changes})


def needed_of(paper: Document, *papers: Document, **changes: Any) -> Needed | None:
    """What is needed of the first paper of a case; None where it is needed whole."""
    case = f.case(paper, *papers, **changes)
    return needed_rows(case, judge(case)).get(paper.key)


def reduced(case: Case) -> Case:
    """The case with those rows alone that its judgement needs."""
    needed = needed_rows(case, judge(case))

    def of(document: Document) -> Document:
        return without_others(document, needed[document.key]) if document.key in needed else document

    uploads = (replace(u, documents=tuple(map(of, u.documents))) for u in case.uploads)
    return replace(case, uploads=tuple(uploads))


def said(judgement: Judgement) -> tuple[object, ...]:
    beside = [(document.key, findings) for document, findings in judgement.documents]
    return judgement.decision, judgement.people, judgement.findings, beside


def test_of_a_running_employment_the_providers_rows_are_kept_and_no_others() -> None:
    assert needed_of(history(*f.OPEN_ROWS)) == Needed(frozenset({3, 4, 5}), frozenset({0}))


def test_what_was_left_out_is_not_needed_the_next_time_either() -> None:
    case = reduced(f.case(history(*f.OPEN_ROWS)))
    assert list(needed_rows(case, judge(case)).values()) == [Needed(frozenset({3, 4, 5}), frozenset({0}))]


def test_of_a_statement_without_others_everything_is_kept() -> None:
    paper = f.statement(listed=f.LISTED[:1])
    assert needed_of(paper) == Needed(frozenset({0, 1, 2}), frozenset({0}))


@pytest.mark.parametrize("number", [f"00{f.SEQUENCE}", f"{f.SEQUENCE[:3]}-{f.SEQUENCE[3:]}"])
def test_the_providers_title_is_kept_however_its_number_is_written(number: str) -> None:
    paper = history(*f.OPEN_ROWS, listed=f.listing((f.OTHER_SEQUENCE, f.OTHER_TITLE), (number, f.TITLE)))
    assert needed_of(paper) == Needed(frozenset({3, 4, 5}), frozenset({1}))


def test_rows_that_may_be_the_providers_are_kept() -> None:
    """A row of an intern at the provider shows no employment, and is not another employer's either."""
    paper = history(f.row("2026-05", branch="*4a"), f.row("2026-06", workplace=""), *f.OPEN_ROWS)
    assert needed_of(paper) == Needed(frozenset({3, 4, 5, 6, 7}), frozenset({0}))


@pytest.mark.parametrize(
    "rows",
    [
        (),
        f.ENDED_ROWS,
        (*f.OPEN_ROWS, *(replace(r, document_type="İptal") for r in f.OPEN_ROWS)),
        tuple(replace(r, branch="*4a") for r in f.OPEN_ROWS),
        tuple(replace(r, days=None) for r in f.OPEN_ROWS),
    ],
    ids=["no link", "ended", "cancelled", "uncertain", "unread"],
)
def test_where_the_rows_leave_a_question_the_whole_history_stays(rows: tuple[Record, ...]) -> None:
    paper = history(*rows)
    open_codes = {
        finding.code
        for finding in judge(f.case(paper)).all_findings
        if finding.document == paper.key and finding.outcome is not Outcome.PASSED
    }
    assert open_codes & set(ABOUT_ROWS), "the case asks what it is meant to ask"
    assert needed_of(paper) is None


def test_a_flag_of_another_kind_does_not_keep_rows_of_others() -> None:
    paper = f.with_field(history(*f.OPEN_ROWS), "family_name", "SINAMACI")
    assert judge(f.case(paper)).decision is Decision.FLAGGED
    assert needed_of(paper) == Needed(frozenset({3, 4, 5}), frozenset({0}))


def test_a_strangers_statement_stays_whole_until_somebody_said_whose_it_is() -> None:
    paper = history(*f.OPEN_ROWS, person={**f.AYSE, "national_id": f.STRANGER})
    assert needed_of(paper) is None


def test_an_older_statement_that_nobody_had_to_ask_is_reduced_once_all_is_verified() -> None:
    older = history(*f.OPEN_ROWS, issued_on="2026-10-02T09:00:00", barcode="hd0123456789abcdef09")
    newer = f.statement()
    case = f.case(newer, older)
    judged = judge(case)
    assert judged.decision is Decision.VERIFIED
    assert needed_rows(case, judged)[older.key] == Needed(frozenset({3, 4, 5}), frozenset({0}))
    assert older.key not in needed_rows(case, replace(judged, decision=Decision.FLAGGED))


def test_rows_of_a_partner_are_needed_only_beside_an_official_document_which_needs_all_of_them() -> None:
    assert needed_of(history(*PARTNER_ROWS, *f.OPEN_ROWS)) == Needed(frozenset({4, 5, 6}), frozenset({0}))
    about = f.application(provider=DECLARED)
    assert needed_of(history(*PARTNER_ROWS), official(Company()), about=about) is None


def test_among_certificates_no_row_of_a_statement_is_kept() -> None:
    case = f.case(history(*f.OPEN_ROWS), f.lacking(), about=CERTIFICATES)
    needed = needed_rows(case, judge(case))
    assert list(needed.values()) == [Needed(frozenset(), frozenset())] * 2


def test_papers_without_rows_are_not_named() -> None:
    case = f.case(f.declaration())
    assert needed_rows(case, judge(case)) == {}


def test_a_list_without_rows_is_reduced_too() -> None:
    paper = f.statement(rows=(), listed=f.LISTED)
    assert needed_of(paper, about=CERTIFICATES) == Needed(frozenset(), frozenset())


def with_history(case: Case, past: tuple[Record, ...]) -> Case:
    """The case with rows of others in front of those of every paper that has rows."""

    def of(paper: Document) -> Document:
        if not paper.records:
            return paper
        return replace(paper, records=(*past, *paper.records), workplaces=(*PLACES[1:], *paper.workplaces))

    return replace(
        case, uploads=tuple(replace(u, documents=tuple(map(of, u.documents))) for u in case.uploads)
    )


@pytest.mark.parametrize("past", [(), PAST], ids=["as drawn", "with a past"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_case_is_judged_the_same_on_what_is_needed(row: Row, past: tuple[Record, ...]) -> None:
    case = with_history(row.case, past)
    assert said(judge(reduced(case))) == said(judge(case))


ANY_ROW = st.builds(
    f.row,
    st.sampled_from(["2025-12", "2026-07", "2026-08", "2026-09", "2026-19"]),
    workplace=st.sampled_from([f.SEQUENCE, f.OTHER_SEQUENCE, THIRD, f.SECOND_SEQUENCE, "", "10-433 77x"]),
    branch=st.sampled_from(["4a", "4b", "*4a", ""]),
    status=st.sampled_from(["506/ APHB", "Şirket Ortağı"]),
    document_type=st.sampled_from(["Asıl", "Ek", "İptal", "Fark"]),
    exit_date=st.sampled_from([None, None, "2026-08-31"]),
    doubts=st.sampled_from([(), (), ("days: two values",)]),
)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(ANY_ROW, max_size=6),
    opened=st.booleans(),
    listed=st.lists(st.sampled_from(PLACES), max_size=3, unique=True),
    beside=st.lists(st.sampled_from([f.declaration(), f.lacking(), official(Company())]), unique_by=id),
)
def test_any_history_is_judged_the_same_on_what_is_needed(
    rows: list[Record], opened: bool, listed: list[Any], beside: list[Document]
) -> None:
    kept = f.OPEN_ROWS if opened else ()
    paper = f.statement(rows=(*rows, *kept), listed=listed)
    case = f.case(paper, *beside, about=f.application(provider=DECLARED))
    assert said(judge(reduced(case))) == said(judge(case))
    assert reduced(reduced(case)) == reduced(case)
