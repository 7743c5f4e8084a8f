"""Cases that are flagged for what the papers say about people, employers and dates."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from tests.papers import builders, identities
from tests.papers.applications import FLAGGED, ExpectedPerson
from tests.papers.builders import ISTANBUL, Job
from tests.papers.desk import ADDITION, STATEMENT, Cases, Desk, Outcome
from tests.papers.identities import Company, Person
from tests.papers.model import DECLARATION_TITLE_WIDTH, STATEMENT_TITLE_WIDTH, Letter, Paper, Period


def flagged(*codes: str) -> Outcome:
    """Return the outcome of a case that is flagged for those codes of its people."""
    return Outcome(FLAGGED, codes=codes)


def _one(desk: Desk, code: str, paper: Callable[[Person, Company], Paper]) -> Cases:
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [paper(who, firm)], flagged(code))


def no_link(desk: Desk) -> Cases:
    """The statement shows work elsewhere only."""
    return _one(desk, "NO_LINK", lambda who, _: desk.statement_elsewhere(who))


def employment_ended(desk: Desk) -> Cases:
    """The job at the provider has an exit date."""
    leaving = desk.days_ago(desk.rng.randrange(70, 400))
    job = (leaving - timedelta(days=300), leaving)
    return _one(desk, "EMPLOYMENT_ENDED", lambda who, firm: desk.statement(who, Job(firm, *job)))


def employment_cancelled(desk: Desk) -> Cases:
    """Every row of the provider is taken back."""
    who, firm = desk.person(), desk.company()
    paper = desk.statement(who, Job(firm, desk.days_ago(160)))
    paper = replace(paper, rows=builders.cancelled(paper.rows))
    return desk.finish([who], firm, [paper], flagged("EMPLOYMENT_CANCELLED"))


def no_report_for_years(desk: Desk) -> Cases:
    """The provider's last reported month is years ago, without an exit date."""
    who, firm = desk.person(), desk.company()
    entry = desk.days_ago(1700)
    job = Job(firm, entry, last=Period.of(entry + timedelta(days=400)))
    return desk.finish([who], firm, [desk.statement(who, job)], flagged())


def partner_without_proof(desk: Desk) -> Cases:
    """The statement has 4/b rows of a partner only, and nothing else was uploaded."""
    who, firm = desk.person(), desk.company()
    paper = desk.statement(who)
    through = builders.last_shown(paper.issued_at)
    paper = replace(paper, rows=builders.partner_rows(Period(through.year - 2, 4), through))
    return desk.finish([who], firm, [paper], flagged("NO_LINK"))


def employer_different(desk: Desk) -> Cases:
    """The declaration names another employer."""
    return _one(desk, "EMPLOYER_DIFFERENT", lambda who, _: desk.declaration(who, desk.company()))


def employer_subcontractor(desk: Desk) -> Cases:
    """The workplace number on the declaration has an aracı other than 000."""

    def paper(who: Person, firm: Company) -> Paper:
        found = desk.declaration(who, firm)
        return replace(found, workplace_number=found.workplace_number[:-3] + "001")

    return _one(desk, "EMPLOYER_UNCERTAIN", paper)


def _long_named(desk: Desk, width: int) -> Company:
    firm = desk.company()
    while len(firm.title) <= width + 3:
        firm = desk.company()
    return firm


def employer_cut_on_declaration(desk: Desk) -> Cases:
    """No workplace number was declared, and the declaration cuts the title."""
    who, firm = desk.person(), _long_named(desk, DECLARATION_TITLE_WIDTH)
    papers = [desk.declaration(who, firm)]
    return desk.finish([who], firm, papers, flagged("EMPLOYER_UNCERTAIN"), declares_workplace=False)


