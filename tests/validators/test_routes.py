"""Which route carries a person, for every combination of statement, declaration and official document.

Kılavuz m.6(3)(d) and (e), m.7(1)(e); the order of the routes is that of the rules' skeleton: the statement first, then
a declaration that leaves nothing open, then an official document that ties, then what else there is.
"""

from collections.abc import Mapping
from datetime import date
from itertools import product

import pytest

from extractors.facts import Document
from tests.validators import factory as f
from tests.validators.cases.officials import OTHERS
from tests.validators.officials import Company, official
from validators.finding import Code, Decision, Finding, Level, Outcome, Proposal
from validators.judgement import judge
from validators.period import statement_due, statement_shown_from

E1: Mapping[str, Document | None] = {
    "none": None,
    "open": f.statement(),
    "ended": f.statement(rows=f.ENDED_ROWS),
    "absent": f.lacking(),
}
E2: Mapping[str, Document | None] = {
    "none": None,
    "sound": f.declaration(),
    "late": f.declaration(start=date(2026, 9, 1)),
}
E3: Mapping[str, Document | None] = {
    "none": None,
    "tied": official(Company()),
    "others": official(Company(OTHERS)),
}
PROCEDURES = {"m.6": "provider_registration", "m.7": "personnel_addition"}

STATEMENT, DECLARATION, OFFICIAL = "service_statement", "entry_declaration", "official_document"
PROOF, ENDED, LATE, UNFORESEEN = (
    "PARTNER_PROOF",
    "EMPLOYMENT_ENDED",
    "START_DATE_TOO_OLD",
    "DECLARATION_NOT_FORESEEN",
)
NONE, LINK, UNSHOWN = "PERSON_NO_EVIDENCE", "NO_LINK", "LINK_ABSENCE_NOT_SHOWN"


def expected(statement: str, declaration: str, document: str, article: str) -> tuple[str | None, set[str]]:
    """The route and the flagging codes that the guide asks for, written down by hand clause by clause."""
    tied = document == "tied"
    failed = {PROOF} if document == "others" else set[str]()
    unforeseen = {UNFORESEEN} if article == "m.7" else set[str]()
    if statement == "open":  # m.6(3)(d): the statement shows the work, nothing else is needed
        answer: tuple[str | None, set[str]] = STATEMENT, set()
    elif statement == "ended":  # a closed record fails; a proof of partnership is for an officer
        answer = STATEMENT, {ENDED, PROOF} if tied else {ENDED}
    elif declaration == "sound" and not unforeseen:  # m.6(3)(d), in parentheses
        answer = DECLARATION, set()
    elif tied:  # m.6(3)(e); without a statement the absence of the link is not shown
        answer = OFFICIAL, {PROOF} if statement == "absent" else {PROOF, UNSHOWN}
    elif declaration != "none":  # m.7(1)(e) names the statement alone
        answer = DECLARATION, ({LATE} if declaration == "late" else set[str]()) | unforeseen | failed
    else:
        answer = None, {LINK} | failed if statement == "absent" else failed or {NONE}
    return answer


@pytest.mark.parametrize(
    ("statement", "declaration", "document", "article"), list(product(E1, E2, E3, PROCEDURES))
)
def test_every_combination_takes_the_route_of_the_guide(
    statement: str, declaration: str, document: str, article: str
) -> None:
    """Kılavuz m.6(3)(d), m.6(3)(e), m.7(1)(e)."""
    papers = [paper for paper in (E1[statement], E2[declaration], E3[document]) if paper is not None]
    about = f.application(procedure=PROCEDURES[article], provider={"officials": [f.AYSE["national_id"]]})
    (person,) = judge(f.case(*papers, about=about)).people
    route, codes = expected(statement, declaration, document, article)
    assert {finding.code.value for finding in person.findings if finding.flags} == codes
    assert (person.route and person.route.value) == route
    assert (person.decision is Decision.VERIFIED) == (not codes)


