"""Pictures of papers become words with places and confidence, and these the fields of the paper."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from extractors import ocr, tesseract
from extractors.facts import Kind
from extractors.layout import Reading, read_layout
from extractors.legibility import only_legible
from extractors.pictures import moved
from extractors.sandbox import Sandbox
from extractors.words import Word
from tests.extractors.scanned_papers import Printed, needs_ocr, printed, read
from tests.papers.scans import Grey, Matrix, Wear, photographed, scanned


def fields(reading: Reading) -> dict[str, object]:
    return {name: found.value for name, found in reading.fields.items()}


def legible(picture: Grey) -> Reading:
    _, page = read(picture)
    return only_legible(read_layout([page]), [page])


def place_of(words: tuple[Word, ...], text: str) -> tuple[float, float]:
    (word,) = (word for word in words if word.text.strip(":") == text)
    return (word.x0 + word.x1) / 2, word.middle


@needs_ocr
def test_a_scanned_declaration_says_what_is_printed() -> None:
    paper = printed("declaration")
    picture, _ = scanned(paper.picture, Wear(skew=2, noise=6, blur=0.4, quality=70))
    found = legible(picture)
    assert found.kind is Kind.ENTRY_DECLARATION
    assert fields(found) == fields(paper.reading)
    assert {kept.method for kept in found.fields.values()} == {"ocr"}


@needs_ocr
def test_the_rows_of_a_scanned_statement_are_read_one_by_one() -> None:
    paper = printed("open job")
    picture, _ = scanned(paper.picture, Wear(skew=-1.5, noise=5, quality=80))
    found = legible(picture)
    expected = {(r.workplace, r.period, r.entry_date, r.exit_date) for r in paper.reading.records}
    clear = [r for r in found.records if not r.doubts]
    assert {(r.workplace, r.period, r.entry_date, r.exit_date) for r in clear} <= expected
    assert len(clear) > 0.8 * len(paper.reading.records)
    assert [place.number for place in found.workplaces] == [p.number for p in paper.reading.workplaces]


@needs_ocr
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_picture_is_turned_upright_by_what_stands_on_it(turns: int) -> None:
    paper = printed("declaration")
    found, page = read(np.ascontiguousarray(np.rot90(paper.picture, turns)))
    assert found.turns == turns
    assert read_layout([page]).fields["start_date"].value == paper.reading.fields["start_date"].value


@needs_ocr
def test_a_mirrored_picture_is_read() -> None:
    paper = printed("declaration")
    _, page = read(np.ascontiguousarray(paper.picture[:, ::-1]))
    assert read_layout([page]).fields["national_id"].value == paper.reading.fields["national_id"].value


def tilted(paper: Printed) -> tuple[Grey, Matrix]:
    return photographed(paper.picture, Wear(noise=4, blur=0.4, quality=80), tilt=0.07, seed=4)


@needs_ocr
def test_a_photograph_on_a_desk_is_read_and_its_words_are_where_they_stand() -> None:
    paper = printed("declaration")
    picture, matrix = tilted(paper)
    found, page = read(picture)
    assert read_layout([page]).fields["start_date"].value == "2026-11-09"
    printed_at = np.array([place_of(paper.page.words, "09.11.2026")]) * 200 / 72
    wanted = moved(printed_at, matrix)[0]
    assert np.hypot(*(place_of(found.words, "09.11.2026") - wanted)) < 8
    assert np.hypot(*(moved(np.array([place_of(found.upright, "09.11.2026")]), found.back)[0] - wanted)) < 8


@needs_ocr
@pytest.mark.parametrize("blur", [2.0, 2.6])
def test_what_is_too_blurred_stays_unread_or_is_right(blur: float) -> None:
    paper = printed("declaration")
    picture, _ = scanned(paper.picture, Wear(noise=12, blur=blur, quality=30))
    found = ocr.read_picture(picture)
    if found is None:
        return
    _, page = read(picture)
    kept = only_legible(read_layout([page]), [page])
    for name in ("national_id", "start_date", "workplace_number"):
        assert name not in kept.fields or kept.fields[name].value == paper.reading.fields[name].value


@needs_ocr
@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (600, 400)])
def test_a_picture_without_writing_has_no_words(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    for picture in (np.full(shape, 255, np.uint8), np.zeros(shape, np.uint8), noise):
        assert ocr.read_picture(picture) is None


def words_of(picture: Grey) -> list[str]:
    """Read a picture; of that, texts leave a child, and arrays do not."""
    found = ocr.read_picture(picture)
    return [word.text for word in found.words] if found is not None else []


@needs_ocr
def test_a_child_that_may_write_no_file_reads() -> None:
    with Sandbox(1) as sandbox:
        words = sandbox.run(words_of, printed("declaration").picture)
    assert any("09.11.2026" in word for word in words)


def test_missing_data_is_told_from_a_missing_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tesseract, "_DATA_FOLDERS", (str(tmp_path),))
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    assert ocr.why_not() == "language"
    assert not ocr.available()
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    assert ocr.why_not() == "engine"


def test_the_named_folder_of_data_goes_before_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tessdata").mkdir()
    (tmp_path / "tessdata" / "tur.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert tesseract.data_folder() == tmp_path / "tessdata"
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path / "tessdata"))
    assert tesseract.data_folder() == tmp_path / "tessdata"


def test_reading_papers_with_text_loads_no_tesseract() -> None:
    code = "import sys, extractors.document; sys.exit('tesserocr' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
