"""What becomes of other projects' odd, damaged and hostile files.

    .venv/bin/python -m benchmarks.corpora FOLDER [--no-ocr]

FOLDER holds `corpora` (zips, PDFs and images, with the label of each in `MANIFEST.tsv`) and `qr` (photographs).
PDFs and images are read as `kanit read` does, zips walked as `kanit unpack` does; of those that are not refused
every member is read too. Every call has a child of its own, so that the memory is its own.

Columns: files; read; wrongly refused and wrongly read, by the label; the slowest file; the highest memory of a child;
how many were refused with which code. An archive in which there is nothing to read (ARCHIVE_EMPTY) counts as read:
most of these archives hold text. Below the table: every file that is against its label, and every child that was
lost (crash, time, memory) or stopped by an exception that kanit does not know.
"""

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import ParamSpec, TypeAlias

from benchmarks.measured import measured
from extractors.archive import ArchiveRefused, Member, list_members, read_member
from extractors.document import read_document
from extractors.facts import Document
from extractors.sandbox import ChildDied, ChildFailed, Sandbox, SandboxLimits
from tests.extractors.archive.labels import DISAGREEMENTS, SOUND

MUST_BE_READ = frozenset({"benign", "qr", "qr(+expected .txt)", "barcode", "text-layout", "photograph"})
"""Labels of PDFs and images that leave no choice; odd and damaged ones may be read or refused."""
P = ParamSpec("P")
Answer: TypeAlias = tuple[Document, ...] | tuple[Member, ...] | str
"""What a call gave, or the code of its refusal."""
LOCKED = ("user-password", "both-passwords", "password-is-test", "U=view", "U=wwwww", "six/aes-", "six/rc4-")
"""Parts of the names of PDFs that do not open without a password."""


@dataclass
class Row:
    """The line of one label."""

    files: int = 0
    read: int = 0
    wrongly_refused: int = 0
    wrongly_read: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    peak_mib: float = 0.0


class Tally:
    """The table, and what is worth a line of its own."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.against: list[str] = []
        self.lost: list[str] = []

    def row(self, group: str) -> Row:
        """Return the line of a group."""
        return self.rows.setdefault(group, Row())

    def answer(self, group: str, name: str, code: str, expected: bool | None) -> None:
        """Enter the answer for one file: an empty code where it was read; `expected` None where either is right."""
        row = self.row(group)
        row.files += 1
        row.read += not code
        row.codes[code] += bool(code)
        if expected is not None and expected == bool(code):
            row.wrongly_refused += bool(code)
            row.wrongly_read += not code
            self.against.append(f"{name}: {code or 'read'}")


@dataclass(frozen=True)
class Run:
    """The sandbox, what it is to do, and where the answers go."""

    box: Sandbox
    tally: Tally
    ocr: bool

    def call(
        self, group: str, name: str, function: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs
    ) -> Answer:
        """Make one measured call; return its result, or the code that stands for its failure."""
        try:
            figures = self.box.run(measured, partial(function, *args, **kwargs))
        except ArchiveRefused as refusal:
            return refusal.fault.code.value
        except ChildDied as death:
            self.tally.lost.append(f"{name}: {death if isinstance(death, ChildFailed) else death.reason}")
            return f"child: {death.reason}"
        row = self.tally.row(group)
        row.slowest = max(row.slowest, (figures.seconds, name))
        row.peak_mib = max(row.peak_mib, figures.peak_mib)
        return figures.result


def read(path: Path, ocr: bool) -> tuple[Document, ...]:
    """Read one file as `kanit read` does."""
    return read_document(path.read_bytes(), path.name, ocr=ocr)


def read_member_of(path: Path, member: Member, ocr: bool) -> tuple[Document, ...]:
    """Read one file of an archive."""
    return read_document(read_member(path, member.locator), member.path, ocr=ocr)


def code_of(answer: Answer) -> str:
    """Return why something was not read, empty where it was."""
    if isinstance(answer, str):
        return answer
    faults = [fault for found in answer if isinstance(found, Document) for fault in found.faults]
    return faults[0].code.value if faults else ""


def try_document(run: Run, path: Path, group: str, label: str) -> None:
    code = code_of(run.call(group, path.name, read, path, run.ocr))
    locked = any(part in str(path) for part in LOCKED)
    free = path.suffix == ".txt" or (not locked and label not in MUST_BE_READ)
    run.tally.answer(group, path.name, code, None if free else not locked)


def try_archive(run: Run, path: Path, group: str, label: str) -> None:
    name = f"{path.parent.name}/{path.name}"
    found = run.call(group, name, list_members, path)
    run.tally.answer(group, name, code_of(found), label in SOUND)
    for member in found:
        if isinstance(member, Member):
            run.call(group, f"{name} {member.locator}", read_member_of, path, member, run.ocr)


def labelled(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file with its label."""
    with (folder / "corpora" / "MANIFEST.tsv").open(newline="", encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            yield folder / "corpora" / row["file"], row["label"]
    with (folder / "qr" / "manifest.csv").open(newline="", encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest):
            yield folder / "qr" / row["image"], "photograph"


def show(tally: Tally) -> None:
    head = ("kind", "files", "read", "refused", "-read", "seconds", "MiB")
    print("{:32}{:>6}{:>6}{:>9}{:>7}{:>9}{:>6}  codes".format(*head))
    for group, row in sorted(tally.rows.items()):
        codes = ", ".join(f"{code} {count}" for code, count in row.codes.most_common() if count)
        print(
            f"{group:32}{row.files:6}{row.read:6}{row.wrongly_refused:9}{row.wrongly_read:7}"
            f"{row.slowest[0]:9.2f}{row.peak_mib:6.0f}  {codes}"
        )
    rows = tally.rows.values()
    slowest = max(row.slowest for row in rows)
    print(f"all: {sum(row.files for row in rows)} files, {sum(row.read for row in rows)} read, ", end="")
    print(f"{sum(row.wrongly_refused for row in rows)} wrongly refused, ", end="")
    print(f"{sum(row.wrongly_read for row in rows)} wrongly read, {len(tally.lost)} children lost; ", end="")
    print(f"slowest {slowest[1]} {slowest[0]:.1f} s, peak {max(row.peak_mib for row in rows):.0f} MiB")


def listed(title: str, lines: Iterable[str]) -> None:
    print(f"{title}:")
    for line in lines or ["none"]:
        reason = DISAGREEMENTS.get(line.partition(":")[0], "")
        print(f"  {line}{f' ({reason})' if reason else ''}")


def main() -> None:
    """Read everything and print the table."""
    folders = [Path(argument) for argument in sys.argv[1:] if argument != "--no-ocr"]
    if len(folders) != 1:
        sys.exit(__doc__)
    tally = Tally()
    with Sandbox(1, SandboxLimits(tasks_per_child=1)) as box:
        run = Run(box, tally, ocr="--no-ocr" not in sys.argv)
        for path, label in labelled(folders[0]):
            kind = path.relative_to(folders[0]).parts[1]
            group = "photographs" if label == "photograph" else f"{kind}: {label}"
            (try_archive if kind == "zips" else try_document)(run, path, group, label)
    show(tally)
    listed("against the label", tally.against)
    listed("lost children and unknown exceptions", tally.lost)


if __name__ == "__main__":
    # Children find the functions above by the module's own name, which is not `__main__`.
    import_module("benchmarks.corpora").main()
