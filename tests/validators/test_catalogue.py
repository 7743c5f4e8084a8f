"""The catalogue of codes against the public contract, section 4."""

import pytest

from tests.validators import factory as f
from validators.application import Procedure
from validators.catalogue import CATALOGUE, insists_on_a_human, legal_basis, proposal_of
from validators.finding import Code, Proposal
from validators.subjects import Ask

CONTRACT = {
    "block": """APPLICATION_INVALID ARCHIVE_NOT_ZIP ARCHIVE_DAMAGED ARCHIVE_ENCRYPTED ARCHIVE_LIMIT ARCHIVE_UNSAFE
        ARCHIVE_EMPTY MALWARE_FOUND DOCUMENT_UNREADABLE DOCUMENT_ENCRYPTED DOCUMENT_KIND_REFUSED QR_MISSING QR_FOREIGN
        QR_BARCODE_MISMATCH QR_PERSON_MISMATCH PERSON_ID_INVALID PERSON_NO_EVIDENCE PERSON_NOT_REGISTERED NO_LINK
        EMPLOYMENT_ENDED EMPLOYMENT_CANCELLED EMPLOYER_DIFFERENT START_DATE_MISSING START_DATE_TOO_OLD
        EDEVLET_MISMATCH EDEVLET_UNKNOWN""",
    "review": """DOCUMENT_NO_TEXT DOCUMENT_NOT_ORIGINAL DOCUMENT_KIND_UNKNOWN DOCUMENT_REUSED PERSON_NOT_DECLARED
        PERSON_NAME_DIFFERS EMPLOYER_UNCERTAIN START_DATE_MONTH_END START_DATE_HOLIDAY EVIDENCE_GAP NOT_STARTED
        DECLARATION_NOT_FORESEEN LINK_ABSENCE_NOT_SHOWN PARTNER_PROOF CERTIFICATES_SHRINK PROCEDURE_BY_HAND
        CERTIFICATES_SEVERAL_FILES EMPLOYMENT_NOT_FOUND PETITIONER_NOT_CREATOR""",
    "note": "DOCUMENT_UNSUPPORTED ABSENCE_NOT_EVIDENCED EDEVLET_NOT_CHECKED PDF_SUSPECT "
    "ALSO_REGISTERED_ELSEWHERE IDENTIFIER_SUSPECT POLICY_NOT_IN_FORCE PARTNER_INSURED_AS_EMPLOYEE",
}
LEVELS = {code: level for level, codes in CONTRACT.items() for code in codes.split()}


def test_every_code_has_the_level_of_the_contract() -> None:
    assert {code.value: entry.level.value for code, entry in CATALOGUE.items()} == LEVELS


RETURNED = """APPLICATION_INVALID ARCHIVE_NOT_ZIP ARCHIVE_DAMAGED ARCHIVE_ENCRYPTED ARCHIVE_LIMIT ARCHIVE_EMPTY
    DOCUMENT_UNREADABLE DOCUMENT_ENCRYPTED DOCUMENT_UNSUPPORTED DOCUMENT_NO_TEXT DOCUMENT_KIND_REFUSED QR_MISSING
    QR_FOREIGN PERSON_ID_INVALID PERSON_NO_EVIDENCE PERSON_NOT_REGISTERED NO_LINK EMPLOYMENT_ENDED EMPLOYER_DIFFERENT
    START_DATE_TOO_OLD CERTIFICATES_SEVERAL_FILES"""
"""What the applicant can mend; whoever has not begun to work waits, all else is for an officer."""
SUSPICIOUS = """ARCHIVE_UNSAFE MALWARE_FOUND DOCUMENT_REUSED QR_BARCODE_MISMATCH QR_PERSON_MISMATCH EDEVLET_MISMATCH
    EDEVLET_UNKNOWN"""
ESSENTIAL = "DOCUMENT_REUSED EMPLOYER_UNCERTAIN NOT_STARTED PARTNER_PROOF PROCEDURE_BY_HAND"
"""Beside all that blocks: what a policy may not make a note."""


