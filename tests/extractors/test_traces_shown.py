"""When a value counts as not shown by its page: neither for one misread digit or letter nor for a mark over a word."""

import numpy as np
import pytest

from extractors import traces, traces_shown
from extractors.facts import Box, TraceKind
from extractors.qr_decoders import Grey
from extractors.traces_shown import shown_traces
from extractors.traces_values import Value
from extractors.words import Word
from tests.extractors.traced import START, START_SEEN, kinds, needs_ocr, read, start_of
from tests.papers import forgeries
from tests.papers.variants import closed_job, declaration


@pytest.mark.parametrize(
    ("name", "seen", "told"),
    [
        ("national_id", "10000000178", False),
        ("national_id", "10000000146", True),
        ("start_date", "10000000178", True),
    ],
)
def test_one_digit_of_a_number_with_check_digits_was_misread(
    monkeypatch: pytest.MonkeyPatch, name: str, seen: str, told: bool
) -> None:
    monkeypatch.setattr(traces_shown, "_read", lambda values, *_: [seen] * len(values))
    word = Word("10000000078", 10, 10, 60, 20)
    value = Value(name, 1, word.box, (word,))
    found = list(shown_traces([value], lambda *_: np.tile(np.array([0, 255], np.uint8), (20, 30)), ocr=True))
    assert [trace.kind for trace in found] == [TraceKind.SHOWS_OTHERWISE] * told


@pytest.mark.parametrize(("hidden_word", "told"), [("VE", False), ("2026", True)])
def test_a_mark_over_one_short_word_of_a_title_is_no_trace(hidden_word: str, told: bool) -> None:
    texts = ("ÖRNEK", "BAKIM", hidden_word, "ONARIM")
    words = tuple(Word(text, 50 * n, 10, 50 * n + 40, 20) for n, text in enumerate(texts))

    def draw_all_but_one(_page: int, _dpi: float, box: Box) -> Grey:
        image = np.tile(np.array([0, 255], np.uint8), (20, 300))
        scale = image.shape[1] / (box.x1 - box.x0)
        image[:, int(98 * scale) : int(142 * scale)] = 255
        return image

    value = Value("employer_title", 1, Box(0, 10, 190, 20), words)
    assert bool(list(shown_traces([value], draw_all_but_one, ocr=False))) is told


@needs_ocr
@pytest.mark.parametrize("shown", ["03.11.2026", "09.10.2026"])
def test_a_font_that_shows_other_digits_than_it_says_is_found(shown: str) -> None:
    glyphs = {said: seen for said, seen in zip(START, shown, strict=True) if said != seen}
    shown = "".join(glyphs.get(letter, letter) for letter in START)
    forged = forgeries.draw_forged(declaration(0), START, forgeries.misread(shown))
    document = read(forged, ocr=True)
    assert kinds(document) == {TraceKind.SHOWS_OTHERWISE: "start_date"}
    assert start_of(document) == START_SEEN
    assert shown not in str(document.traces)
    assert kinds(read(forged, ocr=False)) == {}


def test_without_ocr_on_the_machine_ink_is_asked_for_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "why_not", lambda: "engine")
    assert (
        kinds(read(forgeries.draw_forged(declaration(0), START, forgeries.misread("03.11.2026")), ocr=True))
        == {}
    )
    assert TraceKind.NO_INK in kinds(
        read(forgeries.draw_forged(declaration(0), START, forgeries.clipped), ocr=True)
    )


@needs_ocr
def test_an_exit_date_that_a_font_shows_otherwise_makes_its_row_doubtful() -> None:
    forged = forgeries.draw_forged(closed_job(0), "30.06.2026", forgeries.misread("50.06.2026"))
    document = read(forged, ocr=True)
    assert kinds(document) == {TraceKind.SHOWS_OTHERWISE: "records"}
    assert [bool(record.doubts) for record in document.records].count(True) == 1
    assert document.records[-1].doubts == ("not what the page shows: records",)


