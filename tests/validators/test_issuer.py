"""The issuer's answer: what is asked, how a paper is compared with the original, what a judgement says of it.

The guide wants papers "e-devlet üzerinden karekodlu" (Kılavuz m.6(3)(d), m.7(1)(e)).
"""

from dataclasses import replace

import pytest

from extractors.facts import Document, FaultCode, Kind, TextSource
from tests.validators import factory as f
from validators.case import RegistryFacts
from validators.finding import Code, Decision, Level, Outcome
from validators.issuer import (
    UNREACHABLE,
    Compared,
    IssuerAnswer,
    IssuerStatus,
    Question,
    compare,
    compare_fields,
    question_of,
)
from validators.judgement import judge

STATEMENT, DECLARATION = f.statement(), f.declaration()
SAME = IssuerAnswer(IssuerStatus.IDENTICAL, Compared.FIELDS)
CODES = (Code.EDEVLET_NOT_CHECKED, Code.EDEVLET_UNKNOWN, Code.EDEVLET_MISMATCH)


def different(*names: str) -> IssuerAnswer:
    return IssuerAnswer(IssuerStatus.DIFFERENT, Compared.FIELDS, names)


def uncompared(*names: str) -> IssuerAnswer:
    return IssuerAnswer(IssuerStatus.UNCOMPARED, Compared.FIELDS if names else Compared.WORD, names)


def test_the_question_names_paper_and_person_and_does_not_print_them() -> None:
    question = question_of(STATEMENT)
    assert question == Question(
        "hd0123456789abcdef01", f.AYSE["national_id"], STATEMENT.id.removeprefix("sha256:")
    )
    assert f.AYSE["national_id"] not in f"{question!r} {question}"
    assert "hd01" not in f"{question!r} {question}"


@pytest.mark.parametrize(
    "document",
    [
        f.of_kind(Kind.UNKNOWN, STATEMENT),
        f.of_kind(Kind.EXIT_DECLARATION, STATEMENT),
        f.of_kind(Kind.SOCIAL_SECURITY_RECORD, STATEMENT),
        f.gazette(),
        f.faulty(FaultCode.DOCUMENT_UNREADABLE),
        replace(STATEMENT, part_of="sha256:other"),
        replace(STATEMENT, text=TextSource.NONE),
        replace(f.with_codes(STATEMENT), barcodes=()),
        f.with_codes(f.without_field(STATEMENT, "national_id")),
    ],
)
def test_there_is_no_question_about(document: Document) -> None:
    assert question_of(document) is None


def test_a_coded_official_document_is_asked_about() -> None:
    """Kılavuz m.6(3)(e): some official documents come from e-Devlet, too."""
    paper = f.of_kind(Kind.TRADE_REGISTRY_GAZETTE, STATEMENT)
    assert question_of(paper) == question_of(STATEMENT)


def test_the_printed_barcode_and_the_coded_person_do_where_the_other_is_missing() -> None:
    without_code, without_print = f.with_codes(STATEMENT), f.without_field(STATEMENT, "national_id")
    assert question_of(without_code) == question_of(without_print) == question_of(STATEMENT)


@pytest.mark.parametrize(
    ("paper", "original", "answer"),
    [
        (STATEMENT, STATEMENT, SAME),
        (DECLARATION, replace(DECLARATION, id="sha256:0", name="other.pdf", pages=9), SAME),
        (STATEMENT, replace(STATEMENT, records=STATEMENT.records[::-1]), SAME),
        (STATEMENT, f.statement(rows=f.ENDED_ROWS), different("records")),
        (STATEMENT, f.statement(rows=(*f.OPEN_ROWS, f.OPEN_ROWS[0])), different("records")),
        (
            STATEMENT,
            f.statement(listed=f.listing((f.SEQUENCE, f.OTHER_TITLE), (f.OTHER_SEQUENCE, f.OTHER_TITLE))),
            different("workplaces"),
        ),
        (
            DECLARATION,
            f.with_field(f.with_field(DECLARATION, "start_date", "2026-10-09"), "given_name", "CAN"),
            different("given_name", "start_date"),
        ),
        (DECLARATION, f.declaration(barcode="hd0123456789abcdef09"), different("barcode")),
        (DECLARATION, f.statement(barcode="hd0123456789abcdef02"), different("kind")),
        (DECLARATION, replace(STATEMENT, doubts=("a",)), uncompared("kind")),
        (replace(DECLARATION, doubts=("a",)), STATEMENT, uncompared("kind")),
        (DECLARATION, f.without_field(DECLARATION, "start_date"), uncompared("start_date")),
        (f.without_field(DECLARATION, "start_date"), DECLARATION, uncompared("start_date")),
        (DECLARATION, f.with_field(DECLARATION, "start_date", None), uncompared("start_date")),
        (
            replace(DECLARATION, scan=True, text=TextSource.OCR),
            f.with_field(DECLARATION, "family_name", "ÖRNEL"),
            uncompared("family_name"),
        ),
        (
            replace(DECLARATION, doubts=("readers disagree: family_name",)),
            f.with_field(DECLARATION, "family_name", "ÖRNEL"),
            uncompared("family_name"),
        ),
        (
            f.statement(rows=[replace(row, doubts=("days: unread",)) for row in f.OPEN_ROWS]),
            f.statement(rows=f.ENDED_ROWS),
            uncompared("records"),
        ),
        (STATEMENT, f.faulty(FaultCode.DOCUMENT_ENCRYPTED), uncompared()),
        (STATEMENT, f.of_kind(Kind.UNKNOWN, STATEMENT), uncompared()),
    ],
)
def test_a_paper_is_compared_with_the_original(
    paper: Document, original: Document, answer: IssuerAnswer
) -> None:
    assert compare(paper, original) == answer


