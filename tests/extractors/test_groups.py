"""The boxes of the SGK workplace number, however they are printed."""

import pytest

from extractors.groups import GROUPS, read_workplace_number
from extractors.labels import LabelledPage
from extractors.layout import load_layouts
from extractors.words import PageText
from tests.extractors.sheets import page

LAYOUT = next(layout for layout in load_layouts() if layout.groups)
LABEL = (40.0, 100.0, "22 SGK İŞYERİ SİCİL NUMARASI")
WHOLE = dict(zip(GROUPS, ("2", "3313", "01", "01", "1000000", "027", "09", "51", "000"), strict=True))


def read(sheet: PageText) -> object:
    labelled = LabelledPage(sheet.number, sheet.lines, LAYOUT.phrases)
    (label,) = [label for label in labelled.labels if label.name == "workplace_number"]
    field = read_workplace_number(labelled, label, LAYOUT.groups)
    return None if field is None else field.value


def boxes(groups: list[tuple[float, str]], y: float, pitch: float = 10.0) -> list[tuple[float, float, str]]:
    return [(x + index * pitch, y, digit) for x, digits in groups for index, digit in enumerate(digits)]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("23313010110000000270951000", WHOLE),
        ("2 3313 01 01 1000000 027 09 51 000", WHOLE),
        ("2-3313-01-01-1000000-027-09-51-000", WHOLE),
        ("23313010110000000270951", {k: v for k, v in WHOLE.items() if k != "subcontractor"}),
        ("233130101100000002709", {k: v for k, v in WHOLE.items() if k not in ("control", "subcontractor")}),
        ("2 3313 01 1000000 027 09 51 000", {k: v for k, v in WHOLE.items() if k != "old_unit"}),
        (
            "2 3313 1 1 1000000 27 9 51 0",
            dict(zip(GROUPS, ("2", "3313", "1", "1", "1000000", "27", "9", "51", "0"), strict=True)),
        ),
    ],
)
def test_printed_as_text(printed: str, expected: dict[str, str]) -> None:
    assert read(page(LABEL, (250, 100, printed))) == expected
    assert read(page(LABEL, (40, 116, printed))) == expected


def test_one_digit_to_a_box_with_leading_zeros_lost() -> None:
    groups = [
        (40.0, "2"),
        (54.0, "3313"),
        (108.0, "1"),
        (132.0, "1"),
        (146.0, "1000000"),
        (230.0, "27"),
        (264.0, "9"),
        (278.0, "51"),
        (322.0, "0"),
    ]
    value = read(page(LABEL, *boxes(groups, 116)))
    assert value == dict(zip(GROUPS, ("2", "3313", "1", "1", "1000000", "27", "9", "51", "0"), strict=True))


def test_one_digit_to_a_box_without_gaps_between_groups() -> None:
    assert read(page(LABEL, *boxes([(40.0, "23313010110000000270951000")], 116))) == WHOLE


@pytest.mark.parametrize(
    "printed", ["1234567890", "10000000146", "2331301011000000027095100012", "0342 123 45 67"]
)
def test_other_numbers_are_not_taken_for_it(printed: str) -> None:
    assert read(page(LABEL, (250, 100, printed))) is None
