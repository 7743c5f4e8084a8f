"""Synthetic e-Devlet papers and sample applications, for tests and `kanit demo`.

Nobody and nothing in them exists: numbers pass their check digits, names say that they are examples, and
every drawn file names itself a sample in its metadata.

Entry points:

- `draw(paper, style, engine)`: a paper as PDF bytes. Engines: `reportlab`, `fpdf`, and `html` where a Chromium
  is installed (`with_html.browser()` tells).
- `variants.ALL`, `.STATEMENTS`, `.DECLARATIONS`, `.OTHERS`: every variant of every paper, name → function of a
  seed. `builders`: papers from people, jobs and dates; change them with `dataclasses.replace`.
- `style.Style`, `style.any_style(seed)`: how a paper is drawn, never what it says.
- `identities.person(rng)`, `.company(rng)`, `.national_id(rng)`, ...: invented and valid.
- `scans`, `archives`: what becomes of PDFs and zips on their way; `with_reportlab.draw_protected`: passwords.
- `inbox.write_application(inbox, application)`: one inbox folder.
- `inbox.write_sample_inbox(inbox, count, seed, now)`: a deterministic mixture; returns `applications.Expected`
  records. `cases.SOUND` and `cases.FAULTY` name the cases; `only=[...]` writes chosen ones.
- `comparison.differences(expected, report)`: what a report of `kanit verify --json` says otherwise.

The package imports neither pytest nor anything that is not in the project's `demo` extra.
"""

from importlib import import_module
from typing import Literal, cast

from tests.papers.model import Paper
from tests.papers.style import Style

Engine = Literal["reportlab", "fpdf", "html"]


def draw(paper: Paper, style: Style | None = None, engine: Engine = "reportlab") -> bytes:
    """Return the paper as a PDF drawn by that engine; only that engine is imported."""
    return cast("bytes", import_module(f"tests.papers.with_{engine}").draw(paper, style or Style()))
