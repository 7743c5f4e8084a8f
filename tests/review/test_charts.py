"""Charts: well-formed, told in words, true to scale, and nothing in them that the page's policy would refuse."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.charts import Chart, Series, draw, legend_mark

SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=3, max_size=3).map(tuple)


def drawn(chart: Chart) -> list[ET.Element]:
    """Return the wide and the narrow drawing."""
    page = ET.fromstring(f"<html xmlns='http://www.w3.org/2000/svg'>{draw(chart)}</html>")  # noqa: S314 - our own
    return list(page)


def chart(*series: Series, lines: bool = False, **more: object) -> Chart:
    categories = ("a", "b", "c")
    return Chart("key", "Başlık", "Açıklama", categories, series, lines=lines, **more)  # type: ignore[arg-type]  # of a test


def heights(drawing: ET.Element, number: int) -> list[float]:
    bars = drawing.findall(f"{SVG}rect")
    return [float(bar.attrib["height"]) for bar in bars if bar.attrib["class"] == f"bar s{number}"]


def test_a_chart_has_title_and_description_of_its_own_in_both_widths() -> None:
    drawings = drawn(chart(Series("x", (1, 2, 3))))
    assert [drawing.attrib["class"] for drawing in drawings] == ["chart in-wide", "chart in-narrow"]
    named = [drawing.attrib["aria-labelledby"].split() for drawing in drawings]
    assert len({name for names in named for name in names}) == 4
    for drawing, (title, description) in zip(drawings, named, strict=True):
        told = {element.attrib["id"]: element.text for element in drawing if "id" in element.attrib}
        assert told == {title: "Başlık", description: "Açıklama"}
        assert drawing.attrib["role"] == "img"


def test_bars_are_as_high_as_their_values_and_stand_on_each_other() -> None:
    for drawing in drawn(chart(Series("x", (1, 2, 0)), Series("y", (3, None, 4)))):
        low, high = heights(drawing, 1), heights(drawing, 2)
        assert low[1] == pytest.approx(2 * low[0], abs=0.2)
        assert high == pytest.approx([3 * low[0], 4 * low[0]], abs=0.2)


def test_lines_break_where_there_is_no_value() -> None:
    for drawing in drawn(chart(Series("x", (1, None, 3)), lines=True)):
        path = next(each for each in drawing.findall(f"{SVG}path") if each.attrib["class"] == "line s1")
        assert path.attrib["d"].count("M") == 2
        assert len(drawing.findall(f"{SVG}circle")) == 2


def test_texts_are_escaped_and_nothing_is_styled_in_place() -> None:
    evil = '"><script>alert(1)</script>'
    page = str(draw(Chart("k", evil, evil, (evil,), (Series(evil, (1,)),)))) + str(legend_mark(1, lines=True))
    assert "<script" not in page
    assert " style=" not in page


@given(first=VALUES, second=VALUES, lines=st.booleans())
def test_nothing_is_drawn_outside_and_ticks_are_even(
    first: tuple[float | None, ...], second: tuple[float | None, ...], lines: bool
) -> None:
    for drawing in drawn(chart(Series("x", first), Series("y", second), lines=lines)):
        width, height = (float(number) for number in drawing.attrib["viewBox"].split()[2:])
        for dot in drawing.findall(f"{SVG}circle"):
            assert 0 <= float(dot.attrib["cx"]) <= width
            assert 0 <= float(dot.attrib["cy"]) <= height
        for bar in drawing.findall(f"{SVG}rect"):
            assert float(bar.attrib["y"]) >= 0
            assert float(bar.attrib["y"]) + float(bar.attrib["height"]) <= height
        grid = [
            float(each.attrib["d"].split()[1].split("H")[0])
            for each in drawing
            if each.get("class") == "grid"
        ]
        steps = [low - high for low, high in pairwise(grid)]
        assert 1 <= len(steps) <= 10
        assert max(steps) - min(steps) < 0.3
