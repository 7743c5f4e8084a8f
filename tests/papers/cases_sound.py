"""Cases in which everybody must be verified."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from tests.papers import archives, builders, identities, with_reportlab
from tests.papers.applications import Expected, ExpectedPerson
from tests.papers.builders import Job
from tests.papers.desk import ADDITION, DECLARATION, STATEMENT, Cases, Desk, Outcome
from tests.papers.identities import Person
from tests.papers.model import DeclarationForm, Earnings, Paper, Period, Qr, ServiceStatement, Where, payload
from tests.papers.style import any_style

BY_STATEMENT = Outcome(route=STATEMENT)
BY_DECLARATION = Outcome(route=DECLARATION)
BY_DECLARATION_ALONE = Outcome(route=DECLARATION, notes=("ABSENCE_NOT_EVIDENCED",))


def statement(desk: Desk) -> Cases:
    """One person, one statement with a running job at the provider."""
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [desk.open_statement(who, firm)], BY_STATEMENT)


def several(desk: Desk) -> Cases:
    """Two to four people, their statements in one zip."""
    firm = desk.company()
    people = identities.people(desk.rng, desk.rng.randrange(2, 5))
    papers = [desk.open_statement(who, firm) for who in people]
    return desk.finish(people, firm, papers, BY_STATEMENT)


def addition(desk: Desk) -> Cases:
    """A later addition of one person by statement (Kılavuz m.7(1)(e))."""
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [desk.open_statement(who, firm)], BY_STATEMENT, procedure=ADDITION)


def declaration(desk: Desk) -> Cases:
    """Somebody who started some days ago, by declaration alone."""
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [desk.declaration(who, firm)], BY_DECLARATION_ALONE)


def declaration_and_statement(desk: Desk) -> Cases:
    """The declaration, and a statement that does not show the workplace yet."""
    who, firm = desk.person(), desk.company()
    papers: list[Paper] = [desk.declaration(who, firm), desk.statement_elsewhere(who)]
    return desk.finish([who], firm, papers, BY_DECLARATION)


def declaration_variant(desk: Desk, **changes: Any) -> Cases:
    """A declaration in another edition, with slashes in its dates, or with leading zeros."""
    who, firm = desk.person(), desk.company()
    paper = replace(desk.declaration(who, firm), **changes)
    return desk.finish([who], firm, [paper], BY_DECLARATION_ALONE)


def started_today(desk: Desk) -> Cases:
    """The start date is the day of submission."""
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [desk.declaration(who, firm, desk.day)], BY_DECLARATION_ALONE)


def a_month_ago(desk: Desk) -> Cases:
    """The start date is the corresponding day of the month before: the last day inside."""
    desk.submit_on(desk.last_day(lambda day: day.day == 17))
    start = (desk.day.replace(day=1) - timedelta(days=1)).replace(day=17)
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [desk.declaration(who, firm, start)], BY_DECLARATION_ALONE)


def mixed(desk: Desk) -> Cases:
    """Two people: one by statement, one by declaration."""
    firm = desk.company()
    old, new = identities.people(desk.rng, 2)
    papers: list[Paper] = [desk.open_statement(old, firm), desk.declaration(new, firm)]
    (case,) = desk.finish([old, new], firm, papers, BY_STATEMENT)
    by_hand = (
        ExpectedPerson(old.national_id, route=STATEMENT),
        ExpectedPerson(new.national_id, route=DECLARATION, notes=frozenset(BY_DECLARATION_ALONE.notes)),
    )
    expected: Expected = replace(case.expected, people=by_hand)
    return (replace(case, expected=expected),)


def reentered(desk: Desk) -> Cases:
    """A closed job at the provider, then a running one."""
    who, firm = desk.person(), desk.company()
    entry = desk.entry_day()
    leaving = entry - timedelta(days=40)
    jobs = (Job(firm, leaving - timedelta(days=300), leaving), Job(firm, entry))
    return desk.finish([who], firm, [desk.statement(who, *jobs)], BY_STATEMENT)


def partly_cancelled(desk: Desk) -> Cases:
    """A running job whose last month was partly taken back."""
    return _statement_with(desk, lambda paper: replace(paper, rows=builders.partly_cancelled(paper.rows, 4)))


def two_employers(desk: Desk) -> Cases:
    """Two running jobs, one of them at the provider."""
    who, firm = desk.person(), desk.company()
    jobs = (Job(desk.company(), desk.entry_day()), Job(firm, desk.entry_day()))
    return desk.finish([who], firm, [desk.statement(who, *jobs)], BY_STATEMENT)


def leading_zeros_lost(desk: Desk) -> Cases:
    """The statement prints the workplace number without its leading zeros."""
    who, firm = desk.person(), desk.company(leading_zeros=True)
    job = Job(firm, desk.entry_day(), workplace=firm.workplace.lstrip("0"))
    return desk.finish([who], firm, [desk.statement(who, job)], BY_STATEMENT)


def turkish_amounts(desk: Desk) -> Cases:
    """Amounts are printed as 33.030,00."""
    return _statement_with(desk, lambda paper: replace(paper, earnings=Earnings.TR))


def long_career(desk: Desk) -> Cases:
    """A statement of several pages."""
    who, firm = desk.person(), desk.company()
    entry = desk.days_ago(130)
    leaving = entry - timedelta(days=20)
    before = Job(desk.company(), leaving - timedelta(days=365 * 9), leaving)
    return desk.finish([who], firm, [desk.statement(who, before, Job(firm, entry))], BY_STATEMENT)


def earlier_partner(desk: Desk) -> Cases:
    """4/b rows of an earlier partnership before the running job."""

    def with_partnership(paper: ServiceStatement) -> ServiceStatement:
        first = paper.rows[0].period
        rows = builders.partner_rows(Period(first.year - 2, 3), Period(first.year - 1, 8))
        return replace(paper, rows=(*rows, *paper.rows))

    return _statement_with(desk, with_partnership)


def qr_shape(desk: Desk, shape: Qr) -> Cases:
    """Another shape of the QR payload."""

    def shaped(paper: ServiceStatement) -> ServiceStatement:
        foot = builders.footer(desk.rng, paper.person, shape)
        return replace(paper, footer=foot)

    return _statement_with(desk, shaped)


def barcode_case(desk: Desk) -> Cases:
    """The barcode is printed in capitals with dashes, the QR code has it plain."""

    def capitals(paper: ServiceStatement) -> ServiceStatement:
        text = paper.footer.barcode.upper()
        printed = "-".join(text[start : start + 4] for start in range(0, len(text), 4))
        return replace(paper, footer=replace(paper.footer, barcode=printed))

    return _statement_with(desk, capitals)


def qr_on(desk: Desk, where: Where) -> Cases:
    """The QR code on the first page, or on every page."""
    return _statement_with(desk, lambda paper: replace(paper, footer=replace(paper.footer, where=where)))


def archive(desk: Desk, maker: str) -> Cases:
    """A zip as another tool makes it."""
    who, firm = desk.person(), desk.company()
    papers = [desk.declaration(who, firm)]
    upload = archives.HONEST[maker](desk.files(papers))
    return desk.finish([who], firm, papers, BY_DECLARATION_ALONE, upload=upload)


def empty_password(desk: Desk) -> Cases:
    """The PDF is encrypted, but opens without a password."""
    who, firm = desk.person(), desk.company()
    paper = desk.open_statement(who, firm)
    style = any_style(desk.rng.randrange(1, 999))
    files = {"sgk-tescil-ve-hizmet-dokumu.pdf": with_reportlab.draw_protected(paper, style, user="")}
    return desk.finish([who], firm, [paper], BY_STATEMENT, upload=archives.plain(files))


def other_file(desk: Desk) -> Cases:
    """A text file lies beside the paper."""
    who, firm = desk.person(), desk.company()
    papers = [desk.open_statement(who, firm)]
    files = {**desk.files(papers), "aciklama.txt": b"Belge ektedir.\n"}
    (case,) = desk.finish([who], firm, papers, BY_STATEMENT, upload=archives.plain(files))
    noted = replace(case.expected, notes=frozenset({"DOCUMENT_UNSUPPORTED"}))
    return (replace(case, expected=noted),)


def foreigner(desk: Desk) -> Cases:
    """A person with a foreigner's number (99…)."""
    who = replace(desk.person(), national_id=identities.national_id(desk.rng, foreign=True))
    firm = desk.company()
    return desk.finish([who], firm, [desk.open_statement(who, firm)], BY_STATEMENT)


