"""What findings of single rules tell: the place on the paper and the facts of their messages."""

import pytest

from extractors.facts import Document
from tests.validators import factory as f
from validators.case import RegistryFacts
from validators.finding import Code, Finding, Outcome
from validators.judgement import judge


def only(code: Code, *papers: Document, registry: RegistryFacts | None = None) -> Finding:
    (person,) = judge(f.case(*papers, registry=registry)).people
    (finding,) = [finding for finding in person.findings if finding.code is code]
    return finding


@pytest.mark.parametrize(
    ("titles", "outcome", "facts"),
    [
        ((), Outcome.PASSED, {}),
        ((f.OTHER_TITLE,), Outcome.FAILED, {"providers": f.OTHER_TITLE}),
        (("A LTD. ŞTİ.", "B A.Ş."), Outcome.FAILED, {"providers": "A LTD. ŞTİ.; B A.Ş."}),
    ],
)
def test_other_providers_of_a_person_are_named(
    titles: tuple[str, ...], outcome: Outcome, facts: dict[str, str]
) -> None:
    """Kılavuz m.8(1)(d), m.8(2)."""
    registry = RegistryFacts(elsewhere={f.AYSE["national_id"]: titles})
    finding = only(Code.ALSO_REGISTERED_ELSEWHERE, f.statement(), registry=registry)
    assert (finding.outcome, finding.facts) == (outcome, facts)


def test_another_employer_is_told_at_its_number_or_its_title() -> None:
    stranger = f.with_field(f.declaration(), "workplace_number", {**f.GROUPS, "sequence": "1099999"})
    stranger = f.with_field(stranger, "employer_title", f.OTHER_TITLE)
    facts = {"title": f.OTHER_TITLE, "number_match": "different", "title_match": "different"}
    for paper, seen in (
        (stranger, stranger.fields["workplace_number"]),
        (f.without_field(stranger, "workplace_number"), stranger.fields["employer_title"]),
    ):
        finding = only(Code.EMPLOYER_DIFFERENT, f.lacking(), paper)
        assert (finding.document, finding.page, finding.box) == (paper.key, seen.page, seen.box)
        told = {"number_match": finding.facts["number_match"]}
        assert (finding.outcome, finding.facts) == (Outcome.FAILED, {**facts, **told})


def test_an_employer_that_was_not_read_is_no_other_employer() -> None:
    paper = f.without_field(f.declaration(), "workplace_number", "employer_title")
    finding = only(Code.EMPLOYER_DIFFERENT, f.lacking(), paper)
    assert (finding.outcome, finding.document) == (Outcome.INDETERMINATE, paper.key)
    assert finding.facts == {"title": None, "number_match": "unknown"}