def employer_cut_on_statement(desk: Desk) -> Cases:
    """No workplace number was declared, and the statement cuts the title."""
    who, firm = desk.person(), _long_named(desk, STATEMENT_TITLE_WIDTH)
    papers = [desk.statement(who, Job(firm, desk.entry_day()))]
    return desk.finish([who], firm, papers, flagged("EMPLOYER_UNCERTAIN"), declares_workplace=False)


def start_date_missing(desk: Desk) -> Cases:
    """The field of the start date is empty; the other dates of the form are there."""
    return _one(desk, "START_DATE_MISSING", lambda who, firm: replace(desk.declaration(who, firm), day=None))


def start_date_too_old(desk: Desk) -> Cases:
    """Work began months ago."""
    start = desk.days_ago(desk.rng.randrange(90, 300))
    return _one(desk, "START_DATE_TOO_OLD", lambda who, firm: desk.declaration(who, firm, start))


def start_date_month_end(desk: Desk) -> Cases:
    """From the 30th to the 31st of the next month: forward it is over, backward it is not."""
    desk.submit_on(desk.last_day(lambda day: day.day == 31 and _month_before(day)[1] == 30))
    start = _month_before(desk.day)[0].replace(day=30)
    return _one(desk, "START_DATE_MONTH_END", lambda who, firm: desk.declaration(who, firm, start))


def start_date_holiday(desk: Desk) -> Cases:
    """The month's last day was a Sunday, and the submission is on the Monday after it.

    Late in the month, so that the evidence gap is over, and no month-end question.
    """

    def fits(day: date) -> bool:
        sunday = day - timedelta(days=1)
        return sunday.weekday() == 6 and sunday.day in (28, 29) and _month_before(sunday)[1] >= 30

    desk.submit_on(desk.last_day(fits))
    sunday = desk.days_ago(1)
    start = _month_before(sunday)[0].replace(day=sunday.day)
    return _one(desk, "START_DATE_HOLIDAY", lambda who, firm: desk.declaration(who, firm, start))


def evidence_gap(desk: Desk) -> Cases:
    """Begun on the 1st, submitted on the 15th of the next month: too old, but not on statements yet."""
    desk.submit_on(desk.last_day(lambda day: day.day == 15))
    start = _month_before(desk.day)[0]
    return _one(desk, "EVIDENCE_GAP", lambda who, firm: desk.declaration(who, firm, start))


def not_started(desk: Desk) -> Cases:
    """The declaration was made before the work begins."""
    start = desk.day + timedelta(days=desk.rng.randrange(1, 6))

    def paper(who: Person, firm: Company) -> Paper:
        made = datetime.combine(desk.days_ago(1), time(9, 12, 45), ISTANBUL)
        return builders.entry_declaration(desk.rng, who, firm, start, made)

    return _one(desk, "NOT_STARTED", paper)


def upload_day_disagrees(desk: Desk) -> Cases:
    """At the upload the work had not begun, at the submission it had."""
    who, firm = desk.person(), desk.company()
    start = desk.days_ago(2)
    made = datetime.combine(desk.days_ago(7), time(9, 12, 45), ISTANBUL)
    paper = builders.entry_declaration(desk.rng, who, firm, start, made)
    uploaded = desk.submitted - timedelta(days=5)
    return desk.finish([who], firm, [paper], flagged(), uploaded_at=uploaded)


def declaration_not_foreseen(desk: Desk) -> Cases:
    """Kılavuz m.7 names the statement alone."""
    who, firm = desk.person(), desk.company()
    outcome = flagged("DECLARATION_NOT_FORESEEN")
    return desk.finish([who], firm, [desk.declaration(who, firm)], outcome, procedure=ADDITION)


def person_id_invalid(desk: Desk) -> Cases:
    """The declared T.C. number breaks its checksum; the paper has the same."""
    who = replace(desk.person(), national_id=identities.broken_national_id(desk.rng))
    firm = desk.company()
    papers = [desk.open_statement(who, firm)]
    (case,) = desk.finish([who], firm, papers, flagged("PERSON_ID_INVALID"))
    return (replace(case, known=()),)


