"""Findings: the answers to the questions that the rules ask, and the catalogue of their codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from extractors.facts import Box, Value


class Outcome(StrEnum):
    """The answer: never a bare bool, since "could not read" is neither yes nor no."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


class Level(StrEnum):
    """What an answer other than `passed` means: `block` and `review` flag the case, `note` does not."""

    BLOCK = "block"
    REVIEW = "review"
    NOTE = "note"


class Route(StrEnum):
    """How the bond between person and provider is shown (Kılavuz m.6(3)(d) and (e))."""

    SERVICE_STATEMENT = "service_statement"
    ENTRY_DECLARATION = "entry_declaration"
    OFFICIAL_DOCUMENT = "official_document"


class Proposal(StrEnum):
    """What the machine proposes to the officer for a flagged person."""

    RETURN_TO_APPLICANT = "return_to_applicant"
    CHECK_BY_HAND = "check_by_hand"
    WAIT_UNTIL = "wait_until"


class Decision(StrEnum):
    """The pipeline verifies or flags; it never refuses a person (KVKK m.11(1)(g))."""

    VERIFIED = "verified"
    FLAGGED = "flagged"


class Code(StrEnum):
    """Every code of the public contract, section 4."""

    APPLICATION_INVALID = "APPLICATION_INVALID"
    ARCHIVE_NOT_ZIP = "ARCHIVE_NOT_ZIP"
    ARCHIVE_DAMAGED = "ARCHIVE_DAMAGED"
    ARCHIVE_ENCRYPTED = "ARCHIVE_ENCRYPTED"
    ARCHIVE_LIMIT = "ARCHIVE_LIMIT"
    ARCHIVE_UNSAFE = "ARCHIVE_UNSAFE"
    ARCHIVE_EMPTY = "ARCHIVE_EMPTY"
    MALWARE_FOUND = "MALWARE_FOUND"
    """Addition to the contract: a scanner for malware found something in an upload or document."""
    DOCUMENT_UNREADABLE = "DOCUMENT_UNREADABLE"
    DOCUMENT_ENCRYPTED = "DOCUMENT_ENCRYPTED"
    DOCUMENT_UNSUPPORTED = "DOCUMENT_UNSUPPORTED"
    DOCUMENT_NO_TEXT = "DOCUMENT_NO_TEXT"
    DOCUMENT_NOT_ORIGINAL = "DOCUMENT_NOT_ORIGINAL"
    DOCUMENT_KIND_UNKNOWN = "DOCUMENT_KIND_UNKNOWN"
    DOCUMENT_KIND_REFUSED = "DOCUMENT_KIND_REFUSED"
    DOCUMENT_REUSED = "DOCUMENT_REUSED"
    QR_MISSING = "QR_MISSING"
    QR_FOREIGN = "QR_FOREIGN"
    QR_BARCODE_MISMATCH = "QR_BARCODE_MISMATCH"
    QR_PERSON_MISMATCH = "QR_PERSON_MISMATCH"
    PERSON_ID_INVALID = "PERSON_ID_INVALID"
    PERSON_NOT_DECLARED = "PERSON_NOT_DECLARED"
    PERSON_NO_EVIDENCE = "PERSON_NO_EVIDENCE"
    PERSON_NAME_DIFFERS = "PERSON_NAME_DIFFERS"
    PERSON_NOT_REGISTERED = "PERSON_NOT_REGISTERED"
    NO_LINK = "NO_LINK"
    EMPLOYMENT_ENDED = "EMPLOYMENT_ENDED"
    EMPLOYMENT_CANCELLED = "EMPLOYMENT_CANCELLED"
    EMPLOYER_DIFFERENT = "EMPLOYER_DIFFERENT"
    EMPLOYER_UNCERTAIN = "EMPLOYER_UNCERTAIN"
    START_DATE_MISSING = "START_DATE_MISSING"
    START_DATE_TOO_OLD = "START_DATE_TOO_OLD"
    START_DATE_MONTH_END = "START_DATE_MONTH_END"
    START_DATE_HOLIDAY = "START_DATE_HOLIDAY"
    EVIDENCE_GAP = "EVIDENCE_GAP"
    NOT_STARTED = "NOT_STARTED"
    DECLARATION_NOT_FORESEEN = "DECLARATION_NOT_FORESEEN"
    ABSENCE_NOT_EVIDENCED = "ABSENCE_NOT_EVIDENCED"
    LINK_ABSENCE_NOT_SHOWN = "LINK_ABSENCE_NOT_SHOWN"
    PARTNER_PROOF = "PARTNER_PROOF"
    PARTNER_INSURED_AS_EMPLOYEE = "PARTNER_INSURED_AS_EMPLOYEE"
    """Addition to the contract: a partner with a running 4/a record at the own company (5510 m.53/2)."""
    CERTIFICATES_SHRINK = "CERTIFICATES_SHRINK"
    EDEVLET_NOT_CHECKED = "EDEVLET_NOT_CHECKED"
    EDEVLET_MISMATCH = "EDEVLET_MISMATCH"
    EDEVLET_UNKNOWN = "EDEVLET_UNKNOWN"
    PDF_SUSPECT = "PDF_SUSPECT"
    ALSO_REGISTERED_ELSEWHERE = "ALSO_REGISTERED_ELSEWHERE"
    """Addition to the contract: the person works at another provider too (md. 8(2), A-14 of the rules)."""
    CERTIFICATES_SEVERAL_FILES = "CERTIFICATES_SEVERAL_FILES"
    """Addition to the contract: certificates come in one zip (md. 4(4)(c), md. 5(2)(ç))."""
    EMPLOYMENT_NOT_FOUND = "EMPLOYMENT_NOT_FOUND"
    """Addition to the contract: somebody is to be removed who does not work at the provider (md. 7(1)(g))."""
    PETITIONER_NOT_CREATOR = "PETITIONER_NOT_CREATOR"
    """Addition to the contract: only who made a record may petition for its deletion (md. 4(3))."""
    POLICY_NOT_IN_FORCE = "POLICY_NOT_IN_FORCE"
    """Addition to the contract: the policy was not in force on the reference day (md. 9(1), md. 10(1))."""
    IDENTIFIER_SUSPECT = "IDENTIFIER_SUSPECT"
    """Addition to the contract: control digits of the provider's numbers do not hold (md. 6(3)(a), (c))."""
    PROCEDURE_BY_HAND = "PROCEDURE_BY_HAND"
    """Addition to the contract: a procedure that a human decides (md. 4(3))."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One question, its answer, and where the answer was seen.

    `facts` fill the message's places and are shown to reviewers; a T.C. number among them is masked in
    every output. `document` is a document's key (its id, with the paper's number where its file
    holds several papers); `page` counts from 1. `proposal` overrides the catalogue's
    proposal for this code; `wait_until` is the ISO date that goes with `Proposal.WAIT_UNTIL`.
    """

    code: Code
    outcome: Outcome
    level: Level
    legal_basis: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    document: str | None = None
    page: int | None = None
    box: Box | None = None
    proposal: Proposal | None = None
    wait_until: str | None = None

    @property
    def flags(self) -> bool:
        """True when this finding flags the person or application that has it (contract, section 3)."""
        return self.level is not Level.NOTE and self.outcome is not Outcome.PASSED
