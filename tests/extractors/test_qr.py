"""The QR ladder and its decoders."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
import segno

from benchmarks.qr_hard import KINDS, pictures
from extractors.edevlet import parse_payload
from extractors.facts import Box
from extractors.images import Unreadable, load_image
from extractors.qr import available_decoders, find_codes_in_images
from extractors.qr_decoders import (
    DECODERS,
    Grey,
    OpenCv,
    Sighting,
    Zbar,
    Zxing,
    load,
    payload_text,
    undo_guess,
)
from extractors.qr_grid import fixed_patterns, redrawn
from extractors.qr_ladder import MAX_PIXELS, Budget, read_codes, read_step, rungs
from extractors.qr_steps import FIRST_PIXELS, STEPS, Step, View
from tests.extractors.qr_drawings import (
    FOREIGN,
    OTHER,
    PAYLOAD,
    drawn,
    hard_to_read,
    on_sheet,
    wallpaper,
    wavy,
)
from tests.shared import SHARED, needs_shared

needs_zbar = pytest.mark.skipif("zbar" not in available_decoders(), reason="libzbar0 is not installed")


def read_texts(image: Grey) -> list[str]:
    return sorted(read.text for read in read_codes(image))


def test_the_first_step_reads_a_clean_code_and_says_where() -> None:
    code = drawn(PAYLOAD, module=4)
    (read,) = read_codes(on_sheet((code, 300, 100)))
    assert (read.text, read.decoder) == (PAYLOAD, "zxing")
    edge, side = 4 * 4, code.shape[0] - 2 * 4 * 4
    assert read.box.as_list() == pytest.approx(
        [300 + edge, 100 + edge, 300 + edge + side, 100 + edge + side], abs=4
    )


def test_every_code_of_an_image_is_read() -> None:
    sheet = on_sheet((drawn(PAYLOAD), 20, 20), (drawn(FOREIGN), 400, 300), (drawn(PAYLOAD), 20, 350))
    assert read_texts(sheet) == [PAYLOAD, PAYLOAD, FOREIGN]


@pytest.mark.parametrize(
    "change",
    [
        np.rot90,
        lambda image: image[:, ::-1],
        lambda image: 255 - image,
        lambda image: cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        lambda image: cv2.GaussianBlur(image, (0, 0), 2),
    ],
    ids=["turned", "mirrored", "inverted", "small", "blurred"],
)
def test_changed_images_are_read(change: Callable[[Grey], Grey]) -> None:
    assert read_texts(change(on_sheet((drawn(PAYLOAD), 100, 100)))) == [PAYLOAD]


def test_a_later_step_reads_what_the_first_cannot_and_is_named() -> None:
    code = hard_to_read(PAYLOAD)
    image = on_sheet((code, 100, 100))
    assert read_step(STEPS[0], image) == ()
    (read,) = read_codes(image)
    assert read.text == PAYLOAD
    assert read.decoder in {f"{name}+{step.suffix}" for step in STEPS for name in step.decoders}
    assert 100 <= read.box.x0 < read.box.x1 <= 100 + code.shape[1]
    assert 100 <= read.box.y0 < read.box.y1 <= 100 + code.shape[0]


@pytest.mark.parametrize(
    "step", [step for step in STEPS if step.suffix not in {"full", "grid"}], ids=lambda step: step.suffix
)
def test_every_step_reads_a_plain_code_and_places_it(step: Any) -> None:
    if not any(load(name) for name in step.decoders):
        pytest.skip("the decoder of this step is not installed")
    code = drawn(PAYLOAD, module=6)
    reads = read_step(step, on_sheet((code, 200, 100), size=(900, 1200)))
    assert {read.text for read in reads} == {PAYLOAD}
    inner = Box(224, 124, 200 + code.shape[1] - 24, 100 + code.shape[0] - 24)
    assert reads[0].box.as_list() == pytest.approx(inner.as_list(), abs=14)


def step_named(suffix: str) -> Step:
    return next(step for step in STEPS if step.suffix == suffix)


def test_a_small_code_on_a_large_photograph_is_read_from_all_its_pixels() -> None:
    code = drawn(PAYLOAD, module=2)
    sheet = on_sheet((code, 3000, 2500), size=(4000, 5000))
    assert sheet.size > FIRST_PIXELS
    (read,) = read_step(step_named("full"), sheet)
    assert (read.text, read.decoder) == (PAYLOAD, "zxing+full")
    assert 3000 < read.box.x0 < read.box.x1 < 3000 + code.shape[1]
    assert read_step(step_named("full"), code) == ()


def test_a_code_on_folded_cloth_is_followed_module_by_module() -> None:
    code = drawn(PAYLOAD, module=6, error="L", boost_error=False)
    image = wavy(on_sheet((code, 200, 100), size=(500, 700)))
    assert read_step(STEPS[0], image) == ()
    reads = read_step(step_named("grid"), image)
    assert [(read.text, read.decoder) for read in reads] == [(PAYLOAD, "zxing+grid")]
    inner = Box(224, 124, 200 + code.shape[1] - 24, 100 + code.shape[0] - 24)
    assert reads[0].box.as_list() == pytest.approx(inner.as_list(), abs=14)


@pytest.mark.parametrize("version", range(1, 41))
def test_the_fixed_patterns_are_those_of_a_drawn_code(version: int) -> None:
    matrix = np.array([list(row) for row in segno.make("1", micro=False, version=version).matrix])
    fixed = fixed_patterns(version)
    assert fixed.shape == matrix.shape
    assert 3 * 64 < (fixed != 2).sum() < 0.8 * fixed.size
    assert (fixed == matrix)[fixed != 2].all()


def test_corners_of_no_code_are_not_drawn() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (200, 200), dtype=np.uint8)
    corners = np.array([(20, 20), (180, 20), (180, 180), (20, 180)], dtype=np.float64)
    assert list(redrawn(noise, corners, 3)) == []


def test_kinds_of_hard_pictures_are_read_and_nothing_else_is() -> None:
    right = dict.fromkeys(KINDS, 0)
    for kind, content, image in pictures(each=3, seed=7):
        texts = [read.text for read in read_codes(image)]
        assert set(texts) <= {content}, kind
        right[kind] += bool(texts)
    scans = {"small_scan", "shaded_scan", "fax", "photocopy"}
    assert {kind for kind, count in right.items() if count < 2} <= scans
    assert sum(right.values()) >= 37


def test_every_rung_has_a_name_of_its_own() -> None:
    names = rungs()
    assert names[0] == "zxing"
    assert len(set(names)) == len(names)
    assert all(name.split("+")[0] in available_decoders() for name in names)


def test_a_spent_budget_ends_the_ladder() -> None:
    image = on_sheet((hard_to_read(PAYLOAD), 100, 100))
    assert read_codes(image, budget=Budget(0)) == ()
    assert [read.text for read in read_codes(image, budget=Budget(10))] == [PAYLOAD]


def test_a_wallpaper_of_finder_patterns_keeps_no_decoder_busy() -> None:
    image = wallpaper(60, 2)
    assert OpenCv().read(image) == []
    assert OpenCv().corners(image) == []
    assert read_codes(image) == ()


class Contradicting:
    """A decoder that reads something else where the code is."""

    name = "zbar"

    def read(self, image: Grey) -> list[Sighting]:
        height, width = image.shape
        edges = [(0, 0), (width, 0), (width, height), (0, height)]
        return [Sighting(OTHER, np.array(edges, dtype=np.float64))]


def test_what_another_decoder_read_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.qr_ladder.load_all", lambda keys: list(map(decoder, keys)))
    image = on_sheet((drawn(PAYLOAD), 100, 100))
    texts = {read.text for read in read_codes(image, enough=lambda text: text == OTHER)}
    assert texts == {PAYLOAD, OTHER}


def decoder(key: str) -> Zxing | Contradicting:
    return Zxing() if key == "zxing" else Contradicting()


def test_a_target_that_was_read_is_not_looked_at_again() -> None:
    looks: list[int] = []

    def prepare(image: Grey) -> Iterator[View]:
        for turn in range(3):
            looks.append(turn)
            yield View(image, np.eye(3), target=1)
            yield View(image[:, ::-1], np.eye(3), target=2)

    image = on_sheet((drawn(PAYLOAD), 100, 100))
    reads = read_step(Step("twice", ("zxing",), prepare), image)
    assert [read.text for read in reads] == [PAYLOAD] * 2
    assert looks == [0, 1, 2]


def test_a_huge_image_is_shrunk_and_boxes_stay_in_its_pixels() -> None:
    code = drawn(PAYLOAD, module=20)
    sheet = on_sheet((code, 4000, 3000), size=(5000, 7000))
    assert sheet.size > MAX_PIXELS
    (read,) = read_codes(sheet)
    assert 4000 < read.box.x0 < read.box.x1 < 4000 + code.shape[1]


@pytest.mark.parametrize("shape", [(0, 0), (0, 10), (1, 1), (1, 300), (300, 1), (40, 40)])
def test_images_without_a_code_yield_nothing(shape: tuple[int, int]) -> None:
    assert read_codes(np.full(shape, 255, dtype=np.uint8)) == ()


def test_noise_yields_nothing() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300), dtype=np.uint8)
    assert read_codes(noise) == ()


TURKISH = "ad:AYŞE ÖĞÜNÇ ıİ"


@pytest.mark.parametrize("decoder", [Zxing, pytest.param(Zbar, marks=needs_zbar), OpenCv])
@pytest.mark.parametrize(
    "content",
    [
        "ad:AYŞE",
        TURKISH,
        "Iğdır",
        "Türk şoförü",
        PAYLOAD,
        "00123",
    ],
)
def test_turkish_text_in_utf_8_is_read_right(decoder: type[Any], content: str) -> None:
    image = on_sheet((drawn(content, encoding="utf-8", eci=False), 100, 100))
    assert [sighting.text for sighting in decoder().read(image)] == [content]


@pytest.mark.parametrize("decoder", [Zxing, pytest.param(Zbar, marks=needs_zbar)])
@pytest.mark.parametrize("content", ["ad:AYŞE", TURKISH, "Iğdır"])
def test_turkish_text_in_windows_1254_is_read_right(decoder: type[Any], content: str) -> None:
    image = on_sheet((drawn(content.encode("cp1254")), 100, 100))
    assert [sighting.text for sighting in decoder().read(image)] == [content]


def test_a_declared_character_set_is_obeyed() -> None:
    image = on_sheet((drawn(TURKISH, encoding="iso-8859-9", eci=True), 100, 100))
    assert read_texts(image) == [TURKISH]


def test_opencv_loses_a_declared_character_set_without_an_error() -> None:
    image = on_sheet((drawn(TURKISH, encoding="iso-8859-9", eci=True), 100, 100))
    assert all(sighting.text for sighting in OpenCv().read(image))


@needs_zbar
def test_zbar_loses_a_series_of_codes_without_an_error() -> None:
    series = segno.make_sequence("part one and part two", symbol_count=2)
    file = io.BytesIO()
    series[0].save(file, kind="png", scale=5, border=4)
    image = on_sheet((load_image(file.getvalue())[0], 50, 50))
    assert Zbar().read(image) == []
    assert len(read_codes(image)) == 1


def test_bytes_that_are_no_text_keep_the_decoders_guess() -> None:
    assert payload_text("日本".encode("shift_jis"), "日本") == "日本"
    assert payload_text(b"a\0b", "a<NUL>b") == "a\0b"
    assert undo_guess("日本") == "日本"
    assert undo_guess("çöü") == "çöü"


def test_a_missing_library_takes_its_rungs_away_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyzbar.pyzbar", None)  # what an absent libzbar0 amounts to: ImportError
    load.cache_clear()
    try:
        assert available_decoders() == ("zxing", "opencv")
        assert read_texts(on_sheet((drawn(PAYLOAD), 100, 100))) == [PAYLOAD]
        zbar_only = next(step for step in STEPS if step.decoders == ("zbar",))
        assert read_step(zbar_only, on_sheet((drawn(PAYLOAD), 100, 100))) == ()
    finally:
        load.cache_clear()


def test_every_step_names_known_decoders() -> None:
    assert {name for step in STEPS for name in step.decoders} == set(DECODERS)
    assert len({(step.decoders, step.suffix) for step in STEPS}) == len(STEPS)


def test_opencv_keeps_to_one_thread() -> None:
    assert cv2.getNumThreads() == 1


# --- real photographs ------------------------------------------------------------------------------------


def photographs() -> Iterator[tuple[str, list[str], int, Grey]]:
    with (SHARED / "qr" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            data = (SHARED / "qr" / row["image"]).read_bytes()
            yield row["image"], json.loads(row["expected"]), int(row["n_codes"]), load_image(data)[0]


@needs_shared
@pytest.mark.shared
@pytest.mark.slow
def test_real_photographs_are_read_and_nothing_is_invented() -> None:
    right = total = 0
    for name, expected, codes, image in photographs():
        found = {read.text.replace("\r\n", "\n") for read in read_codes(image)}
        total += bool(expected)
        right += bool(found & set(expected))
        assert found <= set(expected) or codes > len(expected), name
        assert expected or not any(map(parse_payload, found)), name
    assert total == 209
    assert right >= 206


@needs_shared
@pytest.mark.shared
def test_unreadable_images_of_the_corpus_are_faults() -> None:
    refused = 0
    for path in sorted((SHARED / "corpora" / "images" / "pillow").iterdir()):
        try:
            find_codes_in_images(load_image(path.read_bytes()))
        except Unreadable:
            refused += 1
    assert refused > 20
