"""Fields of forms: what is taken, what is refused and by which text."""

from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from review.forms import Form
from review.texts import Language, catalogue


class Colour(StrEnum):
    RED = "red"


def form(**fields: str) -> Form:
    return Form(QueryParams(fields))


def test_line_is_taken_without_spaces_around_it() -> None:
    sent = form(name="  Ayşe Örnek ")
    assert (sent.line("name"), sent.errors, sent["name"]) == ("Ayşe Örnek", {}, "  Ayşe Örnek ")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("x" * 201, "long"),
        ("a\x00b", "unreadable"),
        ("a\nb", "unreadable"),
    ],
)
def test_line_that_cannot_be_taken(sent: str, told: str) -> None:
    asked = form(name=sent)
    asked.line("name")
    assert asked.errors == {"name": f"forms.{told}"}


def test_field_that_may_be_empty_is_no_error() -> None:
    asked = form()
    assert asked.line("a", required=False) == ""
    assert asked.letter("b", required=False) == ""
    assert asked.day("c", required=False) is None
    assert asked.whole("d", 0, 9, required=False) is None
    assert asked.choice("e", Colour, required=False) is None
    assert (asked.ticked("f"), asked.several("g"), asked.errors) == (False, [], {})


def test_letter_keeps_its_lines() -> None:
    asked = form(letter="Sayın başvuran,\r\n\r\n\tEksikler:\r\n", bad="a\x07")
    assert asked.letter("letter") == "Sayın başvuran,\n\n\tEksikler:"
    asked.letter("bad")
    assert asked.errors == {"bad": "forms.unreadable"}


def test_password_keeps_its_spaces() -> None:
    assert form(secret=" a b ").secret("secret") == " a b "


def test_choice_is_one_of_the_choices() -> None:
    asked = form(good="red", bad="blue")
    assert asked.choice("good", Colour) is Colour.RED
    assert asked.choice("bad", Colour) is None
    assert asked.choice("none", Colour) is None
    assert asked.errors == {"bad": "forms.choice", "none": "forms.missing"}


@given(st.dates())
def test_day_is_read_as_browsers_send_it(day: date) -> None:
    assert form(day=day.isoformat()).day("day") == day


@pytest.mark.parametrize("sent", ["22.11.2026", "2026-02-30", "2026-11", "x"])
def test_what_is_no_day_is_refused(sent: str) -> None:
    asked = form(day=sent)
    assert asked.day("day") is None
    assert asked.errors == {"day": "forms.day"}


@given(st.integers(-5, 15))
def test_whole_number_stays_within_its_bounds(number: int) -> None:
    asked = form(number=str(number))
    taken = asked.whole("number", 1, 9)
    assert taken == (number if 1 <= number <= 9 else None)
    assert asked.errors == ({} if taken else {"number": "forms.number"})


@given(st.text())
def test_no_text_breaks_a_field(sent: str) -> None:
    asked = form(field=sent)
    asked.line("field")
    asked.letter("field")
    asked.day("field")
    asked.whole("field", 0, 9)
    asked.choice("field", Colour)
    assert set(asked.errors.values()) <= catalogue(Language.TURKISH).keys()


def test_several_values_of_a_field() -> None:
    assert Form(QueryParams([("case", "1"), ("case", "2")])).several("case") == ["1", "2"]
