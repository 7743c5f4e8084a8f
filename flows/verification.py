"""One application from its folder to a judgement; the same for `kanit verify` and the nightly batch.

Nothing here knows Prefect or the registry: what the registry knows comes in as `RegistryFacts`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from extractors.evidence import Scan, fingerprint, malware, read_upload, scan_file, second_opinion
from extractors.facts import Document, Media, TextSource, Upload
from extractors.sandbox import Sandbox
from validators.application import (
    MAX_BYTES,
    Application,
    ApplicationInvalid,
    Problem,
    ProblemKind,
    parse_application,
)
from validators.case import Case, Judgement, RegistryFacts
from validators.finding import Code
from validators.judgement import judge, judge_invalid
from validators.policy_series import Policies, policy_for

DECLARATION = "application.json"

NOT_ASKED = RegistryFacts(registered=None, reused={})
"""What is known when the registry is not asked."""

TEXT_CODES = frozenset(
    {
        Code.DOCUMENT_KIND_UNKNOWN,
        Code.DOCUMENT_KIND_REFUSED,
        Code.QR_BARCODE_MISMATCH,
        Code.QR_PERSON_MISMATCH,
        Code.PERSON_NOT_DECLARED,
        Code.PERSON_NO_EVIDENCE,
        Code.PERSON_NAME_DIFFERS,
        Code.NO_LINK,
        Code.EMPLOYMENT_ENDED,
        Code.EMPLOYMENT_CANCELLED,
        Code.EMPLOYER_DIFFERENT,
        Code.EMPLOYER_UNCERTAIN,
        Code.START_DATE_MISSING,
        Code.START_DATE_TOO_OLD,
        Code.START_DATE_MONTH_END,
        Code.START_DATE_HOLIDAY,
        Code.EVIDENCE_GAP,
        Code.NOT_STARTED,
    }
)
"""Codes that a misread text can cause: before they flag anybody, the second text reader is asked."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one application: its declaration or what is wrong with it, and its uploads.

    `application` is None exactly when there are `problems`; then nothing was read of the uploads.
    """

    application_id: str
    application: Application | None
    problems: tuple[Problem, ...] = ()
    uploads: tuple[Upload, ...] = ()


def read_application(  # noqa: PLR0913 - what is read, by whom, and how
    folder: Path,
    sandbox: Sandbox,
    policies: Policies,
    *,
    named_by_id: bool = False,
    ocr: bool = True,
    scan: Scan | None = None,
) -> Reading:
    """Read an application's declaration and evidence; the doubtful papers by both text readers.

    `named_by_id` demands that the folder has the application's id as its name, as every folder of an inbox does;
    `ocr` False leaves the text of pictures unread; `scan` looks for malware before anything is parsed.
    Raises OSError when the machine cannot read a file that is there, and what `scan` raises.
    """
    try:
        application = load_declaration(folder, named_by_id=named_by_id)
    except ApplicationInvalid as invalid:
        return Reading(folder.name, None, invalid.problems)
    uploads = tuple(read_upload(folder / name, sandbox, ocr=ocr, scan=scan) for name in application.evidence)
    if scan is not None and application.petition:
        uploads += _infected(folder / application.petition, scan)
    first = Reading(application.application_id, application, uploads=uploads)
    doubtful = text_doubts(judge_reading(first, policies))
    return replace(first, uploads=tuple(_asked_again(folder, u, doubtful, sandbox) for u in uploads))


def _infected(petition: Path, scan: Scan) -> tuple[Upload, ...]:
    """Return a petition as an upload where malware is found in it: else nothing is read of it, officers look at it."""
    found = scan_file(petition, scan)
    return (Upload(petition.name, *fingerprint(petition), malware(found, "upload")),) if found else ()


def judge_reading(reading: Reading, policies: Policies, registry: RegistryFacts = NOT_ASKED) -> Judgement:
    """Judge what was read under the policy of its reference day; pure, so that a stored reading can be judged again."""
    policy = policy_for(policies, reading.application)
    if reading.application is None:
        return judge_invalid(reading.application_id, reading.problems, policy)
    return judge(Case(reading.application, reading.uploads, registry, policy))


def load_declaration(folder: Path, *, named_by_id: bool = False) -> Application:
    """Read `application.json` and see that the files it names are there. Raises ApplicationInvalid, OSError."""
    path = folder / DECLARATION
    if not path.is_file():
        raise ApplicationInvalid([_missing(DECLARATION)])
    with path.open("rb") as file:
        application = parse_application(file.read(MAX_BYTES + 1))
    problems = [_missing(place) for place, name in _named_files(application) if not (folder / name).is_file()]
    if named_by_id and application.application_id != folder.name:
        problems.append(Problem("application_id", "is not the name of its folder", ProblemKind.WRONG_FORM))
    if problems:
        raise ApplicationInvalid(problems)
    return application


def text_doubts(judgement: Judgement) -> frozenset[str]:
    """Return the keys of the documents that are about to flag somebody for what their text says.

    Where such a finding names no document (nobody's paper fits), every document is in doubt.
    """
    findings = [finding for finding in judgement.all_findings if finding.flags and finding.code in TEXT_CODES]
    if any(finding.document is None for finding in findings):
        return frozenset(document.key for document, _ in judgement.documents)
    return frozenset(finding.document for finding in findings if finding.document is not None)


def _missing(place: str) -> Problem:
    return Problem(place, "the file is missing", ProblemKind.FILE_MISSING)


def _named_files(application: Application) -> Iterator[tuple[str, str]]:
    for position, name in enumerate(application.evidence):
        yield f"evidence.{position}", name
    if application.petition:
        yield "petition", application.petition


def _asked_again(folder: Path, upload: Upload, doubtful: frozenset[str], sandbox: Sandbox) -> Upload:
    def asked(document: Document) -> Document:
        readable = document.media is Media.PDF and document.text is TextSource.EMBEDDED
        if document.key not in doubtful or not readable:
            return document
        return second_opinion(folder / upload.name, document, sandbox)

    return replace(upload, documents=tuple(asked(document) for document in upload.documents))
