"""How fast kanit is, against the pipeline that one would write first and against the least that reading can cost.

    .venv/bin/python -m benchmarks.speed [ROW...] [--quick] [--papers N] [--scans N] [--applications N] [--rounds N]

Rows: `born-digital` and `scans` (reading alone: a zip of one paper goes in, what was read comes out), `night` (folders
of applications; kanit's goes through isolation, rules, registry and Prefect), `cores` (a night on two cores and on
one). All contestants of a row take turns, each on two processes that are warm, and each one's best round counts: the
machine's speed cancels out of the ratios.

A night is counted as `kanit batch --json` counts it, from discovery to the last judgement. What comes once a night,
whatever its length, is told beside: starting Python, Prefect's client and the children. Its server is up already; the
registry knows the people from a night before. OCR is off: the others read no text of pictures either. One application
of ten is faulty.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import drawn, floor, naive, nights
from benchmarks.answers import Answer
from benchmarks.drawn import Inbox, Upload
from extractors.evidence import read_upload
from extractors.facts import Document
from extractors.sandbox import Sandbox
from flows.batch import READERS_PER_WORKER

CORES = 2
ROWS = ("born-digital", "scans", "night", "cores")

Read = Callable[[Sequence[Path]], list[Answer]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is read: papers, scans and applications in all, the naive pipeline's share, rounds."""

    papers: int = 240
    scans: int = 120
    applications: int = 1000
    share: int = 6
    rounds: int = 3


QUICK = Size(papers=24, scans=12, applications=120, share=4, rounds=1)


@dataclass(slots=True)
class Contestant:
    """One way to read uploads, on a share of them (1: all, 6: every sixth), and its best round so far."""

    name: str
    read: Read
    share: int = 1
    answers: list[Answer] | None = None
    rate: float = 0.0

    def run(self, paths: Sequence[Path]) -> None:
        """Read once; keep the pages a second of the best round."""
        chosen = paths[:: self.share]
        started = time.perf_counter()
        self.answers = self.read(chosen)
        pages = sum(answer.pages for answer in self.answers)
        self.rate = max(self.rate, pages / (time.perf_counter() - started))


@contextmanager
def pool_of(function: Callable[[Path], Answer], processes: int = CORES) -> Iterator[Read]:
    """Yield what reads uploads by a function in a pool of warm processes."""
    context = multiprocessing.get_context("forkserver")
    with context.Pool(processes, _be_quiet) as pool:
        yield lambda paths: pool.map(function, paths, chunksize=1)


@contextmanager
def kanit_on(workers: int = CORES) -> Iterator[Read]:
    """Yield what reads uploads as a night does: in the sandbox, a few at a time."""
    with ThreadPoolExecutor(READERS_PER_WORKER * workers) as readers, Sandbox(workers) as sandbox:
        yield lambda paths: list(readers.map(lambda path: _answer(path, sandbox), paths))


def _answer(path: Path, sandbox: Sandbox) -> Answer:
    documents = read_upload(path, sandbox, ocr=False).documents
    codes = frozenset(code.text for document in documents for code in document.codes)
    return Answer(sum(d.pages for d in documents), codes, "\n".join(map(_read_number, documents)))


def _read_number(document: Document) -> str:
    number = document.fields.get("national_id")
    return str(number.value) if number is not None else ""


def _be_quiet() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def reading(title: str, uploads: Sequence[Upload], size: Size, goal: float) -> None:
    """Print the rows of reading alone."""
    paths = [upload.path for upload in uploads]
    with ExitStack() as stack:
        contestants = [
            Contestant("naive", stack.enter_context(pool_of(naive.read_upload)), size.share),
            Contestant("floor", stack.enter_context(pool_of(floor.read_upload))),
            Contestant("kanit", stack.enter_context(kanit_on())),
            Contestant("kanit, one worker", stack.enter_context(kanit_on(1))),
            Contestant("floor, one process", stack.enter_context(pool_of(floor.read_upload, 1))),
        ]
        for contestant in contestants:
            contestant.read(paths[: CORES * 2])
        _take_turns([partial(contestant.run, paths) for contestant in contestants], size.rounds)
    _heading(title)
    rates = {contestant.name: contestant.rate for contestant in contestants}
    for contestant in contestants:
        print(f"  {contestant.name:<20} {contestant.rate:8.1f} pages/s   {_found(contestant, uploads)}")
    _ratio("kanit / naive", rates["kanit"] / rates["naive"], goal)
    _ratio("floor / kanit", rates["floor"] / rates["kanit"], 2.5, at_most=True)
    _ratio("kanit, two workers / one", rates["kanit"] / rates["kanit, one worker"], None)
    _ratio("floor, two processes / one", rates["floor"] / rates["floor, one process"], None)


def _found(contestant: Contestant, uploads: Sequence[Upload]) -> str:
    """Say how many codes and T.C. numbers a contestant found, of those that stand on the papers."""
    read = list(zip(uploads[:: contestant.share], contestant.answers or (), strict=True))
    codes = sum(len(upload.codes & answer.codes) for upload, answer in read)
    numbers = sum(upload.national_id in answer.text for upload, answer in read)
    there = sum(len(upload.codes) for upload, _ in read)
    return f"QR codes {codes} of {there}, T.C. numbers {numbers} of {len(read)}"


