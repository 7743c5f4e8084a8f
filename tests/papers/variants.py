"""Every variant of every paper that readers must cope with, by name: each is a function of a seed.

QR payload shapes, barcodes printed otherwise, pages, jobs, editions, look-alikes. Draw them with
`tests.papers.draw` in any style.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from tests.papers import builders, identities
from tests.papers.builders import NOW, Job
from tests.papers.identities import Company, Person
from tests.papers.model import (
    DeclarationForm,
    Earnings,
    EntryDeclaration,
    ExitDeclaration,
    Footer,
    GazettePage,
    Letter,
    Notice,
    Paper,
    Period,
    Qr,
    ServiceStatement,
    SocialSecurityRecord,
    Where,
    payload,
)

TODAY = NOW.date()


class Scene:
    """The people and companies of a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(f"scene/{seed}")
        self.person: Person = identities.person(self.rng)
        self.firm: Company = identities.company(self.rng)
        self.other: Company = identities.company(self.rng)

    def statement(self, *jobs: Job) -> ServiceStatement:
        """Return a statement of the person."""
        return builders.service_statement(self.rng, self.person, jobs)

    def declaration(self, start: date = date(2026, 11, 9)) -> EntryDeclaration:
        """Return an entry declaration for the firm."""
        return builders.entry_declaration(self.rng, self.person, self.firm, start)


def open_job(seed: int) -> ServiceStatement:
    """An ended job elsewhere, then a running one."""
    scene = Scene(seed)
    return scene.statement(
        Job(scene.other, date(2024, 1, 8), date(2025, 3, 14)), Job(scene.firm, date(2025, 4, 15))
    )


def closed_job(seed: int) -> ServiceStatement:
    """One ended job."""
    scene = Scene(seed)
    return scene.statement(Job(scene.firm, date(2024, 5, 2), date(2026, 6, 30)))


def cancelled_job(seed: int) -> ServiceStatement:
    """Every row of the only job is taken back."""
    scene = Scene(seed)
    paper = scene.statement(Job(scene.firm, date(2026, 5, 11)))
    return replace(paper, rows=builders.cancelled(paper.rows))


def reentered(seed: int) -> ServiceStatement:
    """An ended job and a running one at the same company."""
    scene = Scene(seed)
    return scene.statement(
        Job(scene.firm, date(2024, 2, 1), date(2025, 1, 31)), Job(scene.firm, date(2025, 9, 22))
    )


def partly_cancelled(seed: int) -> ServiceStatement:
    """The last month is partly taken back."""
    paper = open_job(seed)
    return replace(paper, rows=builders.partly_cancelled(paper.rows, 5))


def partner(seed: int) -> ServiceStatement:
    """4/b rows of a company's partner only: no workplace, an empty list of titles."""
    paper = Scene(seed).statement()
    return replace(paper, rows=builders.partner_rows(Period(2024, 11), builders.last_shown(NOW)))


def two_employers(seed: int) -> ServiceStatement:
    """Two running jobs."""
    scene = Scene(seed)
    return scene.statement(Job(scene.other, date(2025, 8, 4)), Job(scene.firm, date(2026, 2, 16)))


def short_term(seed: int) -> ServiceStatement:
    """A traineeship, `(*) 4a`, with the older status `506/ APHB` before the running job."""
    scene = Scene(seed)
    trainee = Job(scene.other, date(2024, 7, 1), date(2024, 8, 29), branch="(*) 4a", status="506/ APHB")
    return scene.statement(trainee, Job(scene.firm, date(2025, 10, 1)))


def leading_zeros_lost(seed: int) -> ServiceStatement:
    """Workplace numbers that begin with zeros, printed without them."""
    scene = Scene(seed)
    firm = identities.company(scene.rng, leading_zeros=True)
    return scene.statement(Job(firm, date(2026, 1, 5), workplace=firm.workplace.lstrip("0")))


def turkish_amounts(seed: int) -> ServiceStatement:
    """Amounts as 33.030,00."""
    return replace(open_job(seed), earnings=Earnings.TR)


