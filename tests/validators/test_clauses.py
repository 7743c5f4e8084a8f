"""Short texts of clauses, and legal bases taken apart."""

import pytest

from validators.application import Procedure
from validators.catalogue import CATALOGUE, legal_basis
from validators.clauses import clause_text, clauses_of, load_clauses
from validators.finding import Code
from validators.messages import LANGUAGES, Language, load_messages, look


@pytest.mark.parametrize(
    ("basis", "clauses"),
    [
        ("Kılavuz m.6(3)(ğ)", ("Kılavuz m.6(3)(ğ)",)),
        ("Kılavuz m.7(1)(e), m.6(3)(d)", ("Kılavuz m.7(1)(e)", "Kılavuz m.6(3)(d)")),
        ("Kılavuz m.6(3)(d); TBK m.92, m.93", ("Kılavuz m.6(3)(d)", "TBK m.92", "TBK m.93")),
    ],
)
def test_a_basis_is_taken_apart_into_its_clauses(basis: str, clauses: tuple[str, ...]) -> None:
    assert clauses_of(basis) == clauses


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clause_that_a_code_can_cite_has_a_text(language: Language) -> None:
    """Kılavuz m.4 to m.10 and the statutes: an explanation says what each of them asks for."""
    bases = [legal_basis(code, procedure) for code in CATALOGUE for procedure in (*Procedure, None)]
    cited = {clause for basis in bases for clause in clauses_of(basis)}
    assert sorted(cited - load_clauses(language).keys()) == []


def test_no_text_is_kept_of_what_nobody_cites() -> None:
    assert clause_text("Kılavuz m.99", "tr") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_short_whole_sentences(language: Language) -> None:
    for text in load_clauses(language).values():
        assert text.endswith(".")
        assert len(text) < 350


@pytest.mark.parametrize("language", LANGUAGES)
def test_officers_are_told_where_to_look_for_every_code(language: Language) -> None:
    said = [code for code in Code if code.value in load_messages(language)]
    assert [code.value for code in said if not (look(code, language) or "").endswith(".")] == []
