"""Cases of partners and authorised persons: official documents that tie, partly tie, or do not (Kılavuz m.6(3)(e))."""

from typing import Any

from tests.validators import factory as f
from tests.validators.cases.row import (
    BY_HAND,
    DECLARATION,
    OFFICIAL,
    RETURN,
    STATEMENT,
    Row,
    flagged,
    provided,
    verified,
)
from tests.validators.officials import OTHER_MERSIS, Company, Named, official

AYSE_OFFICIAL: dict[str, Any] = {"officials": [f.AYSE["national_id"]]}
OTHERS = (Named("CAN DENEMECİ", "100******46"),)
OURS, THEIRS = Company(), Company(title=f.OTHER_TITLE, mersis=OTHER_MERSIS)
PARTNER_ROWS = (f.row("2026-08", branch="4b", status="Şirket Ortağı", workplace="", unit=""),)
SOLE: dict[str, Any] = {
    "title": "AYŞE ÖRNEK",
    "tax_number": f.AYSE["national_id"],
    "mersis_number": None,
    "workplace_numbers": [],
}


def proved(name: str, *papers: Any, codes: str = "PARTNER_PROOF", **provider: Any) -> Row:
    """A declared official whose bond a human has to read from the document."""
    return flagged(name, provided(*papers, **(provider or AYSE_OFFICIAL)), codes, BY_HAND, route=OFFICIAL)


OFFICIALS: tuple[Row, ...] = (
    proved("partner shown by a gazette", f.lacking(rows=PARTNER_ROWS), official(OURS)),
    proved(
        "sole trader's tax certificate",
        f.lacking(),
        official(
            Company(
                (Named(number="", roles="owner", authority=""),), "AYŞE ÖRNEK", "", f.AYSE["national_id"]
            ),
            form="tax_certificate",
        ),
        **SOLE,
    ),
    proved("partner who may have left", f.lacking(), official(Company((Named(roles="partner leaving"),)))),
    proved("certificate that names nobody", f.lacking(), official(Company(()), form="chamber_certificate")),
    proved("person named, company unread", f.lacking(), official(Company(title="", mersis=""))),
    proved(
        "partner and a statement without rows",
        f.lacking(rows=()),
        official(OURS),
        codes="PARTNER_PROOF LINK_ABSENCE_NOT_SHOWN",
    ),
    flagged(
        "gazette that names others",
        provided(f.lacking(), official(Company(OTHERS)), **AYSE_OFFICIAL),
        "NO_LINK PARTNER_PROOF",
        RETURN,
        route=None,
    ),
    flagged(
        "gazette of another company",
        provided(f.lacking(), official(THEIRS), **AYSE_OFFICIAL),
        "NO_LINK PARTNER_PROOF",
        RETURN,
        route=None,
    ),
    flagged(
        "employee who became a partner",
        provided(f.statement(rows=f.ENDED_ROWS), official(OURS), **AYSE_OFFICIAL),
        "EMPLOYMENT_ENDED PARTNER_PROOF",
        BY_HAND,
        route=STATEMENT,
    ),
    verified("declared official insured as an employee", provided(f.statement(), **AYSE_OFFICIAL)),
    verified("partner of a gazette insured as an employee", f.case(f.statement(), official(OURS))),
    verified("statement that shows the work beside a declaration", f.case(f.statement(), f.declaration())),
    verified(
        "partner with a sound declaration",
        provided(f.lacking(), f.declaration(), official(OURS), **AYSE_OFFICIAL),
        DECLARATION,
    ),
)
