"""The declaration beside what was read, row by row."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.facts import Document, Field, Kind, Media, Workplace
from flows.texts import Language
from review.case_comparison import Compared, Declared, Match, Row, compare, papers_of_person
from tests.storage.samples import AYSE, BOX, ISIL, PROVIDER, certificate, statement
from validators.application import Person
from validators.identity import mask_national_id
from validators.report import Mask

MASK = Mask(frozenset({AYSE.national_id, ISIL.national_id}), reveal=False)


def beside(person: Person | None = AYSE) -> Declared:
    return Declared(person, PROVIDER, MASK, Language.TURKISH)


def declaration(**fields: object) -> Document:
    read = {name: Field(value, str(value), 2, BOX) for name, value in fields.items()}  # type: ignore[arg-type]  # values of fields
    paper = Document("sha256:d", "bildirge.pdf", 1, Media.PDF, Kind.ENTRY_DECLARATION, pages=1)
    return replace(paper, fields=read)


def row(compared: Compared, name: str) -> Row:
    return next(row for row in compared.rows if row.name == name)


def said(words: tuple[tuple[str, bool], ...]) -> str:
    return " ".join(word for word, _ in words)


def marked(words: tuple[tuple[str, bool], ...]) -> list[str]:
    return [word for word, lacks in words if lacks]


def test_statement_that_agrees_has_nothing_marked() -> None:
    compared = compare(0, statement(), beside())
    assert {row(compared, name).match for name in ("national_id", "name", "title", "sequence")} == {
        Match.SAME
    }
    assert [word for row in compared.rows for word in (*marked(row.declared), *marked(row.read))] == []


def test_numbers_are_masked_on_both_sides_and_compared_all_the_same() -> None:
    number = row(compare(0, statement(ISIL), beside()), "national_id")
    assert number.match is Match.DIFFERENT
    assert said(number.declared) == mask_national_id(AYSE.national_id)
    assert said(number.read) == mask_national_id(ISIL.national_id)


def test_words_of_a_name_that_the_other_side_lacks_are_marked() -> None:
    declared = AYSE.model_copy(update={"family_name": "ÖRNEK DENEMECİ"})
    name = row(compare(0, statement(), beside(declared)), "name")
    assert name.match is Match.DIFFERENT
    assert (marked(name.declared), marked(name.read)) == (["DENEMECİ"], [])


def test_cut_title_is_similar() -> None:
    cut = replace(statement(), workplaces=(Workplace("1043377", PROVIDER.title[:54], 1, BOX),))
    title = row(compare(0, cut, beside()), "title")
    assert title.match is Match.SIMILAR
    assert title.place == "workplaces.1"


def test_workplace_of_the_same_number_goes_before_one_of_the_same_title() -> None:
    places = (Workplace("7", PROVIDER.title, 1, BOX), Workplace("1043377", "BAŞKA A.Ş.", 3, BOX))
    compared = compare(0, replace(statement(), workplaces=places), beside())
    assert (row(compared, "title").match, row(compared, "title").page) == (Match.DIFFERENT, 3)
    assert row(compared, "sequence").match is Match.SAME


def test_what_is_not_kept_any_more_is_not_compared() -> None:
    place, record = Workplace("?", PROVIDER.title, 1, BOX), statement().records[0]
    paper = replace(statement(), workplaces=(place.emptied(), place), records=(record.emptied(),))
    compared = compare(0, paper, beside())
    assert row(compared, "title").place == "workplaces.2"
    assert "last_record" not in {each.name for each in compared.rows}
    (title,) = (
        r
        for r in compare(0, replace(paper, workplaces=(place.emptied(),)), beside()).rows
        if r.name == "title"
    )
    assert title.match is Match.UNREAD


def test_statement_without_workplaces_has_them_unread() -> None:
    title = row(compare(0, replace(statement(), workplaces=(), records=()), beside()), "title")
    assert (title.match, title.read, title.page) == (Match.UNREAD, (), None)


@pytest.mark.parametrize(
    ("exit_date", "told"),
    [(None, "2026-10 · 30 gün · çıkışı yok"), ("2026-10-31", "2026-10 · 30 gün · çıkış 31.10.2026")],
)
def test_newest_month_says_whether_the_employment_runs(exit_date: str | None, told: str) -> None:
    last = row(compare(0, statement(exit_date=exit_date), beside()), "last_record")
    assert (said(last.read), last.place, last.match) == (told, "records.3", Match.ALONE)


@pytest.mark.parametrize(
    ("groups", "match"),
    [
        ({"sequence": "1043377", "province": "9", "sector": "3313"}, Match.DIFFERENT),
        ({"sequence": "1043377", "sector": "3313"}, Match.SIMILAR),
        (None, Match.UNREAD),
    ],
)
def test_workplace_number_is_compared_by_the_rules(groups: dict[str, str] | None, match: Match) -> None:
    paper = declaration(workplace_number=groups) if groups else declaration(given_name="AYŞE")
    assert row(compare(0, paper, beside()), "workplace").match is match


def test_workplace_number_stands_in_groups_on_both_sides() -> None:
    groups = {"nature": "2", "sector": "3313", "new_unit": "1", "sequence": "1043377", "province": "77"}
    number = row(compare(0, declaration(workplace_number=groups), beside()), "workplace")
    assert said(number.read) == "2 3313 01 1043377 077"
    assert said(number.declared).startswith("2 3313 01 01 ")


def test_official_document_is_compared_by_its_most_similar_company_and_person() -> None:
    paper = declaration(
        **{
            "form": "gazette",
            "company_1.title": "BAŞKA LİMİTED ŞİRKETİ",
            "company_2.title": PROVIDER.title,
            "company_2.person_1.name": "IŞIL DENEMECİ",
            "company_2.person_2.name": "AYŞE ÖRNEK",
            "company_2.person_2.role": "partner",
        }
    )
    compared = compare(0, paper, beside())
    assert [(row.name, row.match, row.place) for row in compared.rows] == [
        ("title", Match.SAME, "company_2.title"),
        ("name", Match.SAME, "company_2.person_2.name"),
        ("role", Match.ALONE, "company_2.person_2.role"),
    ]


def test_person_whom_an_official_document_does_not_name_is_unread() -> None:
    paper = declaration(**{"form": "gazette", "company_1.title": PROVIDER.title})
    assert row(compare(0, paper, beside()), "name").match is Match.UNREAD


def test_paper_of_nobody_is_compared_with_the_provider_alone() -> None:
    compared = compare(0, statement(), beside(None))
    assert row(compared, "national_id").match is Match.ALONE
    assert row(compared, "title").match is Match.SAME


def test_unknown_paper_has_no_rows() -> None:
    assert compare(0, certificate(AYSE), beside()).rows == ()


def test_papers_are_somebodys_by_number_or_by_a_finding() -> None:
    gazette = declaration(form="gazette")
    part = replace(statement(), part_of=gazette.key)
    documents = [statement(ISIL), statement(), gazette, part]
    assert papers_of_person(AYSE.national_id, documents, [gazette.key]) == (1, 2)
    assert papers_of_person(AYSE.national_id, documents, []) == (1,)


@given(st.text("ABCÇ ", min_size=1).filter(str.strip), st.text("ABCÇ ", min_size=1).filter(str.strip))
def test_no_word_is_lost_and_none_is_marked_that_both_sides_have(declared: str, read: str) -> None:
    person = AYSE.model_copy(update={"given_name": declared, "family_name": "X"})
    name = row(compare(0, declaration(given_name=read, family_name="X"), beside(person)), "name")
    assert said(name.declared) == " ".join([*declared.split(), "X"])
    assert said(name.read) == " ".join([*read.split(), "X"])
    assert not set(marked(name.declared)) & set(read.split())
    assert not set(marked(name.read)) & set(declared.split())
