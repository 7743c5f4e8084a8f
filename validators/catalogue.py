"""The catalogue of codes: default level, legal basis and default proposal of each (contract, section 4).

A policy file may change levels, never the meaning of a code and never the level of an `essential` one to
`note`: on those questions acceptance rests.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from validators.application import Procedure
from validators.finding import Code, Finding, Level, Outcome, Proposal

BLOCK, REVIEW, NOTE = Level.BLOCK, Level.REVIEW, Level.NOTE
RETURN, BY_HAND, WAIT = Proposal.RETURN_TO_APPLICANT, Proposal.CHECK_BY_HAND, Proposal.WAIT_UNTIL


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands fixed about a code.

    `basis` is the legal basis with places for the clause of the procedure: `{evidence}` (the upload),
    `{registered}` (the personnel record). `essential` codes may not be lowered to a note. `suspicious` ones
    are never proposed for return: an officer looks first.
    """

    level: Level
    basis: str
    proposal: Proposal
    essential: bool = False
    suspicious: bool = False


_UPLOAD = "Kılavuz {evidence}"
_REGISTERED = "Kılavuz {registered}"
_DECLARATION = "Kılavuz m.6(3)(d)"
_MONTH = "Kılavuz m.6(3)(d); TBK m.92"
_OFFICIAL = "Kılavuz m.6(3)(e)"

CATALOGUE: Mapping[Code, Entry] = {
    Code.APPLICATION_INVALID: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.ARCHIVE_NOT_ZIP: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.ARCHIVE_DAMAGED: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.ARCHIVE_ENCRYPTED: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.ARCHIVE_LIMIT: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.ARCHIVE_UNSAFE: Entry(BLOCK, _UPLOAD, BY_HAND, essential=True, suspicious=True),
    Code.ARCHIVE_EMPTY: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.MALWARE_FOUND: Entry(BLOCK, _UPLOAD, BY_HAND, essential=True, suspicious=True),
    Code.DOCUMENT_UNREADABLE: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.DOCUMENT_ENCRYPTED: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.DOCUMENT_UNSUPPORTED: Entry(NOTE, _UPLOAD, RETURN),
    Code.DOCUMENT_NO_TEXT: Entry(REVIEW, _UPLOAD, RETURN),
    Code.DOCUMENT_NOT_ORIGINAL: Entry(REVIEW, _UPLOAD, BY_HAND),
    Code.DOCUMENT_KIND_UNKNOWN: Entry(REVIEW, _UPLOAD, BY_HAND),
    Code.DOCUMENT_KIND_REFUSED: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.DOCUMENT_REUSED: Entry(REVIEW, _UPLOAD, BY_HAND, essential=True, suspicious=True),
    Code.QR_MISSING: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.QR_FOREIGN: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.QR_BARCODE_MISMATCH: Entry(BLOCK, _UPLOAD, BY_HAND, essential=True, suspicious=True),
    Code.QR_PERSON_MISMATCH: Entry(BLOCK, _UPLOAD, BY_HAND, essential=True, suspicious=True),
    Code.PERSON_ID_INVALID: Entry(BLOCK, _REGISTERED, RETURN, essential=True),
    Code.PERSON_NOT_DECLARED: Entry(REVIEW, _REGISTERED, BY_HAND),
    Code.PERSON_NO_EVIDENCE: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.PERSON_NAME_DIFFERS: Entry(REVIEW, _UPLOAD, BY_HAND),
    Code.PERSON_NOT_REGISTERED: Entry(BLOCK, _REGISTERED, RETURN, essential=True),
    Code.NO_LINK: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.EMPLOYMENT_ENDED: Entry(BLOCK, _UPLOAD, RETURN, essential=True),
    Code.EMPLOYMENT_CANCELLED: Entry(BLOCK, _UPLOAD, BY_HAND, essential=True),
    Code.EMPLOYER_DIFFERENT: Entry(BLOCK, _DECLARATION, RETURN, essential=True),
    Code.EMPLOYER_UNCERTAIN: Entry(REVIEW, _UPLOAD, BY_HAND, essential=True),
    Code.START_DATE_MISSING: Entry(BLOCK, _DECLARATION, BY_HAND, essential=True),
    Code.START_DATE_TOO_OLD: Entry(BLOCK, _MONTH, RETURN, essential=True),
    Code.START_DATE_MONTH_END: Entry(REVIEW, _MONTH, BY_HAND),
    Code.START_DATE_HOLIDAY: Entry(REVIEW, "Kılavuz m.6(3)(d); TBK m.92, m.93", BY_HAND),
    Code.EVIDENCE_GAP: Entry(REVIEW, "Kılavuz m.6(3)(d); SSİY m.102", BY_HAND),
    Code.NOT_STARTED: Entry(REVIEW, _DECLARATION, WAIT, essential=True),
    Code.DECLARATION_NOT_FORESEEN: Entry(REVIEW, "Kılavuz m.7(1)(e), m.6(3)(d)", BY_HAND),
    Code.ABSENCE_NOT_EVIDENCED: Entry(NOTE, _DECLARATION, BY_HAND),
    Code.LINK_ABSENCE_NOT_SHOWN: Entry(REVIEW, _OFFICIAL, BY_HAND),
    Code.PARTNER_PROOF: Entry(REVIEW, _OFFICIAL, BY_HAND, essential=True),
    Code.PARTNER_INSURED_AS_EMPLOYEE: Entry(NOTE, "Kılavuz m.6(3)(e); 5510 m.53/2", BY_HAND),
    Code.CERTIFICATES_SHRINK: Entry(REVIEW, "Kılavuz m.5(2)(ç)", BY_HAND),
    Code.EDEVLET_NOT_CHECKED: Entry(NOTE, _UPLOAD, BY_HAND),
    Code.EDEVLET_MISMATCH: Entry(BLOCK, _UPLOAD, BY_HAND, essential=True, suspicious=True),
    Code.EDEVLET_UNKNOWN: Entry(BLOCK, _UPLOAD, BY_HAND, essential=True, suspicious=True),
    Code.PDF_SUSPECT: Entry(NOTE, _UPLOAD, BY_HAND),
    Code.ALSO_REGISTERED_ELSEWHERE: Entry(NOTE, "Kılavuz m.8(1)(d), m.8(2)", BY_HAND),
    Code.IDENTIFIER_SUSPECT: Entry(NOTE, "Kılavuz m.6(3)(a), m.6(3)(c)", BY_HAND),
    Code.CERTIFICATES_SEVERAL_FILES: Entry(REVIEW, _UPLOAD, RETURN),
    Code.EMPLOYMENT_NOT_FOUND: Entry(REVIEW, "Kılavuz m.7(1)(g)", BY_HAND),
    Code.PETITIONER_NOT_CREATOR: Entry(REVIEW, "Kılavuz m.4(3)", BY_HAND),
    Code.POLICY_NOT_IN_FORCE: Entry(NOTE, "Kılavuz m.9(1), m.10(1)", BY_HAND),
    Code.PROCEDURE_BY_HAND: Entry(REVIEW, _UPLOAD, BY_HAND, essential=True),
}

