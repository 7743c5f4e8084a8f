"""How bytes and words are mutated."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from extractors.words import PageText, Word

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_ODD_NUMBERS = (
    b"0",
    b"-1",
    b"1",
    b"2",
    b"65536",
    b"2147483648",
    b"4294967296",
    b"9" * 30,
    b"-9.9",
    b".",
    b"",
)
_ODD_WORDS = (
    *(
        "2026/9",
        "2026/",
        "9",
        "01.01.2026",
        "31.02.2026",
        "28.10.20",
        "25",
        "Asıl",
        "İPTAL",
        "İptal",
        "4a",
        "*4a",
    ),
    *(
        "TOPLAM",
        "Barkod No:",
        "Adı Soyadı :",
        "10000000146",
        "12345678901",
        "İşyeri Ünvan Listesi",
        ":",
        "²³",
        "\u202e",
    ),
    *("Sigortalı İşe Giriş Bildirgesi", "Uzun Vade Hizmet Dökümü", "01/11/2026 12:30", "0012345", "1.234,50"),
)


@st.composite
def mutated_bytes(draw: st.DrawFn, seeds: Callable[[], Sequence[bytes]], most: int = 6) -> bytes:
    """Draw one of the seeds with a few places cut, doubled, moved or overwritten."""
    data = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, most))):
        place = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from((0, 1, 2, 4, 16, 200)))
        kind = draw(st.sampled_from(("replace", "double", "move", "cut")))
        piece = bytes(data[place : place + length])
        if kind == "replace":
            data[place : place + length] = draw(st.binary(max_size=max(4, length)))
        elif kind == "double":
            data[place:place] = piece * draw(st.sampled_from((1, 2, 50)))
        elif kind == "move":
            del data[place : place + length]
            other = draw(st.integers(0, len(data)))
            data[other:other] = piece
        else:
            del data[place : place + length]
    return bytes(data)


@st.composite
def mutated_numbers(draw: st.DrawFn, seeds: Callable[[], Sequence[bytes]], most: int = 6) -> bytes:
    """Draw one of the seeds with a few of the numbers in its text replaced: lengths, sizes, references."""
    data = draw(st.sampled_from(seeds()))
    for _ in range(draw(st.integers(1, most))):
        numbers = list(_NUMBER.finditer(data))
        if not numbers:
            break
        found = draw(st.sampled_from(numbers))
        small = st.integers(0, 30).map(lambda number: b"%d" % number)
        data = data[: found.start()] + draw(st.sampled_from(_ODD_NUMBERS) | small) + data[found.end() :]
    return data


def texts() -> st.SearchStrategy[str]:
    """Texts of words: those that mean something to a layout, and any others without spaces at their ends."""
    free = st.text(min_size=1, max_size=12).map(str.strip).filter(bool)
    return st.sampled_from(_ODD_WORDS) | free


def words() -> st.SearchStrategy[Word]:
    """Words of any text, anywhere on a page of A4 or beside it."""
    place = st.floats(-50, 900, width=32) | st.sampled_from((0.0, 100.0, 100.5, 500.0))
    size = st.floats(0, 60, width=32) | st.sampled_from((8.0, 10.0))
    return st.builds(
        lambda text, x, y, width, height: Word(text, x, y, x + width, y + height),
        texts(),
        place,
        place,
        size,
        size,
    )


def any_pages() -> st.SearchStrategy[tuple[PageText, ...]]:
    """Pages of any words."""
    page = st.lists(words(), max_size=25).map(tuple)
    return st.lists(page, max_size=3).map(
        lambda pages: tuple(PageText(number, 595, 842, words) for number, words in enumerate(pages, 1))
    )


@st.composite
def mutated_pages(
    draw: st.DrawFn, seeds: Callable[[], Sequence[tuple[PageText, ...]]]
) -> tuple[PageText, ...]:
    """Draw a paper of which a few words were lost, doubled, moved, glued, parted or misread."""
    pages = [list(page.words) for page in draw(st.sampled_from(seeds()))]
    for _ in range(draw(st.integers(1, 12))):
        page = draw(st.sampled_from(pages))
        if page:
            _mutate(draw, page)
    order = draw(st.permutations(range(len(pages)))) if draw(st.booleans()) else range(len(pages))
    return tuple(PageText(number, 595, 842, tuple(pages[index])) for number, index in enumerate(order, 1))


def _mutate(draw: st.DrawFn, page: list[Word]) -> None:
    index = draw(st.integers(0, len(page) - 1))
    word = page[index]
    match draw(st.sampled_from(("lose", "double", "move", "glue", "part", "misread", "exchange", "add"))):
        case "lose":
            del page[index]
        case "double":
            page.append(_moved(word, draw(st.floats(-40, 40)), draw(st.floats(-40, 40))))
        case "move":
            page[index] = _moved(word, draw(st.floats(-300, 300)), draw(st.floats(-300, 300)))
        case "glue":
            next_one = page.pop(draw(st.integers(0, len(page) - 1)))
            page.append(replace(word, text=word.text + next_one.text, x1=max(word.x1, next_one.x1)))
        case "part" if len(word.text) > 1:
            cut = draw(st.integers(1, len(word.text) - 1))
            middle = word.x0 + (word.x1 - word.x0) * cut / len(word.text)
            page[index] = replace(word, text=word.text[:cut], x1=middle)
            page.append(replace(word, text=word.text[cut:], x0=middle))
        case "misread":
            page[index] = replace(word, text=draw(texts()))
        case "exchange":
            other = draw(st.integers(0, len(page) - 1))
            page[index], page[other] = (
                replace(word, text=page[other].text),
                replace(page[other], text=word.text),
            )
        case _:
            page.append(draw(words()))


def _moved(word: Word, x: float, y: float) -> Word:
    return replace(word, x0=word.x0 + x, x1=word.x1 + x, y0=word.y0 + y, y1=word.y1 + y)