OFFICIAL = f.of_kind(Kind.TRADE_REGISTRY_GAZETTE, STATEMENT)
TOLD = {"national_id": f.AYSE["national_id"], "given_name": "Ayşe", "start_date": "2026-11-09"}


@pytest.mark.parametrize(
    ("paper", "told", "answer"),
    [
        (DECLARATION, TOLD, SAME),
        (DECLARATION, {**TOLD, "issued_on": "2026-01-01", "town": "ANKARA"}, SAME),
        (DECLARATION, {**TOLD, "start_date": "2026-08-09"}, different("start_date")),
        (STATEMENT, {**TOLD, "national_id": f.STRANGER, "start_date": "x"}, different("national_id")),
        (f.without_field(DECLARATION, "start_date"), TOLD, uncompared("start_date")),
        (
            f.without_field(DECLARATION, "start_date"),
            {**TOLD, "given_name": "CAN"},
            different("given_name", "start_date"),
        ),
        (DECLARATION, {"town": "ANKARA"}, uncompared()),
        (OFFICIAL, {"given_name": "ayşe", "town": "ANKARA"}, SAME),
        (OFFICIAL, {"given_name": "CAN", "town": "ANKARA"}, different("given_name")),
        (replace(DECLARATION, scan=True), {**TOLD, "given_name": "CAN"}, uncompared("given_name")),
    ],
)
def test_a_paper_is_compared_with_fields_that_the_issuer_told(
    paper: Document, told: dict[str, str], answer: IssuerAnswer
) -> None:
    assert compare_fields(paper, told) == answer


def answers(answer: IssuerAnswer | None) -> list[tuple[Code, Outcome, Level]]:
    """What the one person's judgement says about the issuer."""
    known = {} if answer is None else {STATEMENT.key: answer}
    (person,) = judge(f.case(STATEMENT, registry=RegistryFacts(issuer=known))).people
    found = [finding for finding in person.findings if finding.code in CODES]
    assert all(finding.document == STATEMENT.key for finding in found)
    assert all(finding.legal_basis == "Kılavuz m.6(3)(d)" for finding in found)
    return [(finding.code, finding.outcome, finding.level) for finding in found]


PASSED = [(code, Outcome.PASSED, Level.NOTE) for code in CODES]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, [(Code.EDEVLET_NOT_CHECKED, Outcome.FAILED, Level.NOTE)]),
        (UNREACHABLE, [(Code.EDEVLET_NOT_CHECKED, Outcome.INDETERMINATE, Level.NOTE)]),
        (SAME, PASSED),
        (
            IssuerAnswer(IssuerStatus.UNKNOWN),
            [*PASSED[:1], (Code.EDEVLET_UNKNOWN, Outcome.FAILED, Level.BLOCK)],
        ),
        (
            different("records"),
            [*PASSED[:2], (Code.EDEVLET_MISMATCH, Outcome.FAILED, Level.BLOCK)],
        ),
        (
            uncompared(),
            [*PASSED[:2], (Code.EDEVLET_MISMATCH, Outcome.INDETERMINATE, Level.BLOCK)],
        ),
    ],
)
def test_each_answer_is_told_once_beside_its_paper(
    answer: IssuerAnswer | None, said: list[tuple[Code, Outcome, Level]]
) -> None:
    """Kılavuz m.6(3)(d)."""
    assert answers(answer) == said


def test_certificates_are_not_asked_about() -> None:
    """Kılavuz m.4(4)(c): certificates of any kind; nothing rests on their issuer."""
    about = f.application(procedure="personnel_registration")
    judgement = judge(f.case(STATEMENT, about=about))
    assert judgement.decision is Decision.VERIFIED
    assert not any(finding.code in CODES for finding in judgement.findings)


def test_papers_of_md_7_rest_on_their_own_clause() -> None:
    """Kılavuz m.7(1)(e)."""
    about = f.application(procedure="personnel_addition")
    (person,) = judge(f.case(STATEMENT, about=about)).people
    (finding,) = (finding for finding in person.findings if finding.code in CODES)
    assert finding.legal_basis == "Kılavuz m.7(1)(e)"


@pytest.mark.parametrize(
    ("answer", "chosen", "level"),
    [
        (SAME, "note", Level.NOTE),
        (None, "note", Level.REVIEW),
        (UNREACHABLE, "note", Level.REVIEW),
        (None, "block", Level.BLOCK),
    ],
)
def test_a_check_that_is_required_weighs_where_it_is_missing_and_never_less_than_before(
    answer: IssuerAnswer | None, chosen: str, level: Level
) -> None:
    facts = RegistryFacts(issuer={STATEMENT.key: answer} if answer is not None else {})
    policy = f.policy({"EDEVLET_NOT_CHECKED": chosen}, issuer_check_required=True)
    (person,) = judge(f.case(STATEMENT, registry=facts, policy=policy)).people
    (finding,) = [x for x in person.findings if x.code is Code.EDEVLET_NOT_CHECKED]
    assert finding.level is level
