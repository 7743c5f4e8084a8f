"""What a scan does not show clearly is not kept."""

from dataclasses import replace

import pytest

from extractors.facts import Box, Field, Kind, Recognition, Record, Workplace
from extractors.layout import Reading
from extractors.legibility import LEGIBLE_NUMBER, METHOD, only_legible
from extractors.words import PageText, Word

CLEAR, FAINT = LEGIBLE_NUMBER + 0.1, LEGIBLE_NUMBER - 0.1


def word(text: str, x0: float, y0: float, confidence: float = CLEAR) -> Word:
    return Word(text, x0, y0, x0 + 6 * len(text), y0 + 8, confidence)


def page(*words: Word) -> PageText:
    return PageText(1, 595, 842, words, 1.0)


def reading(**fields: Field) -> Reading:
    return Reading(Kind.ENTRY_DECLARATION, Recognition(), fields)


def start(confidence: float, value: str = "2026-11-09", raw: str = "09.11.2026") -> tuple[Reading, PageText]:
    seen = word(raw, 100, 50, confidence)
    return reading(start_date=Field(value, raw, 1, seen.box)), page(seen, word("Tarih", 20, 50))


def test_a_clear_date_is_kept_and_marked() -> None:
    found, seen = start(CLEAR)
    kept = only_legible(found, [seen])
    assert kept.fields == {"start_date": replace(found.fields["start_date"], method=METHOD)}
    assert kept.doubts == ()


def test_a_faint_date_stays_unread() -> None:
    found, seen = start(FAINT)
    kept = only_legible(found, [seen])
    assert kept.fields == {}
    assert kept.doubts == ("illegible: start_date",)


def test_other_words_in_the_box_do_not_matter() -> None:
    found, seen = start(CLEAR)
    faint = word("|x", 120, 50, 0.1)
    assert "start_date" in only_legible(found, [replace(seen, words=(*seen.words, faint))]).fields


def test_a_date_long_after_the_day_of_issue_stays_unread() -> None:
    found, seen = start(CLEAR, "2076-11-09", "09.11.2076")
    issued = word("08.11.2026", 300, 20)
    moment = Field("2026-11-08T09:12:45", "08.11.2026", 1, issued.box)
    both = replace(found, fields={**found.fields, "generated_at": moment})
    assert set(only_legible(both, [replace(seen, words=(*seen.words, issued))]).fields) == {"generated_at"}


@pytest.mark.parametrize(
    ("number", "confidence", "kept"),
    [("10000000146", CLEAR, True), ("10000000146", FAINT, True), ("10000000147", 0.99, False)],
)
def test_a_national_id_is_kept_by_its_checksum(number: str, confidence: float, *, kept: bool) -> None:
    seen = word(number, 50, 50, confidence)
    found = only_legible(reading(national_id=Field(number, number, 1, seen.box)), [page(seen)])
    assert ("national_id" in found.fields) is kept


def test_a_title_is_judged_by_all_its_letters() -> None:
    seen = (word("ÖRNEK", 10, 10, 0.9), word("TEKNİK", 50, 10, 0.9), word("A.Ş.", 100, 10, 0.2))
    title = Field("ÖRNEK TEKNİK A.Ş.", "ÖRNEK TEKNİK A.Ş.", 1, Box(10, 10, 130, 18))
    assert "employer_title" in only_legible(reading(employer_title=title), [page(*seen)]).fields
    faint = page(*(replace(each, confidence=0.3) for each in seen))
    assert only_legible(reading(employer_title=title), [faint]).doubts == ("illegible: employer_title",)


ROW = ("4a", "APHB", "1900100000001", "AYŞE", "ÖRNEK", "7411.02", "1000000", "2701", "2026/9", "Asıl", "1")
RIGHT = ("15.09.2026", "16", "17,616.00")


def row(*faint: str) -> tuple[Reading, PageText]:
    words, x = [], 10.0
    for text in (*ROW, *RIGHT):
        words.append(word(text, x, 100, 0.1 if text in faint else CLEAR))
        x += 6 * len(text) + 10
    record = Record(
        "4a", "APHB", "1000000", "2701", "2026-09", "Asıl", "2026-09-15", 16, None, 1, Box(0, 99, x, 109)
    )
    return Reading(Kind.SERVICE_STATEMENT, Recognition(), {}, (record,)), page(*words)


@pytest.mark.parametrize("faint", ["4a", "1000000", "2701", "2026/9", "Asıl", "15.09.2026", "16"])
def test_a_row_with_a_faint_cell_that_counts_is_doubted(faint: str) -> None:
    found, seen = row(faint)
    (record,) = only_legible(found, [seen]).records
    assert record.doubts == ("illegible",)
    assert record.workplace == "1000000"


@pytest.mark.parametrize("faint", ["APHB", "1900100000001", "AYŞE", "7411.02", "17,616.00", "1"])
def test_faint_cells_that_decide_nothing_do_not_matter(faint: str) -> None:
    found, seen = row(faint)
    assert only_legible(found, [seen]) == found


def test_something_faint_where_an_exit_date_would_stand_is_doubted() -> None:
    found, seen = row()
    stray = word("30.09.202", 500, 100, 0.1)
    (record,) = only_legible(found, [replace(seen, words=(*seen.words, stray))]).records
    assert record.doubts == ("illegible",)


def test_a_date_whose_dots_were_not_seen_is_doubted_however_clear_it_is() -> None:
    found, seen = row()
    stray = word("30092026", 500, 100, 0.97)
    (record,) = only_legible(found, [replace(seen, words=(*seen.words, stray))]).records
    assert record.doubts == ("illegible",)


@pytest.mark.parametrize("rest", ["10", "O"])
def test_a_workplace_with_its_rest_beside_it_is_doubted(rest: str) -> None:
    found, seen = row()
    (number,) = (each for each in seen.words if each.text == "1000000")
    tail = replace(word(rest, number.x1 + 3, 100), x1=number.x1 + 8)
    (record,) = only_legible(found, [replace(seen, words=(*seen.words, tail))]).records
    assert record.doubts == ("illegible",)


def test_a_line_of_the_list_with_a_faint_number_is_dropped() -> None:
    words = (
        word("1000000", 10, 10, FAINT),
        word("ÖRNEK", 80, 10),
        word("1000001", 10, 30),
        word("BAŞKA", 80, 30),
    )
    places = (
        Workplace("1000000", "ÖRNEK", 1, Box(10, 10, 120, 18)),
        Workplace("1000001", "BAŞKA", 1, Box(10, 30, 120, 38)),
    )
    found = only_legible(
        Reading(Kind.SERVICE_STATEMENT, Recognition(), {}, workplaces=places), [page(*words)]
    )
    assert found.workplaces == places[1:]
    assert found.doubts == ("illegible: workplaces",)
