"""Drawing as HTML that a Chromium prints: tests use it where there is one.

The browser starts with an empty profile and without network services. Its PDFs tell the moment of printing:
the text is the same for the same paper and style, the bytes are not.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.papers.html_pages import page
from tests.papers.model import Paper
from tests.papers.style import Style

NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # the sandbox cannot start as root in a container; the page is our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)
_SECONDS = 60


def browser() -> Path | None:
    """Return the Chromium of this machine, or None."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def draw(paper: Paper, style: Style) -> bytes:
    """Return the paper as a PDF. Raises `FileNotFoundError` where there is no Chromium."""
    program = browser()
    if program is None:
        raise FileNotFoundError(f"none of {', '.join(NAMES)} is on the PATH")
    return print_page(page(paper, style), program)


def print_page(html: str, program: Path) -> bytes:
    """Print a page with that Chromium; raises `subprocess.SubprocessError` when it fails."""
    with tempfile.TemporaryDirectory(prefix="papers-") as name:
        folder = Path(name)
        source, target = folder / "page.html", folder / "page.pdf"
        source.write_text(html, encoding="utf-8")
        command = [
            str(program),
            *_FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={target}",
            source.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        return target.read_bytes()
