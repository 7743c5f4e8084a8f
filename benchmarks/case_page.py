"""How long an officer waits for a case: that of a statement of ten pages, opened for the first and the second time.

    .venv/bin/python -m benchmarks.case_page [ROUNDS]

A registry in a folder of its own holds one application whose zip has the statement; the evidence lies sealed in its
store. The review application runs as an officer has it, and a client does what a browser does: it asks for the case
page, then for the first page to be read and for the strip of all pages, one after the other. For a first opening the
statement is found in its zip, every page is drawn by the sandbox at two widths and kept sealed; a second opening finds
them there. Both are told in milliseconds and as multiples of what PDFium alone takes, in this process, to draw one page
at the same width, which says how busy the machine is. The median of ROUNDS openings (5 unless told otherwise) of each
kind; a first opening must stay under `LIMIT`.
"""

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import pypdfium2

from benchmarks.sizes import statement
from extractors.document import read_document
from extractors.page_views import READING_WIDTH, STRIP_WIDTH
from extractors.sandbox import Sandbox
from review.cache import PageCache
from review.desk import Desk
from storage.desk.accounts import Role
from storage.evidence import PAGES_FOLDER
from storage.settings import load_settings
from tests.review.papers_desk import ID, digest, enter
from tests.review.visiting import Visitor, running

LIMIT = 0.5
"""Seconds in which a case page must be open."""
PAGES = 10
_ROUNDS = 5

_pdfium: Any = pypdfium2  # it has no annotations


def timed(function: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def plain_page(data: bytes) -> None:
    """Draw the first page with PDFium alone."""
    page = _pdfium.PdfDocument(data)[0]
    page.render(scale=READING_WIDTH / page.get_width()).to_numpy()


def open_case(officer: Visitor) -> None:
    """Open the case as a browser does."""
    page = officer.get(f"/cases/{ID}")
    assert page.status_code == 200, page.status_code
    pictures = set(re.findall(r'src="(/cases/[^"]*/pages/[^"]*)"', page.text))
    seen = {unescape(each) for each in pictures if f"w={STRIP_WIDTH}" in each or "/pages/1?" in each}
    assert len(seen) == PAGES + 1
    for address in seen:
        assert officer.get(address).status_code == 200


def measure(desk: Desk, data: bytes, rounds: int) -> dict[str, float]:
    """Return the median seconds of a plain page, of first openings and of second ones."""
    files = {"hizmet.pdf": data}
    with Sandbox(1) as box:
        read = box.run(read_document, data, "hizmet.pdf")
    upload = digest(enter(desk, desk.settings.home, files, *read))
    cache = PageCache(desk.settings.home / PAGES_FOLDER, desk.database.keys)
    officer = Visitor(desk).log_in(Role.REVIEWER, "officer")
    seconds: dict[str, list[float]] = {"one page by PDFium": [], "first opening": [], "second opening": []}
    open_case(officer)  # starts the children
    for _ in range(rounds):
        cache.forget(upload)
        seconds["one page by PDFium"].append(timed(lambda: plain_page(data)))
        seconds["first opening"].append(timed(lambda: open_case(officer)))
        seconds["second opening"].append(timed(lambda: open_case(officer)))
    officer.close()
    return {name: statistics.median(each) for name, each in seconds.items()}


def main() -> None:
    """Print the table; end with 1 where an opening takes too long."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else _ROUNDS
    with (
        tempfile.TemporaryDirectory() as folder,
        running(load_settings(home=Path(folder, "kanit"))) as served,
    ):
        found = measure(served.desk, statement(2, 29), rounds)
    plain = found["one page by PDFium"]
    print(f"{'':24}{'ms':>8}{'x one page':>12}")
    for name, seconds in found.items():
        print(f"{name:24}{seconds * 1000:8.1f}{seconds / plain:12.1f}")
    sys.exit(int(found["first opening"] > LIMIT))


if __name__ == "__main__":
    # The children of the sandbox find functions by their module's own name, which is not `__main__`.
    import_module("benchmarks.case_page").main()
