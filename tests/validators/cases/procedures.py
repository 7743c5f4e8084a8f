"""Cases of the procedures without papers on people: certificates (m.4, m.5), removal (m.7 g-ı), deletion (m.4(3))."""

from typing import Any

from extractors.facts import FaultCode, Upload
from tests.validators import factory as f
from tests.validators.cases.row import BY_HAND, RETURN, Person, Row, flagged, verified
from validators.case import Case, Certificate, RegistryFacts

COURSE, LICENCE = f.faulty(FaultCode.DOCUMENT_UNSUPPORTED), f.gazette()
"""Certificates: files of any kind."""
_NUMBER = f.AYSE["national_id"]


def certificates(*uploads: Upload, procedure: str = "personnel_update", **known: Any) -> Case:
    """An application with certificates, and what the registry knows of the person."""
    about = f.application(
        procedure=procedure, provider=None, evidence=[f"{n}.zip" for n in range(len(uploads))]
    )
    return f.case(uploads=uploads, about=about, registry=RegistryFacts(**known))


def before(*certificates: Certificate) -> dict[str, tuple[Certificate, ...]]:
    """The set in force."""
    return {_NUMBER: certificates}


OLD = Certificate("eski/kurs.pdf", "0" * 64)


def removal(policy: Any = f.POLICY, **known: Any) -> Case:
    """A removal with its reason."""
    about = f.application(procedure="personnel_removal", reason="Ayrıldı.", evidence=None)
    return f.case(uploads=(), about=about, registry=RegistryFacts(**known), policy=policy)


def deletion(*people: dict[str, str], **changes: Any) -> Case:
    """A petition for deletion."""
    about = f.application(
        *people, procedure="record_deletion", petition="dilekce.pdf", evidence=None, **changes
    )
    if "provider" not in changes:
        about = about.model_copy(update={"provider": None})
    return f.case(uploads=(), about=about)


PROCEDURES = (
    verified("md. 5 without an upload leaves the set alone", certificates(certificates=before(OLD)), None),
    verified(
        "md. 5 with every certificate",
        certificates(
            f.upload(COURSE, LICENCE),
            certificates=before(Certificate("bozuk.pdf", "1" * 64), Certificate("x.pdf", LICENCE.id[7:])),
        ),
        None,
    ),
    flagged(
        "md. 5 with a smaller set",
        certificates(f.upload(COURSE), certificates=before(OLD, Certificate("bozuk.pdf", "1" * 64))),
        "CERTIFICATES_SHRINK",
        BY_HAND,
        route=None,
    ),
    flagged(
        "md. 5 without a record",
        certificates(registered=frozenset()),
        "PERSON_NOT_REGISTERED",
        RETURN,
        route=None,
    ),
    Row(
        "certificates in two files",
        certificates(f.upload(COURSE), f.upload(LICENCE)),
        (Person(frozenset(), None),),
        frozenset({"CERTIFICATES_SEVERAL_FILES"}),
    ),
    verified(
        "certificates of two people, which belong to nobody",
        f.case(
            uploads=(f.upload(COURSE),),
            about=f.application(f.AYSE, f.CAN, procedure="personnel_registration"),
        ),
        None,
        people=2,
    ),
    verified("removal of somebody who works there", removal(employed=frozenset({_NUMBER})), None),
    flagged(
        "removal of somebody who does not work there",
        removal(employed=frozenset()),
        "EMPLOYMENT_NOT_FOUND",
        BY_HAND,
        route=None,
    ),
    flagged(
        "removal that the policy leaves to an officer",
        removal(f.policy(removal="review"), employed=frozenset({_NUMBER})),
        "PROCEDURE_BY_HAND",
        BY_HAND,
        route=None,
        application="PROCEDURE_BY_HAND",
    ),
    flagged(
        "deletion that the person asks for",
        deletion(),
        "PROCEDURE_BY_HAND",
        BY_HAND,
        route=None,
        application="PROCEDURE_BY_HAND",
    ),
    flagged(
        "deletion that a provider asks for",
        deletion(provider={}),
        "PROCEDURE_BY_HAND",
        BY_HAND,
        route=None,
        application="PROCEDURE_BY_HAND PETITIONER_NOT_CREATOR",
    ),
    flagged(
        "deletion that a sole trader asks for",
        deletion(provider={"tax_number": _NUMBER}),
        "PROCEDURE_BY_HAND",
        BY_HAND,
        route=None,
        application="PROCEDURE_BY_HAND",
    ),
    Row(
        "deletion of two people's records",
        deletion(f.AYSE, f.CAN),
        (Person(frozenset({"PROCEDURE_BY_HAND"}), None, BY_HAND),) * 2,
        frozenset({"PROCEDURE_BY_HAND", "PETITIONER_NOT_CREATOR"}),
    ),
)
