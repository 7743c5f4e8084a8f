"""What ties an official document to a provider and a person: numbers before titles and names (Kılavuz m.6(3)(e))."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.facts import Document, TextSource
from tests.validators import factory as f
from tests.validators.cases.officials import OTHERS, SOLE, THEIRS
from tests.validators.officials import MASKED_AYSE, OTHER_MERSIS, Company, Named, official
from validators.application import Person
from validators.official import CompanyTie, Conclusion, PersonTie, Proof, fits, read_proof

AYSE = Person.model_validate(f.AYSE)


def proof(document: Document, **provider: Any) -> Proof:
    about = f.application(provider=provider or None)
    assert about.provider is not None
    return read_proof(document, AYSE, about.provider)


@pytest.mark.parametrize(
    ("company", "tie"),
    [
        (Company(), CompanyTie.MERSIS),
        (Company(mersis="0-1234-5678-9000014"), CompanyTie.MERSIS),
        (Company(mersis="", tax="1234567890"), CompanyTie.TAX_NUMBER),
        (Company(mersis=""), CompanyTie.TITLE),
        (Company(mersis="", title=f.TITLE.replace("LİMİTED ŞİRKETİ", "LTD. ŞTİ.")), CompanyTie.TITLE),
        (Company(mersis="", title=f.TITLE.removesuffix(" LİMİTED ŞİRKETİ")), CompanyTie.TITLE_SIMILAR),
        (Company(mersis="", title=f.OTHER_TITLE), CompanyTie.OTHER),
        (Company(mersis=OTHER_MERSIS), CompanyTie.OTHER),
        (Company(mersis="", tax="9876543217"), CompanyTie.OTHER),
        (Company(mersis="0123456780000014"), CompanyTie.TITLE),
        (Company(tax="1234567890"), CompanyTie.MERSIS),
        (Company(mersis="", tax="1234567891"), CompanyTie.TITLE),  # misread: its check digit does not hold
        (Company(mersis="", title=""), CompanyTie.UNREAD),
    ],
)
def test_a_company_is_known_by_its_number_and_only_then_by_its_title(
    company: Company, tie: CompanyTie
) -> None:
    """MERSİS number, and through it the tax number, before the title: a different number is another company."""
    assert proof(official(company)).company_tie is tie


@pytest.mark.parametrize(
    ("who", "tie"),
    [
        (Named(number=f.AYSE["national_id"]), PersonTie.NUMBER),
        (Named("AYŞE YENİSOYAD", f.AYSE["national_id"]), PersonTie.NUMBER),
        (Named(number=MASKED_AYSE), PersonTie.MASKED_NUMBER),
        (Named(number="100********"), PersonTie.MASKED_NUMBER),
        (Named(number=""), PersonTie.NAME),
        (Named("Ayşe Örnek", ""), PersonTie.NAME),
        (Named("AYSE ORNEK", ""), PersonTie.NAME),
        (Named("", f.AYSE["national_id"]), PersonTie.NUMBER),
        (Named(number="10000000147"), PersonTie.NAME),  # misread: its check digits do not hold
        (Named(number="999******78"), PersonTie.OTHERS),
        (Named(number=f.CAN["national_id"]), PersonTie.OTHERS),
        (Named("CAN DENEMECİ", MASKED_AYSE), PersonTie.OTHERS),
        (Named("AYŞE ÖRNEKOĞLU", ""), PersonTie.OTHERS),
    ],
)
def test_a_person_is_known_by_number_and_name(who: Named, tie: PersonTie) -> None:
    """A namesake with another number is somebody else."""
    assert proof(official(Company((who,)))).person_tie is tie


def test_misread_letters_of_a_scan_leave_title_and_name_similar() -> None:
    misread = official(Company((Named("AYŞE ÖRNFK", ""),), title=f.TITLE.replace("BİYO", "BLYO"), mersis=""))
    scan = proof(replace(misread, text=TextSource.OCR))
    assert (scan.company_tie, scan.person_tie) == (CompanyTie.TITLE_SIMILAR, PersonTie.NAME_SIMILAR)
    born = proof(misread)
    assert (born.company_tie, born.person_tie) == (CompanyTie.OTHER, PersonTie.OTHERS)


def test_a_scan_with_a_fifth_of_the_letters_wrong_is_not_similar() -> None:
    document = official(Company((Named("AYŞE ÖRNFF", ""),)))
    assert proof(replace(document, text=TextSource.OCR)).person_tie is PersonTie.OTHERS


def test_the_person_is_found_among_others_whom_the_document_names() -> None:
    found = proof(official(Company((*OTHERS, Named()))))
    assert found.person_tie is PersonTie.MASKED_NUMBER
    assert found.person is not None
    assert found.person.name is not None
    assert found.person.name.value == "AYŞE ÖRNEK"


@pytest.mark.parametrize("companies", [(THEIRS, Company()), (Company(), THEIRS)])
def test_of_several_companies_the_provider_counts(companies: tuple[Company, ...]) -> None:
    found = proof(official(*companies))
    assert (found.company_tie, found.conclusion) == (CompanyTie.MERSIS, Conclusion.TIED)


def test_the_number_inside_the_declared_mersis_is_the_provider_s_too() -> None:
    found = proof(official(Company(mersis="", tax="9876543217")), mersis_number=OTHER_MERSIS)
    assert found.company_tie is CompanyTie.TAX_NUMBER


def test_a_partner_of_another_company_is_no_partner_of_the_provider() -> None:
    found = proof(official(replace(THEIRS, people=(Named(),))))
    assert found.person_tie is PersonTie.MASKED_NUMBER
    assert not found.shows_partner
    assert proof(official(Company())).shows_partner


def test_a_document_that_is_of_another_company_or_names_others_fails() -> None:
    failing = {
        Conclusion.NEITHER: official(replace(THEIRS, people=OTHERS)),
        Conclusion.OTHER_COMPANY: official(replace(THEIRS, people=(Named(),))),
        Conclusion.OTHER_PERSON: official(Company(OTHERS)),
    }
    assert {proof(document).conclusion for document in failing.values()} == set(failing)
    assert {conclusion for conclusion in Conclusion if conclusion.fails} == set(failing)


@pytest.mark.parametrize(
    ("said", "authority"),
    [("single", "single"), ("joint", "joint"), ("single joint", "both"), ("", "unknown")],
)
def test_how_somebody_signs_is_told(said: str, authority: str) -> None:
    found = proof(official(Company((Named(authority=said),))))
    assert found.person is not None
    assert found.person.authority == authority


def test_a_person_of_another_announcement_does_not_count() -> None:
    found = proof(official(replace(THEIRS, people=(Named(),)), Company(OTHERS)))
    assert not found.ties
    assert found.conclusion.fails


@given(st.integers(0, 9), st.integers(0, 5))
def test_the_visible_digits_of_the_own_number_always_fit(shown: int, end: int) -> None:
    number = f.AYSE["national_id"]
    end = min(end, 11 - shown)
    masked = number[:shown] + "*" * (11 - shown - end) + number[11 - end :]
    assert fits(masked, number)
    assert fits(masked.replace("*", "", 1) if "**" in masked else masked, number)


@pytest.mark.parametrize("masked", ["2**********", "100******79", "1000000007*", "********146"])
def test_other_visible_digits_do_not_fit(masked: str) -> None:
    number = f.AYSE["national_id"]
    assert fits(masked, number) == (masked == "1000000007*")


@pytest.mark.parametrize(
    ("masked", "fit"), [("100***78", True), ("100***79", False), ("101***78", False), ("***", True)]
)
def test_stars_of_another_number_leave_the_digits_at_both_ends(masked: str, fit: bool) -> None:
    assert fits(masked, f.AYSE["national_id"]) is fit


def test_a_business_of_the_sole_trader_s_title_alone_is_not_the_sole_trader_s() -> None:
    """Another business may have the title; only the number says that the business is the person."""
    document = official(Company((), f.TITLE, ""))
    found = proof(document, tax_number=f.AYSE["national_id"], mersis_number=None)
    assert (found.company_tie, found.person_tie) == (CompanyTie.TITLE, PersonTie.NOBODY)
    assert (found.sole_trader, found.conclusion) == (False, Conclusion.NOBODY_NAMED)


def test_a_sole_trader_who_is_named_is_tied_by_what_is_printed() -> None:
    found = proof(official(Company(mersis=f"{f.AYSE['national_id']}00001")), **SOLE)
    assert (found.sole_trader, found.person_tie) == (True, PersonTie.MASKED_NUMBER)


def test_a_disputed_field_ties_nothing() -> None:
    paper = official(Company(title="", people=()))
    paper = f.with_field(paper, "company_1.mersis_number", None)
    assert proof(paper).company_tie is CompanyTie.UNREAD