def test_what_is_proposed_for_each_code() -> None:
    proposals = dict.fromkeys(Code, Proposal.CHECK_BY_HAND)
    proposals |= dict.fromkeys(map(Code, RETURNED.split()), Proposal.RETURN_TO_APPLICANT)
    proposals[Code.NOT_STARTED] = Proposal.WAIT_UNTIL
    assert {code: entry.proposal for code, entry in CATALOGUE.items()} == proposals


def test_what_is_suspicious_and_on_what_acceptance_rests() -> None:
    suspicious = {code.value for code, entry in CATALOGUE.items() if entry.suspicious}
    assert suspicious == set(SUSPICIOUS.split())
    essential = {code.value for code, entry in CATALOGUE.items() if entry.essential}
    assert essential == {*ESSENTIAL.split(), *CONTRACT["block"].split()}


def test_catalogue_and_codes_are_the_same_set() -> None:
    assert set(CATALOGUE) == set(Code)


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("procedure", [*Procedure, None])
def test_every_code_cites_a_clause_in_every_procedure(code: Code, procedure: Procedure | None) -> None:
    basis = legal_basis(code, procedure)
    assert basis.startswith("Kılavuz m.")
    assert "{" not in basis


@pytest.mark.parametrize(
    ("code", "procedure", "basis"),
    [
        (Code.QR_MISSING, Procedure.PROVIDER_REGISTRATION, "Kılavuz m.6(3)(d)"),
        (Code.QR_MISSING, Procedure.PERSONNEL_ADDITION, "Kılavuz m.7(1)(e)"),
        (Code.ARCHIVE_DAMAGED, Procedure.PERSONNEL_REGISTRATION, "Kılavuz m.4(4)(c)"),
        (Code.ARCHIVE_DAMAGED, Procedure.PERSONNEL_UPDATE, "Kılavuz m.5(2)(ç)"),
        (Code.PERSON_NOT_REGISTERED, Procedure.PROVIDER_REGISTRATION, "Kılavuz m.6(3)(ğ)"),
        (Code.PERSON_NOT_REGISTERED, Procedure.PERSONNEL_ADDITION, "Kılavuz m.7(1)(d)"),
        (Code.START_DATE_TOO_OLD, Procedure.PERSONNEL_ADDITION, "Kılavuz m.6(3)(d); TBK m.92"),
        (Code.PARTNER_PROOF, Procedure.PROVIDER_REGISTRATION, "Kılavuz m.6(3)(e)"),
        (Code.PROCEDURE_BY_HAND, Procedure.PERSONNEL_REMOVAL, "Kılavuz m.7(1)(h)"),
        (Code.PROCEDURE_BY_HAND, Procedure.RECORD_DELETION, "Kılavuz m.4(3)"),
        (Code.APPLICATION_INVALID, None, "Kılavuz m.4-7"),
    ],
)
def test_clause_of_a_question(code: Code, procedure: Procedure | None, basis: str) -> None:
    assert legal_basis(code, procedure) == basis


def test_what_could_not_be_told_is_for_a_human() -> None:
    ask = Ask(f.POLICY, Procedure.PROVIDER_REGISTRATION)
    assert proposal_of(ask.failed(Code.EMPLOYMENT_ENDED)) is Proposal.RETURN_TO_APPLICANT
    assert proposal_of(ask.unclear(Code.EMPLOYMENT_ENDED)) is Proposal.CHECK_BY_HAND


@pytest.mark.parametrize(
    "code",
    [
        Code.QR_BARCODE_MISMATCH,
        Code.QR_PERSON_MISMATCH,
        Code.DOCUMENT_REUSED,
        Code.ARCHIVE_UNSAFE,
        Code.MALWARE_FOUND,
    ],
)
def test_suspicious_answers_are_never_returned_unseen(code: Code) -> None:
    finding = Ask(f.POLICY, Procedure.PROVIDER_REGISTRATION).failed(code)
    assert insists_on_a_human(finding)
    assert proposal_of(finding) is Proposal.CHECK_BY_HAND
