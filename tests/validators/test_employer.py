"""Who an employer on a paper is: numbers before titles, and what is told of the comparison."""

from typing import Any

import pytest

from extractors.facts import Value
from tests.validators import factory as f
from validators.employer import (
    Employer,
    EmployerAnswer,
    KnownProvider,
    employer_of_declaration,
    employer_of_row,
)

SECTOR_DIFFERS = {**f.GROUPS, "sector": "4669"}
SUBCONTRACTOR = {**f.GROUPS, "subcontractor": "7"}
ELSEWHERE = {**f.GROUPS, "sequence": "1099999"}
UNREADABLE = {"sequence": "1043377"}
TAX_NUMBER = "1234567890"
NEITHER = "9999999999"


def known(title_alone: str = "review", **changes: Any) -> KnownProvider:
    provider = f.application(provider={"mersis_number": None, **changes}).provider
    assert provider is not None
    return KnownProvider.of(provider, f.policy(title_alone=title_alone).parameters)


def compared(number: str, titles: str | None = None, title: str | None = f.TITLE) -> dict[str, Value]:
    told: dict[str, Value] = {"title": title, "number_match": number}
    return told if titles is None else {**told, "title_match": titles}


def test_what_is_known_of_a_provider() -> None:
    provider = known("accept", workplace_numbers=[f.WORKPLACE, f.SECOND_WORKPLACE])
    assert provider.title == f.TITLE
    assert [number.sequence for number in provider.workplaces] == [f.SEQUENCE, f.SECOND_SEQUENCE]
    assert provider.accept_title_alone
    assert not known().accept_title_alone
    assert known(mersis_number="0733043133900028").tax_numbers == {TAX_NUMBER, "7330431339"}
    assert known().tax_numbers == {TAX_NUMBER}


@pytest.mark.parametrize(
    ("sequence", "titles", "answer", "why"),
    [
        (1043377, [f.TITLE], Employer.PROVIDER, ""),
        (1043377, [], Employer.UNCERTAIN, "title_not_listed"),
        (1043377, [f.OTHER_TITLE], Employer.UNCERTAIN, "title_contradicts"),
        (1043377, [f.TITLE, f.OTHER_TITLE], Employer.UNCERTAIN, "title_contradicts"),
        (1043378, [f.TITLE], Employer.UNCERTAIN, "other_number"),
        (1043378, [f.OTHER_TITLE], Employer.SOMEBODY_ELSE, ""),
        (1043378, [], Employer.SOMEBODY_ELSE, ""),
    ],
)
def test_employer_of_a_row(sequence: int, titles: list[str], answer: Employer, why: str) -> None:
    told = {"title": " / ".join(titles) or None}
    assert employer_of_row(known(), sequence, titles) == EmployerAnswer(answer, why, told)


def test_employer_of_a_row_where_no_number_is_registered() -> None:
    nobody = known(workplace_numbers=[])
    alone = EmployerAnswer(Employer.UNCERTAIN, "title_alone", {"title": f.TITLE})
    assert employer_of_row(nobody, 1043377, [f.TITLE]) == alone
    assert employer_of_row(nobody, 1043377, []) == EmployerAnswer(
        Employer.UNREAD, "title_not_listed", {"title": None}
    )
    accepting = known("accept", workplace_numbers=[])
    assert employer_of_row(accepting, 1043377, [f.TITLE]) == EmployerAnswer(
        Employer.PROVIDER, "", {"title": f.TITLE}
    )
    two = employer_of_row(accepting, 1043377, [f.TITLE, f.OTHER_TITLE])
    assert (two.employer, two.reason) == (Employer.UNCERTAIN, "title_alone")