_EVIDENCE = {
    Procedure.PERSONNEL_REGISTRATION: "m.4(4)(c)",
    Procedure.PERSONNEL_UPDATE: "m.5(2)(ç)",
    Procedure.PROVIDER_REGISTRATION: "m.6(3)(d)",
    Procedure.PERSONNEL_ADDITION: "m.7(1)(e)",
    Procedure.PERSONNEL_REMOVAL: "m.7(1)(h)",
    Procedure.RECORD_DELETION: "m.4(3)",
    None: "m.4-7",
}
_RECORD = {
    Procedure.PERSONNEL_REGISTRATION: "m.4(4)",
    Procedure.PERSONNEL_UPDATE: "m.5(2)(b)",
    Procedure.PROVIDER_REGISTRATION: "m.6(3)(ğ)",
    Procedure.PERSONNEL_ADDITION: "m.7(1)(d)",
    Procedure.PERSONNEL_REMOVAL: "m.7(1)(g)",
    Procedure.RECORD_DELETION: "m.4(3)",
    None: "m.4-7",
}


def legal_basis(code: Code, procedure: Procedure | None) -> str:
    """Return the clause on which a question rests, in the procedure of the application (None: unknown)."""
    return CATALOGUE[code].basis.format(evidence=_EVIDENCE[procedure], registered=_RECORD[procedure])


def proposal_of(finding: Finding) -> Proposal:
    """Return what a flagging finding proposes: its own proposal, else the catalogue's.

    What could not be told (indeterminate) is for a human to see, unless the finding itself says otherwise.
    """
    if finding.proposal is not None:
        return finding.proposal
    return BY_HAND if finding.outcome is Outcome.INDETERMINATE else CATALOGUE[finding.code].proposal


def insists_on_a_human(finding: Finding) -> bool:
    """Tell whether a flagging finding rules out returning the application before somebody has looked."""
    return finding.proposal is BY_HAND or CATALOGUE[finding.code].suspicious
