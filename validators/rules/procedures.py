"""Questions of the procedures whose uploads are no papers on people: md. 4 and 5, removal (md. 7(1)(g)-(ı)), deletion.

A second registration of somebody who has a record (md. 4) is no ground to refuse: it is judged and entered as an update
is, so that its certificates replace the old ones and are compared with them. Only the person makes and updates the
own record (md. 4(1), 5(1)): a provider that such an application names is not looked at and nothing is entered for it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from extractors.facts import Document
from extractors.turkish import fold
from validators.application import Application, Procedure
from validators.case import Certificate
from validators.finding import Code, Finding
from validators.rules.person import is_registered, number_is_valid
from validators.subjects import Claim, Dossier, documents_of

NAMED_CERTIFICATES = 10
"""Certificates that are named as missing; the others are counted."""


def certificates_come_in_one_file(dossier: Dossier) -> Iterator[Finding]:
    """Ask whether the certificates are one zip ("tek dosya", m.4(4)(c), m.5(2)(ç))."""
    uploads = len(dossier.case.uploads)
    if uploads > 1:
        yield dossier.ask.failed(Code.CERTIFICATES_SEVERAL_FILES, uploads=uploads)
    elif uploads:
        yield dossier.ask.passed(Code.CERTIFICATES_SEVERAL_FILES)


def petitioner_made_the_record(dossier: Dossier) -> Iterator[Finding]:
    """Ask whether who petitions for a deletion made the record (m.4(3))."""
    application, code = dossier.application, Code.PETITIONER_NOT_CREATOR
    fault = petitioner_fault(application)
    if fault is None:
        yield dossier.ask.passed(code)
    else:
        provider = application.provider.title if application.provider else None
        yield dossier.ask.failed(code, reason=fault, provider=provider, people=len(application.people))


def petitioner_fault(application: Application) -> str | None:
    """Say why an application for deletion is not that of who made the record; None where it is.

    A personnel record is made by the person (m.4(1)), so that one person asks for one record and no provider does;
    a sole trader's provider is the person.
    """
    people, provider = application.people, application.provider
    if len(people) > 1:
        return "people"
    return "provider" if provider is not None and provider.tax_number != people[0].national_id else None


def has_a_record(_: Dossier, claim: Claim) -> Iterator[Finding]:
    """Ask whether there is a personnel record that can be updated (m.5(1)); not without the registry."""
    return is_registered(claim)


def works_there(dossier: Dossier, claim: Claim) -> Iterator[Finding]:
    """Ask whether the person who is to be removed works at the provider (m.7(1)(g)); not without the registry."""
    if dossier.registry.employed is None:
        return
    found = claim.person.national_id in dossier.registry.employed
    answer = claim.ask.passed if found else claim.ask.failed
    yield answer(Code.EMPLOYMENT_NOT_FOUND)


def certificates_are_kept(dossier: Dossier, claim: Claim) -> Iterator[Finding]:
    """Ask whether the new set holds every certificate of the old one, which it replaces (m.5(2)(ç)).

    Not without the registry, not without a new set (fields that an update leaves out stay as they are), and not where
    an archive was refused: what is in that one is not known.
    """
    uploads, known = dossier.case.uploads, dossier.registry.certificates
    if known is None or not uploads or any(upload.fault is not None for upload in uploads):
        return
    before = known.get(claim.person.national_id, ())
    missing = missing_certificates(before, documents_of(dossier.case))
    if missing:
        named, count = _listed(missing), len(missing)
        yield claim.ask.failed(Code.CERTIFICATES_SHRINK, missing=named, count=count, before=len(before))
    elif before:
        yield claim.ask.passed(Code.CERTIFICATES_SHRINK, before=len(before))


def missing_certificates(before: Sequence[Certificate], after: Iterable[Document]) -> tuple[Certificate, ...]:
    """Return the old certificates that the new files lack, in their order.

    One is there where a new file has the same bytes, or the same file name whatever its folder, case and Turkish
    letters. A new file stands for one old certificate only, whichever shares its name.
    """
    files = {document.id.removeprefix("sha256:"): document.name for document in after}
    lacking = [certificate for certificate in before if certificate.sha256 not in files]
    same_bytes = {certificate.sha256 for certificate in before}
    renewed = Counter(_file_name(name) for sha256, name in files.items() if sha256 not in same_bytes)
    missing = []
    for certificate in lacking:
        name = _file_name(certificate.name)
        if renewed[name]:
            renewed[name] -= 1
        else:
            missing.append(certificate)
    return tuple(missing)


def _file_name(path: str) -> str:
    return " ".join(fold(PurePosixPath(path).name).split())


def _listed(missing: Sequence[Certificate]) -> str:
    named = ", ".join(PurePosixPath(certificate.name).name for certificate in missing[:NAMED_CERTIFICATES])
    return f"{named}, …" if len(missing) > NAMED_CERTIFICATES else named


_ABOUT_APPLICATIONS: Mapping[Procedure, Callable[[Dossier], Iterator[Finding]]] = {
    Procedure.PERSONNEL_REGISTRATION: certificates_come_in_one_file,
    Procedure.PERSONNEL_UPDATE: certificates_come_in_one_file,
    Procedure.RECORD_DELETION: petitioner_made_the_record,
}
_ABOUT_PEOPLE: Mapping[Procedure, tuple[Callable[[Dossier, Claim], Iterator[Finding]], ...]] = {
    Procedure.PERSONNEL_REGISTRATION: (certificates_are_kept,),
    Procedure.PERSONNEL_UPDATE: (has_a_record, certificates_are_kept),
    Procedure.PERSONNEL_REMOVAL: (works_there,),
}


def about_application(dossier: Dossier) -> Iterator[Finding]:
    """Answer what the procedure asks of the application, besides whether its archives open."""
    rule = _ABOUT_APPLICATIONS.get(dossier.application.procedure)
    return iter(()) if rule is None else rule(dossier)


def about_person(dossier: Dossier, claim: Claim) -> Iterator[Finding]:
    """Answer what the procedure asks of a declared person."""
    yield from number_is_valid(claim)
    for rule in _ABOUT_PEOPLE.get(dossier.application.procedure, ()):
        yield from rule(dossier, claim)