@dataclass(slots=True)
class Nights:
    """The nights of one inbox: applications a second of each contestant's best round."""

    inbox: Inbox
    size: Size
    server: str
    rates: dict[str, float]
    starts: list[float]

    def kanit(self, name: str, cores: int) -> None:
        """Run a night of kanit."""
        done = nights.night(self.inbox, self.server, cores)
        self._keep(name, done.rate)
        self.starts.append(done.command - done.seconds)
        told = f"{done.verified} verified, {done.flagged} flagged in {done.seconds:.1f} s"
        print(f"{name}: {told}, the command took {done.command:.1f} s", file=sys.stderr)

    def naive(self) -> None:
        """Run a night of the naive pipeline: unzip, read, insert a row an application."""
        with tempfile.TemporaryDirectory() as home:
            database = Path(home) / "night.db"
            self._pooled("naive", naive.read_upload, self.size.share, partial(naive.store, database))

    def floor(self) -> None:
        """Run a night of the least there is: unzip and read, nothing is kept."""
        self._pooled("floor", floor.read_upload, 1, list)

    def _pooled(
        self,
        name: str,
        read: Callable[[Path], Answer],
        share: int,
        keep: Callable[[Iterable[tuple[str, Answer]]], object],
    ) -> None:
        folders = sorted(self.inbox.path.iterdir())[::share]
        context = multiprocessing.get_context("forkserver")
        with context.Pool(CORES, _be_quiet) as pool:
            pool.map(read, [next(folder.glob("*.zip")) for folder in folders[:CORES]])
            uploads = [(folder.name, upload) for folder in folders for upload in folder.glob("*.zip")]
            started = time.perf_counter()
            answers = pool.imap(read, [upload for _, upload in uploads])
            keep(zip((name for name, _ in uploads), answers, strict=True))
            self._keep(name, len(folders) / (time.perf_counter() - started))

    def _keep(self, name: str, rate: float) -> None:
        self.rates[name] = max(self.rates.get(name, 0.0), rate)


def whole_nights(inbox: Inbox, size: Size, rows: Sequence[str]) -> None:
    """Print the rows of whole nights."""
    with nights.prefect_server() as (server, _):
        run = Nights(inbox, size, server, {}, [])
        turns: list[Callable[[], None]] = [lambda: run.kanit("kanit", CORES)]
        if "night" in rows:
            turns += [run.naive, run.floor]
        if "cores" in rows:
            turns.append(lambda: run.kanit("kanit, one core", 1))
        _take_turns(turns, size.rounds)
    _heading(f"whole night, {inbox.applications} applications with evidence")
    for name, rate in run.rates.items():
        print(f"  {name:<20} {rate:8.1f} applications/s")
    print(f"  kanit's start, once a night: {min(run.starts):.1f} s")
    kanit = run.rates["kanit"]
    if "night" in rows:
        _ratio("kanit / naive", kanit / run.rates["naive"], 15)
        _ratio("floor / kanit", run.rates["floor"] / kanit, 2.5, at_most=True)
    if "cores" in rows:
        _ratio("two cores / one", kanit / run.rates["kanit, one core"], 1.8)


def _take_turns(turns: Sequence[Callable[[], None]], rounds: int) -> None:
    for _ in range(rounds):
        for turn in turns:
            turn()


def _heading(title: str) -> None:
    print(f"\n{title}")


def _ratio(name: str, value: float, goal: float | None, *, at_most: bool = False) -> None:
    met = "" if goal is None else "met" if (value <= goal if at_most else value >= goal) else "MISSED"
    told = "" if goal is None else f"   goal: {'at most' if at_most else 'at least'} {goal:g}   {met}"
    print(f"  {name:<30} {value:6.2f}{told}")


def _options() -> tuple[Size, tuple[str, ...]]:
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="small counts, one round")
    for name in ("papers", "scans", "applications", "share", "rounds"):
        parser.add_argument(f"--{name}", type=int)
    given = vars(parser.parse_args())
    size = QUICK if given.pop("quick") else Size()
    rows = tuple(given.pop("rows")) or ROWS
    chosen: Mapping[str, int] = {name: value for name, value in given.items() if value}
    return Size(
        **{field: chosen.get(field, getattr(size, field)) for field in Size.__dataclass_fields__}
    ), rows


def main() -> None:
    """Print the table."""
    size, rows = _options()
    with tempfile.TemporaryDirectory(prefix="kanit-speed-") as name:
        folder = Path(name)
        if "born-digital" in rows:
            reading("born-digital papers, reading alone", drawn.born_digital(folder, size.papers), size, 25)
        if "scans" in rows:
            reading("scans, reading alone, OCR off", drawn.scanned(folder, size.scans), size, 30)
        if {"night", "cores"} & set(rows):
            whole_nights(drawn.inbox(folder, size.applications), size, rows)


if __name__ == "__main__":
    main()