@pytest.mark.parametrize(
    ("paper", "answer", "why", "number"),
    [
        ((f.GROUPS, None, f.TITLE), Employer.PROVIDER, "", "same"),
        ((f.GROUPS, TAX_NUMBER, f.TITLE), Employer.PROVIDER, "", "same"),
        ((f.GROUPS, NEITHER, f.TITLE), Employer.UNCERTAIN, "tax_number_differs", "same"),
        ((SECTOR_DIFFERS, TAX_NUMBER, f.TITLE), Employer.UNCERTAIN, "sector_differs", "conflict"),
        ((ELSEWHERE, TAX_NUMBER, f.TITLE), Employer.PROVIDER, "", "different"),
        ((ELSEWHERE, NEITHER, f.TITLE), Employer.SOMEBODY_ELSE, "", "different"),
        ((ELSEWHERE, None, f.TITLE), Employer.UNCERTAIN, "other_number", "different"),
        ((ELSEWHERE, None, f.OTHER_TITLE), Employer.SOMEBODY_ELSE, "", "different"),
        ((UNREADABLE, None, f.TITLE), Employer.UNCERTAIN, "number_unread", "unknown"),
        ((None, None, f.TITLE), Employer.UNCERTAIN, "number_unread", "unknown"),
        ((None, None, f.OTHER_TITLE), Employer.SOMEBODY_ELSE, "", "unknown"),
        ((None, TAX_NUMBER, f.OTHER_TITLE), Employer.PROVIDER, "", "unknown"),
        ((None, NEITHER, f.TITLE), Employer.SOMEBODY_ELSE, "", "unknown"),
        ((None, None, None), Employer.UNREAD, "", "unknown"),
    ],
)
def test_employer_of_a_declaration(
    paper: tuple[dict[str, str] | None, str | None, str | None], answer: Employer, why: str, number: str
) -> None:
    title = paper[2]
    titles = {f.TITLE: "same", f.OTHER_TITLE: "different", None: None}[title]
    found = employer_of_declaration(known(), *paper)
    assert found == EmployerAnswer(answer, why, compared(number, titles, title))


def test_a_title_alone_is_enough_only_by_policy() -> None:
    nobody: dict[str, Any] = {"workplace_numbers": []}
    told = compared("unknown", "same")
    found = employer_of_declaration(known(**nobody), f.GROUPS, None, f.TITLE)
    assert found == EmployerAnswer(Employer.UNCERTAIN, "title_alone", told)
    found = employer_of_declaration(known("accept", **nobody), None, None, f.TITLE)
    assert found == EmployerAnswer(Employer.PROVIDER, "", told)
    cut = "ÖRNEK BİYOMEDİKAL TEKNİK SERVİS SANAYİ VE TİCARET LİMİTE"
    assert employer_of_declaration(known("accept", **nobody), None, None, cut).employer is Employer.UNCERTAIN


def test_a_subcontractors_number_on_the_paper_is_never_enough() -> None:
    found = employer_of_declaration(known(), SUBCONTRACTOR, TAX_NUMBER, f.TITLE)
    assert (found.employer, found.reason) == (Employer.UNCERTAIN, "subcontractor")
    assert found.facts["subcontractor"] == "007"


def test_a_registered_subcontractor_is_not_known_by_the_main_employers_number() -> None:
    subcontractor = known(workplace_numbers=[f.WORKPLACE[:-1] + "7"])
    found = employer_of_declaration(subcontractor, f.GROUPS, None, f.TITLE)
    assert (found.employer, found.reason) == (Employer.UNCERTAIN, "provider_is_subcontractor")
    assert found.facts == compared(str(found.facts["number_match"]), "same")
    both = known(workplace_numbers=[f.WORKPLACE[:-1] + "7", f.WORKPLACE])
    assert employer_of_declaration(both, f.GROUPS, None, f.TITLE).employer is Employer.PROVIDER


def test_the_best_of_several_registered_numbers_counts() -> None:
    for numbers in ([f.WORKPLACE, f.SECOND_WORKPLACE], [f.SECOND_WORKPLACE, f.WORKPLACE]):
        found = employer_of_declaration(known(workplace_numbers=numbers), f.GROUPS, None, f.TITLE)
        assert (found.employer, found.facts["number_match"]) == (Employer.PROVIDER, "same")