def person_not_declared(desk: Desk) -> Cases:
    """One of two papers belongs to somebody whom the application does not name."""
    firm = desk.company()
    who, other = identities.people(desk.rng, 2)
    papers = [desk.open_statement(each, firm) for each in (who, other)]
    outcome = Outcome(route=STATEMENT, application=("PERSON_NOT_DECLARED",))
    return desk.finish([who], firm, papers, outcome)


def person_no_evidence(desk: Desk) -> Cases:
    """Two people are declared, only the first has a paper."""
    firm = desk.company()
    who, other = identities.people(desk.rng, 2)
    outcome = flagged("PERSON_NO_EVIDENCE")
    (case,) = desk.finish([who, other], firm, [desk.open_statement(who, firm)], outcome)
    fares_well = ExpectedPerson(who.national_id, route=STATEMENT)
    people = (fares_well, *case.expected.people[1:])
    return (replace(case, expected=replace(case.expected, people=people)),)


def person_name_differs(desk: Desk) -> Cases:
    """The T.C. number agrees, the declared family name does not."""
    who, firm = desk.person(), desk.company()
    declared = replace(who, family_name="BAŞKABİRİ")
    papers = [desk.open_statement(who, firm)]
    return desk.finish([declared], firm, papers, flagged("PERSON_NAME_DIFFERS"))


def person_not_registered(desk: Desk) -> Cases:
    """Everything is in order, but the person has no personnel record."""
    who, firm = desk.person(), desk.company()
    papers = [desk.open_statement(who, firm)]
    (case,) = desk.finish([who], firm, papers, flagged("PERSON_NOT_REGISTERED"))
    return (replace(case, known=()),)


def personnel_removal(desk: Desk) -> Cases:
    """A removal of somebody whom the provider never added (Kılavuz m.7(1)(g)-(ı))."""
    reason = {"reason": "İş sözleşmesi sona erdi."}
    return _without_papers(desk, "personnel_removal", ("EMPLOYMENT_NOT_FOUND",), reason, {})


def record_deletion(desk: Desk) -> Cases:
    """A deletion on petition is decided by hand; here a provider asks for it (Kılavuz m.4(3))."""
    petition = desk.draw(Letter("DİLEKÇE", ("Sehven oluşturulan kaydımın silinmesini arz ederim.",)))
    named, files = {"petition": "dilekce.pdf"}, {"dilekce.pdf": petition}
    codes = ("PROCEDURE_BY_HAND", "PETITIONER_NOT_CREATOR")
    return _without_papers(desk, "record_deletion", codes, named, files)


def _without_papers(
    desk: Desk, procedure: str, codes: tuple[str, ...], extra: dict[str, str], files: dict[str, bytes]
) -> Cases:
    who, firm = desk.person(), desk.company()
    outcome = Outcome(FLAGGED, application=codes)
    (case,) = desk.finish([who], firm, [], outcome, procedure=procedure, uploads={}, extra=extra, files=files)
    return (replace(case, expected=replace(case.expected, people=())),)


def _month_before(day: date) -> tuple[date, int]:
    """Return the first day of the month before and its length."""
    first = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    return first, monthrange(first.year, first.month)[1]


CASES: Mapping[str, Callable[[Desk], Cases]] = {
    each.__name__: each
    for each in (
        no_link,
        start_date_too_old,
        employment_ended,
        employer_different,
        person_name_differs,
        person_no_evidence,
        not_started,
        evidence_gap,
        declaration_not_foreseen,
        employment_cancelled,
        no_report_for_years,
        partner_without_proof,
        employer_subcontractor,
        employer_cut_on_declaration,
        employer_cut_on_statement,
        start_date_missing,
        start_date_month_end,
        start_date_holiday,
        upload_day_disagrees,
        person_id_invalid,
        person_not_declared,
        person_not_registered,
        personnel_removal,
        record_deletion,
    )
}
