"""Several papers in one file, in the registry: kept, told apart, found again."""

import json
from dataclasses import replace

from extractors.facts import Document, Upload
from storage.facts import pack_document, unpack_document
from storage.findings import current_judgement
from storage.reuse import papers_of_others
from tests.storage.samples import AYSE, ISIL, Inbox, application, register, statement
from tests.storage.views import codes_of, decision_of, employments_of
from validators.application import Application
from validators.finding import Code, Decision

FILE = "sha256:" + "c" * 64
ISILS = "hd55-5555-5555-5555"


def bundle(*papers: Document, file: str = FILE) -> tuple[Document, ...]:
    """Papers as they come out of one file."""
    return tuple(
        replace(paper, id=file, name="hepsi.pdf", paper=n, papers=len(papers), page_numbers=(n,))
        for n, paper in enumerate(papers, start=1)
    )


def both() -> tuple[Document, ...]:
    return bundle(statement(AYSE), statement(ISIL, ISILS))


def test_a_paper_keeps_its_place_in_the_file() -> None:
    _, second = both()
    kept = replace(second, page_doubts=("page 3: of two papers, not known which",), part_of=FILE)
    assert unpack_document(pack_document(kept)) == kept


def test_everybody_in_the_file_is_registered_by_the_own_paper(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    inbox.put(application("A-1", people=[AYSE, ISIL]), *both())
    inbox.run()
    assert decision_of(inbox, "A-1") is Decision.VERIFIED
    assert [row.evidence for row in employments_of(inbox)] == ["c" * 64] * 2


def test_a_judgement_comes_back_with_each_finding_at_its_paper(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    first, second = both()
    inbox.put(application("A-1", people=[AYSE, ISIL]), first, replace(second, qrs=(), codes=()))
    inbox.run()
    with inbox.database.reading() as work:
        judgement = current_judgement(work, "A-1")
    assert judgement is not None
    assert [person.decision for person in judgement.people] == [Decision.VERIFIED, Decision.FLAGGED]
    about = {document.paper: {x.document for x in findings} for document, findings in judgement.documents}
    assert about == {1: {f"{FILE}#1"}, 2: {f"{FILE}#2"}}


def test_only_the_paper_that_another_application_has_is_reused(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    inbox.put(application("A-1", people=[ISIL]), statement(ISIL, ISILS))
    inbox.put(application("A-2", "personnel_addition", [AYSE, ISIL], day="2026-11-21"), *both())
    inbox.run()
    with inbox.database.reading() as work:
        judgement = current_judgement(work, "A-2")
    assert judgement is not None
    reused = [x.document for p in judgement.people for x in p.findings if x.flags]
    assert reused == [f"{FILE}#2"]


def test_the_same_file_in_another_application_is_reused_whole(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    inbox.put(application("A-1", people=[AYSE, ISIL]), *both())
    inbox.put(application("A-2", "personnel_addition", [AYSE, ISIL], day="2026-11-21"), *both())
    inbox.run()
    assert codes_of(inbox, "A-2") == {Code.DOCUMENT_REUSED}


def test_an_application_that_is_not_stored_is_asked_by_paper(inbox: Inbox) -> None:
    register(inbox, ISIL)
    inbox.put(application("A-1", people=[ISIL]), statement(ISIL, ISILS))
    inbox.run()
    content = application("A-2", "personnel_addition", [AYSE, ISIL], day="2026-11-21")
    asking = Application.model_validate_json(json.dumps(content))
    with inbox.database.reading() as work:
        found = papers_of_others(work, asking, [Upload("evidence.zip", "0" * 64, 1, documents=both())])
    assert found == {f"{FILE}#2": ("A-1",)}
