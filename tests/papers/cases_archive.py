"""Cases that are flagged for the upload or the declaration as files."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from tests.papers import archives
from tests.papers.applications import FLAGGED
from tests.papers.desk import Cases, Desk, Outcome


def archive(desk: Desk, code: str, make: Callable[[archives.Files], bytes]) -> Cases:
    """The upload is not a zip that can be accepted."""
    who, firm = desk.person(), desk.company()
    papers = [desk.open_statement(who, firm)]
    outcome = Outcome(FLAGGED, codes=("PERSON_NO_EVIDENCE",), application=(code,))
    (case,) = desk.finish([who], firm, papers, outcome, upload=make(desk.files(papers)))
    return (replace(case, expected=replace(case.expected, documents=())),)


def _invalid(desk: Desk) -> Cases:
    who, firm = desk.person(), desk.company()
    outcome = Outcome(FLAGGED, application=("APPLICATION_INVALID",))
    (case,) = desk.finish([who], firm, [desk.open_statement(who, firm)], outcome)
    return (replace(case, known=(), expected=replace(case.expected, people=(), documents=())),)


def not_json(desk: Desk) -> Cases:
    """`application.json` is cut off."""
    (case,) = _invalid(desk)
    return (replace(case, raw=b'{"application_id": "'),)


def not_declared(desk: Desk) -> Cases:
    """There is no `application.json`."""
    (case,) = _invalid(desk)
    return (replace(case, declared=False),)


def unknown_field(desk: Desk) -> Cases:
    """`application.json` has a field that the contract does not know."""
    (case,) = _invalid(desk)
    return (replace(case, application=replace(case.application, extra={"priority": "high"})),)


def evidence_missing(desk: Desk) -> Cases:
    """A declared evidence file is not in the folder."""
    (case,) = _invalid(desk)
    missing = replace(case.application, uploads={}, missing_files=("evidence.zip",))
    return (replace(case, application=missing),)


def _fixed(data: bytes) -> Callable[[archives.Files], bytes]:
    return lambda _: data


CASES: Mapping[str, Callable[[Desk], Cases]] = {
    "archive_pdf": partial(archive, code="ARCHIVE_NOT_ZIP", make=lambda files: next(iter(files.values()))),
    "archive_encrypted": partial(archive, code="ARCHIVE_ENCRYPTED", make=archives.encrypted),
    "archive_truncated": partial(archive, code="ARCHIVE_DAMAGED", make=archives.truncated),
    "application_unknown_field": unknown_field,
    "archive_rar": partial(archive, code="ARCHIVE_NOT_ZIP", make=_fixed(archives.NOT_ZIP["RAR"])),
    "archive_seven_zip": partial(archive, code="ARCHIVE_NOT_ZIP", make=_fixed(archives.NOT_ZIP["7z"])),
    "archive_wrong_checksum": partial(archive, code="ARCHIVE_DAMAGED", make=archives.wrong_checksum),
    "archive_empty": partial(archive, code="ARCHIVE_EMPTY", make=_fixed(archives.empty())),
    "archive_bomb": partial(archive, code="ARCHIVE_LIMIT", make=lambda _: archives.bomb()),
    **{
        f"archive_{name}": partial(archive, code="ARCHIVE_UNSAFE", make=make)
        for name, make in archives.UNSAFE.items()
    },
    "application_not_json": not_json,
    "application_not_declared": not_declared,
    "application_evidence_missing": evidence_missing,
}