def test_a_policy_may_accept_the_declaration_in_article_7() -> None:
    """Kılavuz m.7(1)(e) is silent on the declaration (A-3): the policy decides."""
    about = f.application(procedure="personnel_addition")
    accepting = f.policy(declaration_in_addition="accept")
    (person,) = judge(f.case(f.lacking(), f.declaration(), about=about, policy=accepting)).people
    assert person.decision is Decision.VERIFIED
    (strict,) = judge(f.case(f.lacking(), f.declaration(), about=about)).people
    assert [x.code for x in strict.findings if x.flags] == [Code.DECLARATION_NOT_FORESEEN]
    assert strict.proposal is Proposal.CHECK_BY_HAND


def of(code: Code, *papers: Document, level: str = "note") -> list[Finding]:
    judged = judge(f.case(*papers, policy=f.policy({code.value: level})))
    return [finding for finding in judged.people[0].findings if finding.code is code]


def test_a_declaration_beside_a_statement_that_shows_the_work_is_superfluous() -> None:
    """Kılavuz m.6(3)(d): the declaration is for those whose workplace is not on the statement yet (A-2)."""
    (finding,) = of(Code.ABSENCE_NOT_EVIDENCED, f.statement(), f.declaration(), level="review")
    assert (finding.outcome, finding.level, finding.facts["reason"]) == (
        Outcome.FAILED,
        Level.NOTE,
        "superfluous",
    )
    assert finding.document == f.statement().key
    assert of(Code.ABSENCE_NOT_EVIDENCED, f.statement()) == []
    rehired = (f.statement(rows=f.ENDED_ROWS), f.declaration())
    assert of(Code.ABSENCE_NOT_EVIDENCED, *rehired) == []


def test_a_declaration_is_not_superfluous_beside_a_statement_whose_employer_is_uncertain() -> None:
    about = f.application(provider={"workplace_numbers": []})
    (person,) = judge(f.case(f.statement(), f.declaration(), about=about)).people
    codes = {finding.code for finding in person.findings}
    assert Code.EMPLOYER_UNCERTAIN in codes
    assert Code.ABSENCE_NOT_EVIDENCED not in codes


def test_absence_is_presumed_where_the_declaration_stands_alone() -> None:
    """Kılavuz m.6(3)(d): a declaration is uploaded instead of the statement; that it lacks the workplace is noted."""
    (alone,) = of(Code.ABSENCE_NOT_EVIDENCED, f.declaration())
    assert (alone.outcome, alone.facts["reason"]) == (Outcome.INDETERMINATE, "no_statement")
    (beside,) = of(Code.ABSENCE_NOT_EVIDENCED, f.lacking(), f.declaration())
    assert beside.outcome is Outcome.PASSED
    empty = f.lacking(rows=(), barcode="hd0123456789abcdef09")
    (doubtful,) = of(Code.ABSENCE_NOT_EVIDENCED, f.lacking(), empty, f.declaration())
    assert (doubtful.outcome, doubtful.facts["reason"]) == (Outcome.INDETERMINATE, "no_rows")


@pytest.mark.parametrize(
    ("start", "shown_from"),
    [
        (date(2026, 10, 1), date(2026, 11, 27)),
        (date(2026, 10, 31), date(2026, 11, 27)),
        (date(2026, 8, 3), date(2026, 9, 29)),  # 26 September 2026 is a Saturday
        (date(2026, 6, 15), date(2026, 7, 28)),  # a Sunday
        (date(2026, 12, 1), date(2027, 1, 27)),
    ],
)
def test_the_day_from_which_a_statement_will_do(start: date, shown_from: date) -> None:
    """SSİY m.102: reported until the 26th of the following month; where that is no working day, until the next one."""
    assert statement_shown_from(start) == shown_from
    assert statement_shown_from(start) > statement_due(start)


@pytest.mark.parametrize(
    ("submitted", "code"),
    [
        ("2026-09-03", "START_DATE_TOO_OLD"),
        ("2026-09-04", "EVIDENCE_GAP"),
        ("2026-09-26", "EVIDENCE_GAP"),
        ("2026-09-27", "START_DATE_TOO_OLD"),
    ],
)
def test_the_gap_in_the_rules_ends_with_the_26th_and_tells_the_day(submitted: str, code: str) -> None:
    """Neither declaration nor statement serves an honest person between the month's end and SGK's report."""
    about = f.application(submitted_at=f"{submitted}T12:00:00+03:00")
    (person,) = judge(f.case(f.declaration(start=date(2026, 8, 3)), about=about)).people
    (finding,) = [x for x in person.findings if x.code.value == code]
    flagged = submitted != "2026-09-03"
    assert finding.flags == flagged
    if flagged:
        assert finding.facts["statement_from"] == "2026-09-29"
    if code == "EVIDENCE_GAP":
        assert person.proposal is Proposal.CHECK_BY_HAND


