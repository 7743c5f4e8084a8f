"""Cases flagged for people, officials, archives and procedures."""

from typing import Any

from extractors.facts import Fault, FaultCode
from tests.validators import factory as f
from tests.validators.cases.row import (
    BY_HAND,
    GOOD,
    OFFICIAL,
    RETURN,
    STATEMENT,
    Person,
    Row,
    flagged,
    provided,
)
from validators.case import Case, RegistryFacts

FLAGGED_PEOPLE = (
    flagged(
        "T.C. number with a wrong check digit",
        f.case(
            f.statement({**f.AYSE, "national_id": "10000000079"}),
            about=f.application({**f.AYSE, "national_id": "10000000079"}),
        ),
        "PERSON_ID_INVALID",
        RETURN,
    ),
    flagged(
        "name differs", f.case(f.with_field(GOOD, "family_name", "SINAMACI")), "PERSON_NAME_DIFFERS", BY_HAND
    ),
    flagged("name unreadable", f.case(f.without_field(GOOD, "given_name")), "PERSON_NAME_DIFFERS", BY_HAND),
    flagged(
        "no personnel record",
        f.case(GOOD, registry=RegistryFacts(registered=frozenset())),
        "PERSON_NOT_REGISTERED",
        RETURN,
    ),
    Row(
        "a stranger's statement beside a good one",
        f.case(GOOD, f.statement(f.CAN, "hd0123456789abcdef11")),
        (Person(frozenset(), STATEMENT),),
        frozenset({"PERSON_NOT_DECLARED"}),
    ),
    Row(
        "one of two people without a paper",
        f.case(GOOD, about=f.application(f.AYSE, f.CAN)),
        (
            Person(frozenset(), STATEMENT),
            Person(frozenset({"PERSON_NO_EVIDENCE"}), None, RETURN),
        ),
    ),
)


_OFFICIALS = {"officials": [f.AYSE["national_id"]]}


FLAGGED_OFFICIALS = (
    flagged(
        "partner with a gazette and a statement",
        provided(f.lacking(), f.gazette(), **_OFFICIALS),
        "PARTNER_PROOF",
        BY_HAND,
        route=OFFICIAL,
    ),
    flagged(
        "partner with a gazette alone",
        provided(f.gazette(), **_OFFICIALS),
        "PARTNER_PROOF LINK_ABSENCE_NOT_SHOWN",
        BY_HAND,
        route=OFFICIAL,
    ),
    flagged(
        "gazette of somebody who is no official",
        f.case(f.gazette()),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
    ),
)


def _archive(code: FaultCode, **facts: Any) -> Case:
    return f.case(uploads=(f.upload(fault=Fault(code, facts)),))


FAULTS: dict[FaultCode, dict[str, Any]] = {
    FaultCode.ARCHIVE_NOT_ZIP: {"found": "RAR"},
    FaultCode.ARCHIVE_DAMAGED: {"reason": "truncated"},
    FaultCode.ARCHIVE_ENCRYPTED: {"member": "1"},
    FaultCode.ARCHIVE_LIMIT: {"limit": "members", "allowed": 2000},
    FaultCode.ARCHIVE_UNSAFE: {"reason": "overlap"},
    FaultCode.ARCHIVE_EMPTY: {"unsupported": 0},
    FaultCode.MALWARE_FOUND: {"reason": "upload", "signature": "Kanit.Test"},
}

FLAGGED_APPLICATIONS = (
    *(
        flagged(
            code.value,
            _archive(code, **facts),
            "PERSON_NO_EVIDENCE",
            RETURN,
            route=None,
            application=code.value,
        )
        for code, facts in FAULTS.items()
    ),
    flagged(
        "upload without documents",
        f.case(),
        "PERSON_NO_EVIDENCE",
        RETURN,
        route=None,
        application="ARCHIVE_EMPTY",
    ),
    Row(
        "a good archive and a damaged one",
        f.case(
            uploads=(f.upload(GOOD), f.upload(fault=Fault(FaultCode.ARCHIVE_DAMAGED, {"reason": "checksum"})))
        ),
        (Person(frozenset(), STATEMENT),),
        frozenset({"ARCHIVE_DAMAGED"}),
    ),
    Row(
        "md. 4 with a damaged archive",
        f.case(
            uploads=(f.upload(fault=Fault(FaultCode.ARCHIVE_DAMAGED, {"reason": "size"})),),
            about=f.application(procedure="personnel_registration"),
        ),
        (Person(frozenset(), None),),
        frozenset({"ARCHIVE_DAMAGED"}),
    ),
    flagged(
        "md. 4 with a wrong number",
        f.case(
            uploads=(),
            about=f.application({**f.AYSE, "national_id": "10000000079"}, procedure="personnel_registration"),
        ),
        "PERSON_ID_INVALID",
        RETURN,
        route=None,
    ),
)
