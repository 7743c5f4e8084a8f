"""İşyeri Ünvan Listesi: numbers and titles, in one line or two, whatever stands beside them."""

import pytest

from extractors.listing import WorkplaceList
from extractors.words import PageText
from tests.extractors.sheets import page

HEADING = (40.0, 40.0, "İŞYERİ ÜNVAN LİSTESİ")
HEADS = ((40.0, 60.0, "İşyeri No"), (120.0, 60.0, "Ünvan"))


def read(*pages: PageText) -> list[tuple[str, str]]:
    listing = WorkplaceList(("İŞYERİ ÜNVAN LİSTESİ",))
    for one in pages:
        listing.add(one.number, one.lines)
    return [(place.number, place.title) for place in listing.result()]


def test_one_line_each() -> None:
    sheet = page(
        HEADING,
        *HEADS,
        (40, 80, "765432"),
        (120, 80, "BAŞKA A.Ş."),
        (40, 95, "1000000"),
        (120, 95, "ÖRNEK LTD. ŞTİ."),
    )
    assert read(sheet) == [("765432", "BAŞKA A.Ş."), ("1000000", "ÖRNEK LTD. ŞTİ.")]


def test_a_title_that_wraps_below_its_number() -> None:
    sheet = page(
        HEADING,
        (40, 80, "765432"),
        (120, 80, "BAŞKA TEKNİK SERVİS"),
        (120, 89, "ANONİM ŞİRKETİ"),
        (40, 104, "1000000"),
        (120, 104, "ÖRNEK LTD. ŞTİ."),
    )
    assert read(sheet) == [("765432", "BAŞKA TEKNİK SERVİS ANONİM ŞİRKETİ"), ("1000000", "ÖRNEK LTD. ŞTİ.")]


def test_a_number_at_the_middle_of_a_title_of_two_lines() -> None:
    sheet = page(
        HEADING,
        (40, 84.5, "765432"),
        (120, 80, "BAŞKA TEKNİK SERVİS"),
        (120, 89, "ANONİM ŞİRKETİ"),
        (40, 104, "1000000"),
        (120, 104, "ÖRNEK LTD. ŞTİ."),
    )
    assert read(sheet) == [("765432", "BAŞKA TEKNİK SERVİS ANONİM ŞİRKETİ"), ("1000000", "ÖRNEK LTD. ŞTİ.")]


@pytest.mark.parametrize("unit", ["2701", "34"])
def test_other_columns_are_no_part_of_the_title(unit: str) -> None:
    sheet = page(
        HEADING,
        (20, 80, "1"),
        (40, 80, "1000000"),
        (90, 80, unit),
        (140, 80, "ÖRNEK LTD. ŞTİ."),
        (400, 80, "GAZİANTEP"),
    )
    assert read(sheet) == [("1000000", "ÖRNEK LTD. ŞTİ.")]


def test_the_list_goes_on_overleaf_and_ends_there() -> None:
    first = page(HEADING, (40, 80, "765432"), (120, 80, "BAŞKA A.Ş."))
    second = page((40, 40, "1000000"), (120, 40, "ÖRNEK LTD. ŞTİ."), number=2)
    third = page((40, 40, "Not: 5510 sayılı Kanun"), number=3)
    fourth = page((40, 40, "999999"), (120, 40, "SONRADAN A.Ş."), number=4)
    assert read(first, second, third, fourth) == [("765432", "BAŞKA A.Ş."), ("1000000", "ÖRNEK LTD. ŞTİ.")]


def test_rows_of_the_table_are_no_lines_of_the_list() -> None:
    assert (
        read(page(HEADING, (40, 80, "1000000"), (120, 80, "2701"), (160, 80, "2026/9"), (200, 80, "Asıl")))
        == []
    )


def test_without_a_heading_there_is_no_list() -> None:
    assert read(page((40, 80, "1000000"), (120, 80, "ÖRNEK LTD. ŞTİ."))) == []


def test_numbers_beside_the_last_line_of_their_titles() -> None:
    sheet = page(
        HEADING,
        *HEADS,
        (120, 75, "BAŞKA TEKNİK SERVİS"),
        (40, 84, "765432"),
        (120, 84, "ANONİM ŞİRKETİ"),
        (120, 99, "ÖRNEK TIBBİ CİHAZLAR"),
        (40, 108, "1000000"),
        (120, 108, "LİMİTED ŞİRKETİ"),
    )
    assert read(sheet) == [
        ("765432", "BAŞKA TEKNİK SERVİS ANONİM ŞİRKETİ"),
        ("1000000", "ÖRNEK TIBBİ CİHAZLAR LİMİTED ŞİRKETİ"),
    ]


def test_the_head_of_the_titles_is_no_part_of_the_first() -> None:
    sheet = page(
        HEADING, (40, 70, "İşyeri No"), (120, 70, "Ünvan"), (40, 79, "1000000"), (120, 79, "ÖRNEK LTD. ŞTİ.")
    )
    assert read(sheet) == [("1000000", "ÖRNEK LTD. ŞTİ.")]
