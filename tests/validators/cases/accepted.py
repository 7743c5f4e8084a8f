"""Cases in which everybody is verified."""

from dataclasses import replace
from datetime import date

from extractors.facts import FaultCode, Media
from tests.validators import factory as f
from tests.validators.cases.row import (
    DECLARATION,
    GOOD,
    NO_NUMBERS,
    declared,
    provided,
    rows,
    starting,
    verified,
)
from validators.case import RegistryFacts

ACCEPTED = (
    verified("statement", f.case(GOOD)),
    verified(
        "works at another provider too",
        f.case(GOOD, registry=RegistryFacts(elsewhere={f.AYSE["national_id"]: (f.OTHER_TITLE,)})),
    ),
    verified("works at no other provider", f.case(GOOD, registry=RegistryFacts(elsewhere={}))),
    verified(
        "statement with a title cut at 60", rows(*f.OPEN_ROWS, listed=f.listing((f.SEQUENCE, f.TITLE[:60])))
    ),
    verified(
        "statement with a title without diacritics",
        rows(
            *f.OPEN_ROWS,
            listed=f.listing(
                (f.SEQUENCE, "ORNEK BIYOMEDIKAL TEKNIK SERVIS SANAYI VE TICARET LIMITED SIRKETI")
            ),
        ),
    ),
    verified(
        "statement that lost the zeros of the workplace",
        provided(
            f.statement(
                rows=[replace(r, workplace="43377") for r in f.OPEN_ROWS],
                listed=f.listing(("0043377", f.TITLE)),
            ),
            workplace_numbers=["2 3313 01 01 0043377 001 09"],
        ),
    ),
    verified("provider with a number of 23 digits", provided(GOOD, workplace_numbers=[f.WORKPLACE[:23]])),
    verified(
        "partners' rows beside the provider's",
        rows(f.row("2026-06", branch="4b", status="Şirket Ortağı", workplace="", unit=""), *f.OPEN_ROWS),
    ),
    verified(
        "an internship at the provider years ago",
        rows(f.row("2019-07", branch="*4a", entry_date="2019-07-01", exit_date="2019-07-31"), *f.OPEN_ROWS),
    ),
    verified(
        "another employer's unreadable row beside the provider's",
        rows(f.elsewhere("2019-01", doubts=("days: unread",), days=None), *f.OPEN_ROWS),
    ),
    verified(
        "old statement, which is only noted",
        rows(*f.OPEN_ROWS[:2], f.row("2026-06"), listed=f.LISTED, issued_on="2026-08-20"),
    ),
    verified("statement without a day of issue", rows(*f.OPEN_ROWS, issued_on=None)),
    verified("a month without days", rows(*f.OPEN_ROWS, f.row("2026-10", days=0))),
    verified("days partly taken back", rows(*f.OPEN_ROWS, f.row("2026-09", document_type="İptal", days=5))),
    verified(
        "a month reported anew",
        rows(
            *f.OPEN_ROWS,
            f.row("2026-09", document_type="İptal"),
            f.row("2026-09", document_type="Ek", days=29),
        ),
    ),
    verified(
        "an exit taken back",
        rows(
            *f.OPEN_ROWS[:2],
            f.row("2026-09", days=10, exit_date="2026-09-10"),
            f.row("2026-09", days=10, exit_date="2026-09-10", document_type="İptal"),
            f.row("2026-09"),
        ),
    ),
    verified(
        "left and came back",
        rows(
            f.row("2025-03", exit_date="2025-03-31"),
            f.row("2026-08", entry_date="2026-08-03"),
            f.row("2026-09"),
        ),
    ),
    verified(
        "moved between two workplaces on one day",
        provided(
            f.statement(
                rows=[
                    f.row("2026-08", days=15, exit_date="2026-08-15"),
                    f.row("2026-08", days=15, entry_date="2026-08-15", workplace=f.SECOND_SEQUENCE),
                    f.row("2026-09", workplace=f.SECOND_SEQUENCE),
                ],
                listed=f.listing((f.SEQUENCE, f.TITLE), (f.SECOND_SEQUENCE, f.TITLE)),
            ),
            workplace_numbers=[f.WORKPLACE, f.SECOND_WORKPLACE],
        ),
    ),
    verified(
        "left one of two workplaces",
        provided(
            f.statement(
                rows=[
                    f.row("2026-07", exit_date="2026-07-31"),
                    f.row("2026-07", workplace=f.SECOND_SEQUENCE),
                    f.row("2026-09", workplace=f.SECOND_SEQUENCE),
                ],
                listed=f.listing((f.SEQUENCE, f.TITLE), (f.SECOND_SEQUENCE, f.TITLE)),
            ),
            workplace_numbers=[f.WORKPLACE, f.SECOND_WORKPLACE],
        ),
    ),
    verified(
        "title alone, where the policy accepts it",
        provided(GOOD, policy=f.policy(title_alone="accept"), **NO_NUMBERS),
    ),
    verified(
        "newer statement after an ended one",
        f.case(f.statement(rows=f.ENDED_ROWS, issued_on="2026-10-10", barcode="hd0123456789abcdef09"), GOOD),
    ),
    verified("the same statement twice", f.case(GOOD, replace(GOOD, name="kopya/hizmet.pdf"))),
    verified(
        "declaration beside an open statement is superfluous",
        f.case(GOOD, f.declaration(start=date(2020, 1, 1))),
    ),
    verified(
        "two people in one archive",
        f.case(GOOD, f.statement(f.CAN, "hd0123456789abcdef11"), about=f.application(f.AYSE, f.CAN)),
        people=2,
    ),
    verified(
        "a name without diacritics",
        f.case(f.with_field(f.with_field(GOOD, "given_name", "AYSE"), "family_name", "ORNEK")),
    ),
    verified("a foreigner", f.case(f.statement(f.FOREIGNER), about=f.application(f.FOREIGNER))),
    verified(
        "barcode printed in capitals with dashes",
        f.case(replace(GOOD, barcodes=(f.seen("HD01-2345-6789-ABCD-EF01"),))),
    ),
    verified(
        "QR code with the barcode alone", f.case(f.with_codes(GOOD, f.qr("hd0123456789abcdef01", None)))
    ),
    verified(
        "a foreign code beside that of e-Devlet",
        f.case(replace(GOOD, codes=(*f.foreign(GOOD).codes, *GOOD.codes))),
    ),
    verified(
        "a file that is no document beside it",
        f.case(GOOD, f.faulty(FaultCode.DOCUMENT_UNSUPPORTED, Media.OTHER, found="other")),
    ),
    verified("a gazette nobody needs", f.case(GOOD, f.gazette())),
    verified(
        "person with a personnel record",
        f.case(GOOD, registry=RegistryFacts(registered=frozenset({f.AYSE["national_id"]}))),
    ),
    verified(
        "adding personnel by statement", f.case(GOOD, about=f.application(procedure="personnel_addition"))
    ),
    verified("declaration alone", f.case(f.declaration()), DECLARATION),
    verified(
        "declaration and a statement that lacks the provider",
        f.case(f.declaration(), f.lacking()),
        DECLARATION,
    ),
    verified(
        "declaration and a statement without rows", f.case(f.declaration(), f.lacking(rows=())), DECLARATION
    ),
    verified(
        "declaration whose title differs, by its number", declared(employer_title=f.OTHER_TITLE), DECLARATION
    ),
    verified(
        "declaration without a readable title, by its number", declared(employer_title=None), DECLARATION
    ),
    verified(
        "declaration by tax number, for a workplace not registered",
        declared(workplace_number={**f.GROUPS, "sequence": "7"}, employer_tax_number="1234567890"),
        DECLARATION,
    ),
    verified(
        "declaration beside one for another employer",
        f.case(
            f.declaration(),
            f.with_field(
                f.with_field(f.declaration(barcode="hd0123456789abcdef05"), "employer_title", f.OTHER_TITLE),
                "workplace_number",
                {**f.GROUPS, "sequence": "7", "province": "34"},
            ),
        ),
        DECLARATION,
    ),
    verified(
        "declaration by title alone, where the policy accepts it",
        provided(
            f.with_field(f.declaration(), "employer_title", f.TITLE),
            policy=f.policy(title_alone="accept"),
            **NO_NUMBERS,
        ),
        DECLARATION,
    ),
    verified("start on the last day of the month", starting(date(2025, 2, 20), "2025-03-20"), DECLARATION),
    verified(
        "month's end, where the policy counts backward",
        starting(date(2025, 2, 28), "2025-03-31", month_counting="lenient"),
        DECLARATION,
    ),
    verified(
        "upload on another day with the same answer",
        starting(date(2025, 3, 10), "2025-03-20", "2025-03-12"),
        DECLARATION,
    ),
    verified(
        "declaration in md. 7, where the policy accepts it",
        f.case(
            f.declaration(),
            about=f.application(procedure="personnel_addition"),
            policy=f.policy(declaration_in_addition="accept"),
        ),
        DECLARATION,
    ),
    verified(
        "md. 4 without certificates",
        f.case(
            uploads=(), about=f.application(procedure="personnel_registration", provider=None, evidence=None)
        ),
        None,
    ),
    verified(
        "md. 5 with certificates of any kind",
        f.case(
            f.scan(f.statement(f.CAN)),
            f.faulty(FaultCode.DOCUMENT_UNREADABLE, reason="damaged"),
            about=f.application(procedure="personnel_update"),
        ),
        None,
    ),
)
