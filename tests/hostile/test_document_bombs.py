"""More hostile documents through the whole reading of an upload: each costs itself, and its neighbours are read."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from extractors.document import read_document
from extractors.facts import FaultCode
from extractors.sandbox import Sandbox
from tests.extractors.test_isolation import LOST, READ, check, read_among_sound
from tests.hostile import image_bombs as images
from tests.hostile import pdf_bombs as pdfs
from tests.papers import draw, variants

EITHER = {READ, "damaged"}
DOCUMENTS: Mapping[Callable[[], bytes], set[str]] = {
    pdfs.tables_that_name_each_other: EITHER,
    pdfs.size_of_two_billion: EITHER,
    pdfs.table_of_two_billion: EITHER,
    pdfs.number_of_the_largest_object: EITHER,
    pdfs.references_of_giant_width: EITHER,
    pdfs.references_of_giant_index: EITHER,
    pdfs.references_that_inflate: EITHER,
    pdfs.predictor_of_giant_columns: EITHER,
    pdfs.objects_in_themselves: EITHER,
    pdfs.dictionary_of_a_million: EITHER,
    pdfs.deep_dictionaries: EITHER,
    pdfs.name_without_end: EITHER,
    pdfs.text_without_end: EITHER,
    pdfs.ten_thousand_pages: {"limit_pages"},
    pdfs.hundred_filters: EITHER,
    pdfs.hex_of_hex: EITHER,
    pdfs.filters_by_loop: EITHER,
    pdfs.outline_loop: EITHER,
    pdfs.names_loop: EITHER,
    pdfs.form_fields_loop: EITHER,
    pdfs.signature_over_more_than_there_is: EITHER,
    pdfs.metadata_of_laughs: EITHER,
    pdfs.everything_at_once_when_opened: EITHER,
    pdfs.content_of_another_file: EITHER,
    pdfs.calculator_without_end: EITHER,
    pdfs.shading_of_a_giant_table: EITHER,
    images.png_as_wide_as_may_be: {"limit_pixels"},
    images.png_whose_chunk_is_longer_than_the_file: EITHER,
    images.png_with_a_profile_that_inflates: EITHER,
    images.png_that_moves_for_ever: EITHER,
    images.gif_of_a_hundred_thousand_pictures: EITHER,
    images.gif_whose_picture_is_larger_than_its_screen: {"limit_pixels"},
    images.tiff_with_four_billion_values: EITHER,
    images.tiff_of_a_million_tags: EITHER,
    images.tiff_of_giant_tiles: EITHER,
    images.tiff_whose_directories_point_at_each_other: EITHER,
    images.jpeg_with_a_turn_in_a_loop: EITHER,
    images.webp_that_moves_for_ever: {"limit_pixels"},
    images.heic_of_boxes_in_boxes: {*EITHER, "heic"},
    images.bmp_with_a_negative_side: {"limit_pixels", "damaged"},
}
"""Documents that are refused, or read, while their child lives on."""

DEADLY: Mapping[Callable[[], bytes], set[str]] = {
    pdfs.hundred_thousand_revisions: {*EITHER, *LOST},
    pdfs.a_million_objects: {*EITHER, *LOST},
    pdfs.half_a_million_annotations: {*EITHER, *LOST},
    pdfs.profile_that_inflates: {*EITHER, *LOST},
    pdfs.font_of_zeros: {*EITHER, *LOST},
    pdfs.jpeg_in_a_page_of_a_gigapixel: {*EITHER, *LOST},
    images.png_just_below_the_limit: {*EITHER, *LOST},
    images.png_of_a_million_chunks: {*EITHER, *LOST},
    images.jpeg_of_ten_thousand_scans: {*EITHER, *LOST},
}
"""Documents that take their child with them on a slow machine."""


@pytest.fixture(scope="module")
def paper() -> bytes:
    return draw(variants.declaration(1))


@pytest.mark.parametrize("batch", [0, 1])
def test_bombs_are_refused_and_their_neighbours_read(batch: int, tmp_path: Path, paper: bytes) -> None:
    """In two uploads: together they inflate to more than one may."""
    chosen = dict(itertools.islice(DOCUMENTS.items(), batch, None, 2))
    check(read_among_sound(tmp_path / "e.zip", list(chosen), paper, 60), chosen)


@pytest.mark.slow
def test_bombs_that_kill_their_reader_leave_their_neighbours(tmp_path: Path, paper: bytes) -> None:
    check(read_among_sound(tmp_path / "e.zip", list(DEADLY), paper, 12), DEADLY)


def test_every_bomb_of_these_files_is_tried() -> None:
    made = {
        maker
        for module in (pdfs, images)
        for name, maker in vars(module).items()
        if callable(maker) and maker.__module__ == module.__name__ and not name.startswith("_")
        if maker.__code__.co_argcount == 0
    }
    assert made - {images.postscript_that_runs} == {*DOCUMENTS, *DEADLY}


def test_no_document_names_a_file_of_the_machine_to_be_read(sandbox: Sandbox) -> None:
    (read,) = sandbox.run(read_document, pdfs.content_of_another_file(), "a.pdf", ocr=False)
    assert "root:" not in repr(read)


def test_postscript_is_no_picture(sandbox: Sandbox) -> None:
    (read,) = sandbox.run(read_document, images.postscript_that_runs(), "a.png", ocr=False)
    assert [fault.code for fault in read.faults] == [FaultCode.DOCUMENT_UNSUPPORTED]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1) as box:
        yield box