def _statement_with(desk: Desk, change: Callable[[ServiceStatement], ServiceStatement]) -> Cases:
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [change(desk.open_statement(who, firm))], BY_STATEMENT)


def with_codes(person: Person, barcode: str, *shapes: Qr) -> tuple[str, ...]:
    """Return the payloads of several QR codes for the same paper."""
    return tuple(payload(shape, barcode, person.national_id) for shape in shapes)


def two_codes(desk: Desk) -> Cases:
    """A code of another system stands beside the e-Devlet code."""

    def doubled(paper: ServiceStatement) -> ServiceStatement:
        codes = with_codes(paper.person, paper.footer.barcode, Qr.CLOSED, Qr.FOREIGN_ADDRESS)
        return replace(paper, footer=replace(paper.footer, payloads=codes))

    return _statement_with(desk, doubled)


CASES: Mapping[str, Callable[[Desk], Cases]] = {
    "statement": statement,
    "several": several,
    "declaration": declaration,
    "addition": addition,
    "mixed": mixed,
    "declaration_and_statement": declaration_and_statement,
    "reentered": reentered,
    "two_employers": two_employers,
    "declaration_older": partial(declaration_variant, form=DeclarationForm.OLDER),
    "declaration_slashes": partial(declaration_variant, separator="/"),
    "declaration_zeros": partial(declaration_variant, keeps_zeros=True),
    "started_today": started_today,
    "a_month_ago": a_month_ago,
    "partly_cancelled": partly_cancelled,
    "leading_zeros_lost": leading_zeros_lost,
    "turkish_amounts": turkish_amounts,
    "long_career": long_career,
    "earlier_partner": earlier_partner,
    "barcode_case": barcode_case,
    "two_codes": two_codes,
    "qr_first_page": partial(qr_on, where=Where.FIRST),
    "qr_every_page": partial(qr_on, where=Where.EVERY),
    "empty_password": empty_password,
    "other_file": other_file,
    "foreigner": foreigner,
    **{f"qr_{shape.value}": partial(qr_shape, shape=shape) for shape in list(Qr)[:6]},
    **{f"archive_{name.replace(' ', '_')}": partial(archive, maker=name) for name in archives.HONEST},
}