def no_report_for_years(seed: int) -> ServiceStatement:
    """The last reported month is years ago, without an exit date."""
    scene = Scene(seed)
    return scene.statement(Job(scene.firm, date(2021, 3, 8), last=Period(2022, 6)))


def second_spelling(seed: int) -> ServiceStatement:
    """Every row goes on in a second line: the name has another spelling in parentheses."""
    paper = open_job(seed)
    return replace(paper, other_spelling=f"{paper.person.given_name} ESKİSOYADI")


def civil_servant(seed: int) -> ServiceStatement:
    """4/c rows of a civil servant before the running job."""
    paper = open_job(seed)
    served = builders.partner_rows(Period(2022, 3), Period(2023, 9))
    rows = [
        replace(row, branch="4c", status="5434 S.K. FHZ", unit="4501", amount="754.02/ 0") for row in served
    ]
    return replace(paper, rows=(*rows, *paper.rows))


def no_rows(seed: int) -> ServiceStatement:
    """Nobody ever reported the person."""
    return Scene(seed).statement()


def one_page(seed: int) -> ServiceStatement:
    """Few enough rows for one page."""
    scene = Scene(seed)
    return scene.statement(Job(scene.firm, date(2026, 4, 20)))


def long_statement(seed: int, years: int, employers: int = 1) -> ServiceStatement:
    """Jobs of so many years, side by side at so many employers, before the running one."""
    scene = Scene(seed)
    span = date(2025 - years, 5, 10), date(2025, 5, 9)
    before = [Job(identities.company(scene.rng), *span, status="506/ APHB") for _ in range(employers)]
    return scene.statement(*before, Job(scene.firm, date(2025, 6, 2)))


def changed(
    change: Callable[[ServiceStatement], Footer], seed: int, of: Callable[[int], ServiceStatement] = open_job
) -> ServiceStatement:
    """A statement, that of a running job unless told otherwise, with another footer."""
    paper = of(seed)
    return replace(paper, footer=change(paper))


def with_qr(*shapes: Qr) -> Callable[[int], ServiceStatement]:
    """Return the statement with those QR codes."""

    def change(paper: ServiceStatement) -> Footer:
        codes = tuple(payload(shape, paper.footer.barcode, paper.person.national_id) for shape in shapes)
        return replace(paper.footer, payloads=codes)

    return partial(changed, change)


def with_barcode(spelling: Callable[[str], str]) -> Callable[[int], ServiceStatement]:
    """Return the statement whose printed barcode is spelled otherwise than in the QR code."""
    return partial(changed, lambda paper: replace(paper.footer, barcode=spelling(paper.footer.barcode)))


def of_family(family: str) -> Callable[[int], ServiceStatement]:
    """Return the statement with a barcode of another family."""
    return partial(changed, lambda paper: builders.footer(Random(family), paper.person, family=family))


def at(where: Where) -> Callable[[int], ServiceStatement]:
    """Return the statement with its QR code on other pages."""

    def change(paper: ServiceStatement) -> Footer:
        return replace(paper.footer, where=where)

    return partial(changed, change, of=partial(long_statement, years=13))


def dashed(barcode: str) -> str:
    """Print a barcode in groups of four."""
    return "-".join(barcode[start : start + 4] for start in range(0, len(barcode), 4))


def other_barcode(barcode: str) -> str:
    """Another barcode of the same shape."""
    return barcode[:-1] + ("0" if barcode[-1] != "0" else "1")


def others_number(paper: ServiceStatement) -> Footer:
    """Return a footer whose QR code carries somebody else's T.C. number."""
    number = identities.national_id(Random("others"))
    return replace(paper.footer, payloads=(payload(Qr.CLOSED, paper.footer.barcode, number),))


def declaration(seed: int, **changes: Any) -> EntryDeclaration:
    """An entry declaration with those fields changed."""
    return replace(Scene(seed).declaration(), **changes)


def long_title(seed: int) -> EntryDeclaration:
    """The employer's title is cut at 55 characters."""
    title = "ÖRNEK ÇINAR BİYOMEDİKAL MÜHENDİSLİK HİZMETLERİ SANAYİ VE TİCARET LİMİTED ŞİRKETİ"
    return declaration(seed, employer_title=title)


