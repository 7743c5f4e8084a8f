"""Cases of several papers in one file, and of one paper in several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tests.papers import archives, bundles, identities
from tests.papers.applications import FLAGGED, ExpectedDocument
from tests.papers.builders import Job
from tests.papers.cases_sound import BY_DECLARATION, BY_STATEMENT
from tests.papers.desk import DECLARATION, STATEMENT, Cases, Desk, Outcome
from tests.papers.identities import Company, Person
from tests.papers.model import Letter, Paper, Where

FILE = "belgelerin tamamı.pdf"


def _in_one_file(
    desk: Desk, people: Sequence[Person], firm: Company, parts: Sequence[bytes], outcome: Outcome, **last: str
) -> Cases:
    """Return an application whose only upload is one PDF of several papers, with the `kind` of the last one."""
    upload = archives.plain({FILE: bundles.merged(*parts)})
    (case,) = desk.finish(people, firm, [], outcome, upload=upload)
    documents = (ExpectedDocument(FILE, last["kind"]),)
    return (replace(case, expected=replace(case.expected, documents=documents)),)


def several_people(desk: Desk) -> Cases:
    """The statements of three people scanned together into one file, a letter before them."""
    firm = desk.company()
    people = identities.people(desk.rng, 3)
    letter = Letter("DİLEKÇE", ("Çalışanlarımızın belgeleri ektedir.",))
    papers: list[Paper] = [letter, *(desk.open_statement(who, firm) for who in people)]
    return _in_one_file(
        desk, people, firm, [desk.draw(paper) for paper in papers], BY_STATEMENT, kind=STATEMENT
    )


def several_of_one(desk: Desk) -> Cases:
    """The statement of somebody new, which lacks the workplace, and the declaration behind it in one file."""
    who, firm = desk.person(), desk.company()
    papers: list[Paper] = [desk.statement_elsewhere(who), desk.declaration(who, firm)]
    return _in_one_file(
        desk, [who], firm, [desk.draw(paper) for paper in papers], BY_DECLARATION, kind=DECLARATION
    )


def stranger_among_them(desk: Desk) -> Cases:
    """One of the papers in the file belongs to somebody whom the application does not name."""
    firm = desk.company()
    who, stranger = identities.people(desk.rng, 2)
    parts = [desk.draw(desk.open_statement(each, firm)) for each in (who, stranger)]
    outcome = replace(BY_STATEMENT, application=("PERSON_NOT_DECLARED",))
    return _in_one_file(desk, [who], firm, parts, outcome, kind=STATEMENT)


def stitched(desk: Desk, where: Where, code: str) -> Cases:
    """The first page of a genuine statement that lacks the provider, and a page of a colleague's."""
    firm = desk.company()
    who, colleague = identities.people(desk.rng, 2)
    since = desk.days_ago(3000)
    papers = [desk.statement(who, Job(desk.company(), since)), desk.statement(colleague, Job(firm, since))]
    mine, theirs = (desk.draw(replace(paper, footer=replace(paper.footer, where=where))) for paper in papers)
    parts = [bundles.merged((mine, [1])), bundles.merged((theirs, [2]))]
    outcome = Outcome(FLAGGED, application=(code,))
    return _in_one_file(desk, [who], firm, parts, outcome, kind=STATEMENT)


def over_several_pictures(desk: Desk) -> Cases:
    """The pages of a statement as photographs, one file each."""
    who, firm = desk.person(), desk.company()
    paper = desk.open_statement(who, firm)
    files = bundles.pictures(desk.draw(paper), "hizmet dökümü")
    outcome = Outcome(FLAGGED, application=("DOCUMENT_NOT_ORIGINAL",))
    (case,) = desk.finish([who], firm, [], outcome, upload=archives.plain(files))
    return (case,)


SOUND: Mapping[str, Callable[[Desk], Cases]] = {
    "several_in_one_file": several_people,
    "statement_and_declaration_in_one_file": several_of_one,
}
FAULTY: Mapping[str, Callable[[Desk], Cases]] = {
    "stranger_in_one_file": stranger_among_them,
    "stitched": partial(stitched, where=Where.EVERY, code="QR_BARCODE_MISMATCH"),
    "stitched_without_code": partial(stitched, where=Where.FIRST, code="DOCUMENT_UNREADABLE"),
    "over_several_pictures": over_several_pictures,
}
