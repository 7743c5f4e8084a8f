"""What the largest sound uploads cost: a statement of ten pages, a PDF of two hundred, a photograph of 40 megapixels.

    .venv/bin/python -m benchmarks.sizes [--no-ocr]

All are drawn. Each is read in a fresh child of the sandbox, as in a night: wall and CPU seconds (processes that the
child starts, such as OCR, counted), the child's highest resident memory and that of the largest process it started,
and what it could read. The limits of a child are those of `extractors.sandbox.SandboxLimits`.
"""

import io
import resource
import sys
from collections.abc import Mapping
from datetime import date
from functools import partial
from importlib import import_module
from random import Random

import numpy as np
from PIL import Image

from benchmarks.measured import measured
from extractors.document import read_document
from extractors.facts import Document
from extractors.sandbox import ChildDied, Sandbox, SandboxLimits
from tests.papers import builders, draw, identities, scans, variants
from tests.papers.builders import Job

PHOTO = (5480, 7300)
"""Pixels of the photograph: 40 megapixels."""
LIMITS = SandboxLimits(tasks_per_child=1)
_LAST_MONTH = date(2026, 9, 30)


def statement(jobs: int, years: int) -> bytes:
    """Draw a service statement of so many jobs at a time: a row a month of each."""
    rng = Random(1)
    person = identities.person(rng)
    entry = date(_LAST_MONTH.year - years, 10, 5)
    return draw(
        builders.service_statement(rng, person, [Job(identities.company(rng), entry) for _ in range(jobs)])
    )


def photograph() -> bytes:
    """Photograph an entry declaration with a telephone of 40 megapixels."""
    page = next(scans.pictures(draw(variants.declaration(1)), dpi=280))
    photo, _ = scans.photographed(np.asarray(page), scans.Wear(noise=4, blur=0.6))
    file = io.BytesIO()
    Image.fromarray(photo).resize(PHOTO).convert("RGB").save(file, format="JPEG", quality=85)
    return file.getvalue()


def uploads() -> Mapping[str, bytes]:
    """Draw the uploads."""
    return {
        "statement of ten pages": statement(2, 29),
        "PDF of two hundred pages": statement(40, 33),
        "photograph of 40 megapixels": photograph(),
    }


def largest_helper_mib() -> float:
    """Return the highest resident memory of a process that this one has started and that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def read(data: bytes, name: str, ocr: bool) -> tuple[tuple[Document, ...], float]:
    """Read one upload; return its papers and the memory of the largest process that the reader started."""
    return read_document(data, name, ocr=ocr), largest_helper_mib()


def show(name: str, data: bytes, ocr: bool) -> None:
    """Read one upload in a fresh child and print its line."""
    with Sandbox(1, LIMITS) as box:
        try:
            figures = box.run(measured, partial(read, data, name, ocr))
        except ChildDied as death:
            print(f"{name:30}{len(data) / 1e6:6.1f}  lost: {death.reason} ({death})")
            return
    documents, helper = figures.result
    first = documents[0]
    what = f"{first.kind}, {len(first.records)} rows, {len(first.fields)} fields, text {first.text}"
    what += f", {len(first.qrs)} codes, {len(documents)} papers"
    faults = " ".join(fault.code for fault in first.faults)
    print(
        f"{name:30}{len(data) / 1e6:6.1f}{first.pages:6}{figures.seconds:8.2f}{figures.cpu_seconds:8.2f}"
        f"{figures.peak_mib:7.0f}{helper:8.0f}  {what} {faults}"
    )


def main() -> None:
    """Print the table."""
    ocr = "--no-ocr" not in sys.argv
    print(f"{'upload':30}{'MB':>6}{'pages':>6}{'wall s':>8}{'CPU s':>8}{'MiB':>7}{'helper':>8}")
    for name, data in uploads().items():
        show(name, data, ocr)


if __name__ == "__main__":
    # Children find the functions above by the module's own name, which is not `__main__`.
    import_module("benchmarks.sizes").main()