def before_the_start(seed: int) -> EntryDeclaration:
    """Generated three days before the work begins."""
    return declaration(seed, generated_at=NOW, day=TODAY + timedelta(days=3))


def exit_form(seed: int) -> ExitDeclaration:
    """An exit declaration."""
    scene = Scene(seed)
    return builders.exit_declaration(scene.rng, scene.person, scene.firm, date(2026, 11, 9))


def record(seed: int) -> SocialSecurityRecord:
    """A Sosyal Güvenlik Kayıt Belgesi."""
    scene = Scene(seed)
    return builders.social_security_record(scene.rng, scene.person, date(2019, 3, 1))


def gazette(seed: int) -> GazettePage:
    """A page of the trade-registry gazette with notices of five companies, the firm's among them."""
    scene = Scene(seed)
    companies = [scene.other, scene.firm, *(identities.company(scene.rng) for _ in range(3))]
    notices = tuple(
        Notice(firm, identities.people(scene.rng, 2), str(123_456 + number), f"2{4_567 + number:07d}")
        for number, firm in enumerate(companies)
    )
    return GazettePage(date(2026, 6, 21), 11_106, 890, notices)


def letter(seed: int) -> Letter:
    """A barcoded paper of another kind."""
    scene = Scene(seed)
    lines = (
        f"T.C. Kimlik No : {scene.person.national_id}",
        "Yukarıdaki kişi kurumumuzda kayıtlı öğrencidir.",
    )
    return Letter("ÖĞRENCİ BELGESİ", lines, builders.footer(scene.rng, scene.person, family="YOKOG"))


STATEMENTS: Mapping[str, Callable[[int], ServiceStatement]] = {
    "open job": open_job,
    "closed job": closed_job,
    "cancelled job": cancelled_job,
    "re-entered": reentered,
    "partly cancelled": partly_cancelled,
    "partner": partner,
    "two employers": two_employers,
    "short term": short_term,
    "leading zeros lost": leading_zeros_lost,
    "Turkish amounts": turkish_amounts,
    "no report for years": no_report_for_years,
    "second spelling": second_spelling,
    "civil servant": civil_servant,
    "no rows": no_rows,
    "one page": one_page,
    "three pages": partial(long_statement, years=13),
    "ten pages": partial(long_statement, years=29, employers=2),
    **{f"QR {shape.value}": with_qr(shape) for shape in Qr},
    "no QR": with_qr(),
    "two QR codes": with_qr(Qr.CLOSED, Qr.FOREIGN_ADDRESS),
    "two e-Devlet codes": with_qr(Qr.CLOSED, Qr.SCHEME),
    "QR on the first page": at(Where.FIRST),
    "QR on every page": at(Where.EVERY),
    "barcode in capitals": with_barcode(str.upper),
    "barcode with dashes": with_barcode(dashed),
    "barcode other": with_barcode(other_barcode),
    "barcode not printed": with_barcode(lambda _: ""),
    "barcode SGK": of_family("SGK"),
    "barcode NV02": of_family("NV02"),
    "QR of somebody else": partial(changed, others_number),
}
"""Variants of the service statement."""
DECLARATIONS: Mapping[str, Callable[[int], EntryDeclaration]] = {
    "declaration": declaration,
    "older edition": partial(declaration, form=DeclarationForm.OLDER),
    "slashes": partial(declaration, separator="/"),
    "zeros kept": partial(declaration, keeps_zeros=True),
    "repeated": partial(declaration, repeated=True),
    "no start date": partial(declaration, day=None),
    "long title": long_title,
    "started today": partial(declaration, day=TODAY),
    "before the start": before_the_start,
}
"""Variants of the entry declaration."""
OTHERS: Mapping[str, Callable[[int], Paper]] = {
    "exit": exit_form,
    "record": record,
    "gazette": gazette,
    "letter": letter,
}
"""Papers that are no evidence of employment."""
ALL: Mapping[str, Callable[[int], Paper]] = {**STATEMENTS, **DECLARATIONS, **OTHERS}
"""Every variant."""