@needs_ocr
@pytest.mark.parametrize(
    ("name", "seen"), [("given_name", "FATMAN"), ("family_name", "KAYAKI"), ("employer_title", "BALAYA")]
)
def test_a_font_that_shows_another_name_than_it_says_is_found(name: str, seen: str) -> None:
    """md. 6(3)(d): the person and the employer are those that the page shows."""
    paper = declaration(0)
    said = {
        "given_name": paper.person.given_name,
        "family_name": paper.person.family_name,
        "employer_title": paper.printed_title,
    }[name]
    shown = said.translate(str.maketrans(said.split()[0], seen))
    forged = forgeries.draw_forged(paper, said, forgeries.misread(shown))
    document = read(forged, ocr=True)
    assert kinds(document) == {TraceKind.SHOWS_OTHERWISE: name}
    assert document.fields[name].value is None
    assert kinds(read(forged, ocr=False)) == {}


@needs_ocr
def test_a_scribble_over_a_name_is_no_other_name() -> None:
    for seed in range(6):
        paper = declaration(seed)
        forged = forgeries.draw_forged(paper, paper.person.family_name, forgeries.scribbled)
        assert kinds(read(forged, ocr=True)) == {}


@pytest.mark.parametrize(
    ("printed", "seen", "told"),
    [
        ("MEHMET", "AHMET", True),
        ("AYŞE", "FATMA", True),
        ("Işık", "UFUK", True),
        ("ŞİRKETİ", "SIRKETI", False),
        ("ÖMER", "OMEF", False),
        ("LİMİTED", "LYMYTED", False),
        ("ŞÜKRAN", "PUKRAN", False),
        ("ŞÜKRAN", "KRAN", False),
        ("ŞÜKRAN", "", False),
        ("EĞİTİM", "ETM", False),
        ("DAĞÇİÇEĞİ", "DACCEF", False),
        ("A.Ş.", "LTD", False),
        ("1467853", "UFUK", False),
    ],
)
def test_a_word_must_be_another_word(
    monkeypatch: pytest.MonkeyPatch, printed: str, seen: str, told: bool
) -> None:
    monkeypatch.setattr(
        traces_shown, "_read_words", lambda parts, *_: [traces_shown._Seen(seen, 0.9)] * len(parts)
    )
    monkeypatch.setattr(traces_shown, "_read", lambda values, *_: ["1467853"] * len(values))
    word = Word(printed, 10, 10, 60, 20)
    value = Value("given_name", 1, word.box, (word,))
    found = list(shown_traces([value], lambda *_: np.tile(np.array([0, 255], np.uint8), (20, 30)), ocr=True))
    assert [trace.kind for trace in found] == [TraceKind.SHOWS_OTHERWISE] * told


@pytest.mark.parametrize(
    ("readings", "told"),
    [
        ([("AHMET", 0.2), ("AHMET", 0.9), ("AHMET", 0.3)], True),
        ([("AHMET", 0.9), ("AHMET", 0.6), ("AHMET", 0.6)], False),
        ([("AHMET", 0.9), ("AHMET", 0.9), ("HASAN", 0.9)], False),
        ([("AHMET", 0.9), ("MEHMET", 0.9), ("MEHMET", 0.9)], False),
    ],
)
def test_only_two_surer_readings_that_agree_make_another_word(
    monkeypatch: pytest.MonkeyPatch, readings: list[tuple[str, float]], told: bool
) -> None:
    left = iter(readings)
    monkeypatch.setattr(traces_shown, "_read_words", lambda *_: [traces_shown._Seen(*next(left))])
    word = Word("MEHMET", 10, 10, 60, 20)
    value = Value("family_name", 1, word.box, (word,))
    found = list(shown_traces([value], lambda *_: np.tile(np.array([0, 255], np.uint8), (20, 30)), ocr=True))
    assert bool(found) is told
