"""When a value counts as not shown by its page: what one misread digit, or a mark over one word, must not do."""

import numpy as np
import pytest

from extractors import traces_shown
from extractors.facts import Box, TraceKind
from extractors.qr_decoders import Grey
from extractors.traces_shown import shown_traces
from extractors.traces_values import Value
from extractors.words import Word


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
    monkeypatch.setattr(traces_shown, "_read", lambda values: [seen] * len(values))
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
