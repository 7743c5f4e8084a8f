"""Whether memory stays flat while thousands of documents are read.

    .venv/bin/python -m benchmarks.memory [DOCUMENTS]

Reads a few synthetic papers of one page by turns in the sandbox with 2 children, DOCUMENTS times in all (20,000 unless
told otherwise). After every thousand: resident memory of the program and the highest of a child, in MiB, and documents
a second. At the end the slopes, in KiB a thousand documents, by least squares over what follows the first two
thousand: until then caches fill. A reader that leaked 1 kB a document would show 1,000.

Children are replaced after some hundred tasks, as always; `--one-child-life` keeps them to the end, so that what the
native readers leak by themselves shows.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from benchmarks.measured import Measured, measured
from extractors.document import read_document
from extractors.facts import Document
from extractors.sandbox import Sandbox, SandboxLimits
from tests.papers import draw, variants
from tests.papers.style import Style

DOCUMENTS = 20_000
EVERY = 1_000
CHILDREN = 2
UNDER_WAY = 64
"""Calls that wait in the sandbox at a time."""
_MIB = 1 << 20

Answer = Measured[tuple[Document, ...]]
Sample = tuple[float, float, float]
"""Thousands of documents, MiB of the program, MiB of the highest child."""


def papers() -> list[bytes]:
    """Draw cheap papers: declarations and short statements, by two engines."""
    return [
        draw(variants.ALL[name](seed), Style(), "reportlab" if seed % 2 else "fpdf")
        for seed, name in enumerate(("declaration", "open job", "older edition", "short term", "exit"))
    ]


def resident_mib(process: int) -> float:
    """Return the resident memory of a process, 0 when it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def slope(samples: Sequence[Sample], column: int) -> float:
    """Return the growth in KiB a thousand documents."""
    settled = [sample for sample in samples if sample[0] > 2] or list(samples)
    if len(settled) < 2:
        return float("nan")
    return float(np.polyfit([s[0] for s in settled], [s[column] for s in settled], 1)[0]) * 1024


def read_all(box: Sandbox, count: int) -> list[Sample]:
    """Read so many documents and print a line for every thousand."""
    under_way: deque[Future[Answer]] = deque()
    samples: list[Sample] = []
    processes: set[int] = set()
    started = time.perf_counter()
    for done, paper in enumerate(islice(cycle(papers()), count), 1):
        under_way.append(box.submit(measured, partial(read_document, paper, "paper.pdf", ocr=False)))
        if len(under_way) >= UNDER_WAY or done == count:
            while len(under_way) >= (UNDER_WAY if done < count else 1):
                answer = under_way.popleft().result()
                assert not answer.result[0].faults
                processes.add(answer.process)
        if done % EVERY == 0:
            child = max(map(resident_mib, processes), default=0.0)
            samples.append((done / 1000, resident_mib(os.getpid()), child))
            speed = EVERY / (time.perf_counter() - started)
            print(f"{done:9,}{samples[-1][1]:10.1f}{child:10.1f}{speed:10.0f}{len(processes):10}", flush=True)
            started, processes = time.perf_counter(), set()
    return samples


def main() -> None:
    """Print the table."""
    numbers = [argument for argument in sys.argv[1:] if argument != "--one-child-life"]
    count = int(numbers[0]) if numbers else DOCUMENTS
    limits = SandboxLimits(tasks_per_child=count) if "--one-child-life" in sys.argv else SandboxLimits()
    print(f"{'documents':>9}{'program':>10}{'child':>10}{'a second':>10}{'children':>10}")
    with Sandbox(CHILDREN, limits) as box:
        samples = read_all(box, count)
    print(f"growth in KiB a thousand: program {slope(samples, 1):.0f}, child {slope(samples, 2):.0f}")


if __name__ == "__main__":
    main()
