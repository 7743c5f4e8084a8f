"""Whether a report says what was expected of an application."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tests.papers.applications import FLAGGED, Expected, ExpectedPerson

Report: TypeAlias = Mapping[str, Any]
"""What `kanit verify --json` prints (contract: the report)."""


def differences(expected: Expected, report: Report, *, registry_asked: bool = True) -> list[str]:
    """Return what a report has otherwise than expected, one line each; nothing when all is well.

    Without `registry_asked` what only the registry can tell (who is registered or employed, what was evidence before)
    is left out.
    """
    if not registry_asked and expected.case in ("person_not_registered", "paper_reused", "personnel_removal"):
        return []
    return list(_differences(expected, report))


def _differences(expected: Expected, report: Report) -> Iterator[str]:
    if report["application_id"] != expected.application_id:
        yield f"id {report['application_id']}"
    if report["decision"] != expected.decision:
        yield f"decision {report['decision']} instead of {expected.decision}"
    everywhere = [*report["findings"]]
    for part in (*report["people"], *report["documents"]):
        everywhere += part["findings"]
    yield from _missing("codes", expected.codes, _flagging(everywhere))
    yield from _missing("notes", expected.notes, _quiet(everywhere))
    if expected.people:
        yield from _people(expected.people, report["people"])
    yield from _documents(expected, report["documents"])


def _people(expected: Sequence[ExpectedPerson], people: Sequence[Report]) -> Iterator[str]:
    if len(expected) != len(people):
        yield f"{len(people)} people instead of {len(expected)}"
    for number, (who, found) in enumerate(zip(expected, people, strict=False)):
        if found["decision"] != who.decision:
            yield f"person {number} {found['decision']} instead of {who.decision}"
        if who.decision != FLAGGED and found["route"] != who.route:
            yield f"person {number} route {found['route']} instead of {who.route}"
        yield from _missing(f"person {number} codes", who.codes, _flagging(found["findings"]))
        yield from _missing(f"person {number} notes", who.notes, _quiet(found["findings"]))


def _documents(expected: Expected, documents: Sequence[Report]) -> Iterator[str]:
    found = {document["name"].rsplit("/", 1)[-1]: document for document in documents}
    for paper in expected.documents:
        document = found.get(paper.name)
        if document is None:
            yield f"no document {paper.name}"
        elif document["kind"] != paper.kind:
            yield f"{paper.name} {document['kind']} instead of {paper.kind}"
        elif paper.barcode is not None and document["barcode"] != paper.barcode:
            yield f"{paper.name} barcode {document['barcode']} instead of {paper.barcode}"


def _missing(what: str, wanted: Iterable[str], found: set[str]) -> Iterator[str]:
    lacking = sorted(set(wanted) - found)
    if lacking:
        yield f"{what} lack {', '.join(lacking)}"


def _flagging(findings: Iterable[Report]) -> set[str]:
    return {each["code"] for each in findings if each["level"] != "note" and each["outcome"] != "passed"}


def _quiet(findings: Iterable[Report]) -> set[str]:
    return {each["code"] for each in findings if each["level"] == "note" and each["outcome"] != "passed"}
