"""What each step of the QR ladder reads and costs, on real photographs and on hard pictures drawn here.

    .venv/bin/python -m benchmarks.qr_photos FOLDER [PICTURES_OF_EACH_KIND [SEED]]

FOLDER holds `manifest.csv` (image, expected: JSON list of payloads, n_codes) and the images. The hard pictures
come from `qr_hard`, 20 of each kind unless told otherwise, seed 1. A step sees the images in which no step before it
read anything, as in the ladder. Columns: images it saw; images with a code in which it added a right payload; texts
that are in no code of a completely labelled image; CPU milliseconds per image it saw. Line ends are compared as one
character: upstream's labels have lost the carriage returns.
"""

import csv
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.qr_hard import pictures
from extractors.images import load_image
from extractors.qr import available_decoders
from extractors.qr_decoders import Grey, load_all
from extractors.qr_ladder import PAGE_BUDGET, read_codes, read_step
from extractors.qr_steps import STEPS, Step


@dataclass(frozen=True)
class Picture:
    """One image with the payloads it is known to hold; `complete` when no other code is in it."""

    name: str
    image: Grey
    expected: frozenset[str]
    complete: bool = True

    def false(self, texts: set[str]) -> set[str]:
        """Return those of the texts that no code of this image holds."""
        return texts - self.expected if self.complete else set()


@dataclass
class Tally:
    """What one step did."""

    seen: int = 0
    added: int = 0
    false: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def photographs(folder: Path) -> Iterator[Picture]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            expected = frozenset(json.loads(row["expected"]))
            image = load_image((folder / row["image"]).read_bytes())[0]
            yield Picture(row["image"], image, expected, int(row["n_codes"]) <= len(expected))


def hard(each: int, seed: int) -> Iterator[Picture]:
    for kind, text, image in pictures(each, seed):
        yield Picture(kind, image, frozenset({text}))


def plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def climb(picture: Picture, tallies: dict[Step, Tally]) -> bool:
    """Take one picture up the ladder; return whether a right payload was read."""
    for step, tally in tallies.items():
        started = time.process_time()
        texts = {plain(read.text) for read in read_step(step, picture.image)}
        tally.milliseconds.append(1000 * (time.process_time() - started))
        tally.seen += 1
        tally.false += sorted(picture.false(texts))
        if texts:
            right = bool(texts & picture.expected)
            tally.added += right
            return right
    return False


def whole_ladder(every: Iterable[Picture]) -> list[float]:
    """Return the CPU milliseconds of `read_codes` for each picture."""
    times = []
    for picture in every:
        started = time.process_time()
        read_codes(picture.image)
        times.append(1000 * (time.process_time() - started))
    return sorted(times)


def name_of(step: Step) -> str:
    names = "/".join(dict.fromkeys(decoder.name for decoder in load_all(step.decoders)))
    return f"{names}+{step.suffix}" if step.suffix else names


def report(title: str, every: list[Picture]) -> None:
    with_code = sum(bool(picture.expected) for picture in every)
    tallies = {step: Tally() for step in STEPS}
    missed = [picture.name for picture in every if not climb(picture, tallies) and picture.expected]
    print(f"\n{title}: {with_code} images with a code, {len(every) - with_code} without")
    print(f"{'step':24} {'seen':>5} {'added':>6} {'total':>6} {'%':>6} {'false':>6} {'ms/image':>9}")
    total = 0
    for step, tally in tallies.items():
        total += tally.added
        mean = statistics.fmean(tally.milliseconds or [0.0])
        print(
            f"{name_of(step):24} {tally.seen:5} {tally.added:6} {total:6} {100 * total / with_code:6.1f}"
            f" {len(tally.false):6} {mean:9.1f}"
        )
        for text in tally.false:
            print(f"    false: {text!r}")
    times = whole_ladder(every)
    print(
        f"CPU ms of the ladder: median {statistics.median(times):.1f}, mean {statistics.fmean(times):.1f}, "
        f"p95 {times[int(0.95 * len(times))]:.1f}, largest {times[-1]:.1f} (budget {1000 * PAGE_BUDGET:.0f})"
    )
    print("not read:", ", ".join(f"{name} {count}" for name, count in Counter(missed).items()))


def main() -> None:
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    each, seed = (int(value) for value in (*sys.argv[2:], *("20", "1")[len(sys.argv) - 2 :]))
    print(f"decoders: {', '.join(available_decoders())}")
    report("photographs", list(photographs(Path(sys.argv[1]))))
    report(f"hard pictures, seed {seed}", list(hard(each, seed)))


if __name__ == "__main__":
    main()
