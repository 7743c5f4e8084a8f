"""Cases flagged for what a service statement shows."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.validators import factory as f
from tests.validators.cases.row import (
    BY_HAND,
    GOOD,
    NO_NUMBERS,
    RETURN,
    flagged,
    provided,
    rows,
)

DOUBTFUL: dict[str, dict[str, Any]] = {
    "doubts": {"doubts": ("a date on a line of its own",)},
    "days": {"days": None},
    "many days": {"days": 45},
    "type": {"document_type": "Fark"},
    "exit before entry": {"entry_date": "2026-10-20", "exit_date": "2026-10-05"},
    "a date that is none": {"exit_date": "2026-10-32"},
    "period": {"period": "2026-13"},
}
"""What may be wrong with a row of the provider."""

FLAGGED_STATEMENTS = (
    flagged("another employer only", f.case(f.lacking()), "NO_LINK", RETURN, route=None),
    flagged(
        "official without a gazette",
        provided(f.lacking(), officials=[f.AYSE["national_id"]]),
        "NO_LINK",
        RETURN,
        route=None,
    ),
    flagged("statement without rows", f.case(f.lacking(rows=())), "NO_LINK", BY_HAND, route=None),
    flagged(
        "partner's rows only",
        rows(f.row("2026-08", branch="4b", status="Şirket Ortağı", workplace="", unit="")),
        "NO_LINK",
        RETURN,
        route=None,
    ),
    flagged("workplace unreadable", rows(*f.OTHER_ROWS, f.row("2026-09", workplace="")), "NO_LINK", BY_HAND),
    flagged(
        "two workplaces in one cell",
        rows(
            f.row("2026-09", workplace=f"{f.SEQUENCE} {f.OTHER_SEQUENCE}", doubts=("workplace: two values",))
        ),
        "NO_LINK",
        BY_HAND,
    ),
    flagged(
        "doubtful row of a workplace that is not listed",
        rows(f.row("2026-09", workplace="104337", doubts=("workplace stands right of unit",))),
        "NO_LINK",
        BY_HAND,
    ),
    flagged(
        "no list of titles and no registered number",
        provided(f.statement(listed=()), **NO_NUMBERS),
        "NO_LINK",
        BY_HAND,
    ),
    flagged("two statements of one day differ", f.case(GOOD, f.lacking()), "NO_LINK", BY_HAND),
    flagged(
        "sequence equal, title another",
        rows(*f.OPEN_ROWS, listed=f.listing((f.SEQUENCE, f.OTHER_TITLE))),
        "EMPLOYER_UNCERTAIN",
        BY_HAND,
    ),
    flagged(
        "sequence equal, two titles listed",
        rows(*f.OPEN_ROWS, listed=f.listing((f.SEQUENCE, f.TITLE), (f.SEQUENCE, f.OTHER_TITLE))),
        "EMPLOYER_UNCERTAIN",
        BY_HAND,
    ),
    flagged(
        "sequence equal, a sole trader's name in part",
        provided(
            f.statement(listed=f.listing((f.SEQUENCE, "DENEME ÖRNEK - ÖRNEK MEDİKAL"))), title="DENEME ÖRNEK"
        ),
        "EMPLOYER_UNCERTAIN",
        BY_HAND,
    ),
    flagged("sequence equal, title not listed", rows(*f.OPEN_ROWS, listed=()), "EMPLOYER_UNCERTAIN", BY_HAND),
    flagged("title equal, no number registered", provided(GOOD, **NO_NUMBERS), "EMPLOYER_UNCERTAIN", BY_HAND),
    flagged(
        "title equal, another number registered",
        provided(GOOD, workplace_numbers=[f.SECOND_WORKPLACE]),
        "EMPLOYER_UNCERTAIN",
        BY_HAND,
    ),
    flagged(
        "title alone is not accepted against a registered number",
        provided(GOOD, policy=f.policy(title_alone="accept"), workplace_numbers=[f.SECOND_WORKPLACE]),
        "EMPLOYER_UNCERTAIN",
        BY_HAND,
    ),
    flagged(
        "internship", rows(*(replace(r, branch="*4a") for r in f.OPEN_ROWS)), "EMPLOYER_UNCERTAIN", BY_HAND
    ),
    flagged(
        "left, and an uncertain newer row",
        provided(
            f.statement(
                rows=[
                    f.row("2026-07", exit_date="2026-07-31"),
                    f.row("2026-09", workplace=f.SECOND_SEQUENCE),
                ],
                listed=f.listing((f.SEQUENCE, f.TITLE), (f.SECOND_SEQUENCE, f.TITLE)),
            )
        ),
        "EMPLOYER_UNCERTAIN EMPLOYMENT_ENDED",
        RETURN,
    ),
    flagged("left", rows(*f.ENDED_ROWS), "EMPLOYMENT_ENDED", RETURN),
    flagged(
        "left, title alone",
        provided(f.statement(rows=f.ENDED_ROWS), **NO_NUMBERS),
        "EMPLOYER_UNCERTAIN EMPLOYMENT_ENDED",
        RETURN,
    ),
    flagged(
        "left on the day of the application",
        rows(*f.OPEN_ROWS, f.row("2026-11", days=20, exit_date="2026-11-20"), issued_on="2026-11-20"),
        "EMPLOYMENT_ENDED",
        RETURN,
    ),
    flagged(
        "left, bonus paid later",
        rows(*f.ENDED_ROWS, f.row("2026-10", document_type="Ek", days=0)),
        "EMPLOYMENT_ENDED",
        RETURN,
    ),
    flagged(
        "left and came back and left",
        rows(
            f.row("2025-03", exit_date="2025-03-31"),
            f.row("2026-08", entry_date="2026-08-03"),
            f.row("2026-09", exit_date="2026-09-30"),
        ),
        "EMPLOYMENT_ENDED",
        RETURN,
    ),
    flagged(
        "entered and left on one day",
        rows(f.row("2026-09", days=1, entry_date="2026-09-10", exit_date="2026-09-10")),
        "EMPLOYMENT_ENDED",
        RETURN,
    ),
    flagged(
        "left, with a declaration of an earlier start",
        f.case(f.statement(rows=f.ENDED_ROWS), f.declaration(start=date(2026, 9, 1))),
        "EMPLOYMENT_ENDED",
        RETURN,
    ),
    flagged(
        "left, with a declaration of a new start",
        f.case(f.statement(rows=f.ENDED_ROWS), f.declaration()),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "left after the day of the application",
        rows(*f.OPEN_ROWS, f.row("2026-11", exit_date="2026-11-30")),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "days after the exit without an entry",
        rows(*f.ENDED_ROWS, f.row("2026-10")),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "exit perhaps taken back",
        rows(
            *f.OPEN_ROWS[:2],
            f.row("2026-09", days=10, exit_date="2026-09-10"),
            f.row("2026-09", days=10, document_type="İptal"),
            f.row("2026-09"),
        ),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "stale: nothing reported lately",
        rows(f.row("2026-06"), f.row("2026-07")),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged("stale by one month", rows(*f.OPEN_ROWS, issued_on="2026-12-04"), "EMPLOYMENT_ENDED", BY_HAND),
    flagged(
        "stale without a day of issue",
        f.case(f.statement(issued_on=None), about=f.application(submitted_at="2026-12-04T10:00:00+03:00")),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "open half a year ago",
        f.case(f.statement(), about=f.application(submitted_at="2027-06-10T10:00:00+03:00")),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "rows without a single day",
        rows(f.row("2026-08", days=0, entry_date="2026-08-03"), f.row("2026-09", days=0)),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged("a row of the future", rows(*f.OPEN_ROWS, f.row("2026-12")), "EMPLOYMENT_ENDED", BY_HAND),
    flagged(
        "a row later than the statement",
        rows(*f.OPEN_ROWS, issued_on="2026-08-10"),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    flagged(
        "an entry after the application",
        rows(f.row("2026-09"), f.row("2026-11", entry_date="2026-11-25")),
        "EMPLOYMENT_ENDED",
        BY_HAND,
    ),
    *(
        flagged(
            f"doubtful row of the provider: {name}",
            rows(*f.OPEN_ROWS, replace(f.row("2026-10"), **change)),
            "EMPLOYMENT_ENDED",
            BY_HAND,
        )
        for name, change in DOUBTFUL.items()
    ),
    flagged(
        "all rows cancelled",
        rows(f.row("2026-09"), f.row("2026-09", document_type="İptal")),
        "EMPLOYMENT_CANCELLED",
        BY_HAND,
    ),
    flagged(
        "newest month cancelled",
        rows(*f.OPEN_ROWS, f.row("2026-10"), f.row("2026-10", document_type="İptal")),
        "EMPLOYMENT_CANCELLED",
        BY_HAND,
    ),
)
