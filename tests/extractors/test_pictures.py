"""Pictures are straightened: turned, deskewed, flattened, lit evenly, brought to one size of type."""

import cv2
import numpy as np
import pytest

from extractors.pictures import (
    LETTER,
    MAX_PIXELS,
    even_light,
    half_turned,
    has_detail,
    mirrored,
    moved,
    page_outline,
    straighten,
)
from tests.extractors.scanned_papers import printed
from tests.papers.scans import Matrix, Wear, photographed, scanned


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def slope(matrix: Matrix, back: Matrix, width: float, y: float) -> float:
    """How much a level line of the page rises on the straightened picture, in pixels a pixel."""
    ends = moved(np.array([(0.1 * width, y), (0.9 * width, y)]), _inverse(back) @ matrix)
    return float((ends[1][1] - ends[0][1]) / (ends[1][0] - ends[0][0]))


@pytest.mark.parametrize("skew", [-15.0, -4.3, 0.0, 0.7, 15.0])
def test_lines_become_level(skew: float) -> None:
    page = printed("declaration").picture
    picture, matrix = scanned(page, Wear(skew=skew))
    straight = straighten(picture)
    assert straight is not None
    assert abs(slope(matrix, straight.back, page.shape[1], page.shape[0] / 2)) < 0.002


def test_perspective_is_undone_by_the_page_edge() -> None:
    page = printed("declaration").picture
    picture, matrix = photographed(page, Wear(noise=4), tilt=0.08, seed=7)
    straight = straighten(picture)
    assert straight is not None
    for y in (0.1, 0.5, 0.9):
        assert abs(slope(matrix, straight.back, page.shape[1], y * page.shape[0])) < 0.006


def test_the_outline_is_that_of_the_page() -> None:
    page = printed("declaration").picture
    height, width = page.shape
    picture, matrix = photographed(page, Wear(), seed=2)
    corners = moved(np.array([(0, 0), (width, 0), (width, height), (0, height)]), matrix)
    outline = page_outline(picture)
    assert outline is not None
    assert np.abs(outline - corners).max() < 12


def test_a_page_that_fills_the_picture_has_no_outline() -> None:
    page = printed("declaration").picture
    assert page_outline(page) is None
    assert page_outline(np.full_like(page, 128)) is None


@pytest.mark.parametrize("scale", [0.75, 1.5])
def test_type_comes_to_one_size(scale: float) -> None:
    straight = straighten(printed("declaration", round(200 * scale)).picture)
    assert straight is not None
    assert straight.letter == pytest.approx(LETTER, rel=0.01)
    assert straight.image.size <= MAX_PIXELS * 1.01


def test_the_ways_to_turn_a_picture_keep_the_way_back() -> None:
    page = printed("declaration").picture
    straight = straighten(page)
    assert straight is not None
    height, width = straight.image.shape
    place = np.array([(0.2 * width, 0.3 * height)])
    there = moved(place, straight.back)
    over, mirror = half_turned(straight), mirrored(straight)
    assert np.allclose(moved(np.array([(0.8 * width, 0.7 * height)]), over.back), there)
    assert np.allclose(moved(np.array([(0.8 * width, 0.3 * height)]), mirror.back), there)
    assert over.turns == 2
    assert (half_turned(over).image == straight.image).all()


def test_shadows_go_and_ink_stays() -> None:
    shade = np.tile(np.linspace(120, 250, 400), (300, 1)).astype(np.uint8)
    shade[100:110, 50:350:20] = 20
    light = even_light(shade)
    assert light[150:].min() > 235
    assert light[102:108, 50:350:20].max() < 60


@pytest.mark.parametrize("noise", [0.0, 6.0])
def test_a_picture_that_was_blown_up_has_no_detail(noise: float) -> None:
    small, _ = scanned(printed("declaration", 150).picture, Wear(noise=noise, quality=80))
    assert has_detail(small)
    assert not has_detail(np.asarray(cv2.resize(small, None, fx=2, fy=2), dtype=np.uint8))
    assert not has_detail(np.full((300, 300), 255, np.uint8))


def test_codes_are_painted_over() -> None:
    page = printed("declaration").picture
    height, width = page.shape
    quad = np.array([(0.79, 0.87), (0.92, 0.87), (0.92, 0.97), (0.79, 0.97)]) * (width, height)
    straight = straighten(page, [quad])
    assert straight is not None
    x, y = moved(quad.mean(axis=0).reshape(1, 2), _inverse(straight.back))[0].astype(int)
    assert straight.image[y - 40 : y + 40, x - 40 : x + 40].std() < 5