def ended_beside(declared: Document) -> Finding:
    """The answer on an employment that ended on 10 September 2026, beside a declaration."""
    (person,) = judge(f.case(f.statement(rows=f.ENDED_ROWS), declared)).people
    (finding,) = [x for x in person.findings if x.code is Code.EMPLOYMENT_ENDED]
    return finding


def test_a_later_start_beside_an_ended_employment_is_for_an_officer() -> None:
    """The employer need not be certain: an officer looks whether the person works there again."""
    later = f.declaration(start=date(2026, 9, 11))
    uncertain = f.without_field(later, "workplace_number")
    for declared in (later, uncertain):
        finding = ended_beside(declared)
        assert (finding.facts["reason"], finding.facts["rehired_on"]) == ("rehired", "2026-09-11")
        assert finding.proposal is Proposal.CHECK_BY_HAND


def test_a_later_start_changes_nothing_but_the_answer_that_the_employment_has_ended() -> None:
    left = f.statement(rows=f.ENDED_ROWS)
    (alone,) = judge(f.case(left)).people
    (beside,) = judge(f.case(left, f.declaration(start=date(2026, 9, 11)))).people

    def others(findings: tuple[Finding, ...]) -> list[Finding]:
        on_statement = [finding for finding in findings if finding.document == left.key]
        return [finding for finding in on_statement if finding.code is not Code.EMPLOYMENT_ENDED]

    assert others(beside.findings) == others(alone.findings) != []


@pytest.mark.parametrize(
    ("start", "rehired"),
    [(date(2026, 9, 11), None), (date(2026, 10, 5), None), (date(2026, 10, 6), "2026-10-06")],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_start_counts_as_a_return_after_the_latest_of_several_exits(
    start: date, rehired: str | None, *, turned: bool
) -> None:
    early = f.statement(rows=f.ENDED_ROWS)
    rows = (*f.OPEN_ROWS, f.row("2026-10", days=5, exit_date="2026-10-05"))
    late = f.statement(rows=rows, barcode="hd0123456789abcdef09")
    papers = (late, early) if turned else (early, late)
    (person,) = judge(f.case(*papers, f.declaration(start=start))).people
    ended = [finding for finding in person.findings if finding.code is Code.EMPLOYMENT_ENDED]
    assert [finding.facts.get("rehired_on") for finding in ended] == [rehired, rehired]


def test_a_start_on_the_day_of_the_exit_is_not_a_later_one() -> None:
    assert "rehired_on" not in ended_beside(f.declaration(start=date(2026, 9, 10))).facts


@pytest.mark.parametrize(
    ("start", "uploaded", "code"),
    [
        (date(2026, 9, 19), "2026-10-19", Code.START_DATE_TOO_OLD),  # in time when it was uploaded
        (date(2026, 10, 15), "2026-11-16", Code.EVIDENCE_GAP),  # then the first working day after a Sunday
        (date(2026, 11, 25), "2026-11-26", Code.NOT_STARTED),
    ],
)
def test_where_the_day_of_the_upload_gives_another_answer_an_officer_decides(
    start: date, uploaded: str, code: Code
) -> None:
    """Contract, section 1: submitted on 20 November 2026."""
    about = f.application(uploaded_at=f"{uploaded}T10:00:00+03:00")
    (person,) = judge(f.case(f.lacking(), f.declaration(start=start), about=about)).people
    (finding,) = [x for x in person.findings if x.code is code]
    assert (finding.outcome, finding.level) == (Outcome.INDETERMINATE, Level.REVIEW)
    assert (finding.facts["reason"], finding.facts["upload_day"]) == ("day_of_upload", uploaded)
    assert (finding.proposal, finding.wait_until) == (Proposal.CHECK_BY_HAND, None)
