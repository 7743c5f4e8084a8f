"""Behind the walls papers are read as outside: no reader needs what is refused there."""

from collections.abc import Callable, Iterator

import pytest

from extractors import ocr
from extractors.document import read_document, second_opinion
from extractors.qr_decoders import available_decoders
from extractors.sandbox import Sandbox
from tests.extractors.signing import signed
from tests.papers import draw, scans, variants

PAPER = draw(variants.declaration(1))
needs_ocr = pytest.mark.skipif(
    not ocr.available(), reason="Tesseract with Turkish data is not on this machine"
)

KINDS: dict[str, Callable[[], bytes]] = {
    "declaration.pdf": lambda: PAPER,
    "statement.pdf": lambda: draw(variants.open_job(1)),
    "letter.pdf": lambda: draw(variants.letter(1)),
    "signed.pdf": lambda: signed(PAPER),
    "scan.pdf": lambda: scans.image_only(PAPER),
    "damaged.pdf": lambda: scans.truncated(PAPER),
    "photo.jpg": lambda: scans.as_image(PAPER),
    "photo.png": lambda: scans.as_image(PAPER, "PNG"),
    "photo.tiff": lambda: scans.as_image(PAPER, "TIFF"),
    "photo.webp": lambda: scans.as_image(PAPER, "WEBP"),
    "nothing.pdf": lambda: b"%PDF-1.7\n",
    "nothing": lambda: b"nothing",
}


@pytest.fixture(scope="module", params=["forkserver", "fork"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(1, start_method=request.param) as box:
        yield box


@pytest.mark.parametrize("name", KINDS)
def test_a_paper_is_read_as_outside(name: str, sandbox: Sandbox) -> None:
    data = KINDS[name]()
    assert sandbox.run(read_document, data, name, ocr=False) == read_document(data, name, ocr=False)


@needs_ocr
def test_a_scan_is_recognised_as_outside(sandbox: Sandbox) -> None:
    data = scans.image_only(PAPER)
    assert sandbox.run(read_document, data, "scan.pdf") == read_document(data, "scan.pdf")


def test_the_second_reader_works_there(sandbox: Sandbox) -> None:
    (first,) = read_document(PAPER, "a.pdf")
    assert sandbox.run(second_opinion, PAPER, first) == second_opinion(PAPER, first)


def test_every_decoder_of_the_machine_works_there(sandbox: Sandbox) -> None:
    """ZBar's binding looks for its library by running programs, unless it is told where."""
    assert sandbox.run(available_decoders) == available_decoders()
