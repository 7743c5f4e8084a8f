"""What each step of the QR ladder reads and costs on real photographs.

    .venv/bin/python benchmarks/qr_photos.py ../shared/qr

The folder holds `manifest.csv` (image, expected: JSON list of payloads, n_codes) and the images. A step sees the
images in which no step before it read anything, as in the ladder. Columns: images it saw; images with a code in
which it added a right payload; texts that are in no code of a completely labelled image; CPU milliseconds per
image. Line ends are compared as one character: upstream's labels have lost the carriage returns.
"""

import csv
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from extractors.images import load_image
from extractors.qr import available_decoders, read_codes, read_step
from extractors.qr_decoders import Grey, load_all
from extractors.qr_steps import STEPS, Step


@dataclass(frozen=True)
class Photograph:
    """One image with the payloads it is known to hold; `complete` when no other code is in it."""

    name: str
    image: Grey
    expected: frozenset[str]
    complete: bool

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


def photographs(folder: Path) -> Iterator[Photograph]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            expected = frozenset(json.loads(row["expected"]))
            image = load_image((folder / row["image"]).read_bytes())[0]
            yield Photograph(row["image"], image, expected, int(row["n_codes"]) <= len(expected))


def plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def climb(photograph: Photograph, tallies: dict[Step, Tally]) -> bool:
    """Take one photograph up the ladder; return whether a right payload was read."""
    for step, tally in tallies.items():
        started = time.process_time()
        texts = {plain(read.text) for read in read_step(step, photograph.image)}
        tally.milliseconds.append(1000 * (time.process_time() - started))
        tally.seen += 1
        tally.false += sorted(photograph.false(texts))
        if texts:
            right = bool(texts & photograph.expected)
            tally.added += right
            return right
    return False


def whole_ladder(photographs: list[Photograph]) -> list[float]:
    """Return the CPU milliseconds of `read_codes` for each photograph."""
    times = []
    for photograph in photographs:
        started = time.process_time()
        read_codes(photograph.image)
        times.append(1000 * (time.process_time() - started))
    return times


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    every = list(photographs(Path(sys.argv[1])))
    with_code = [photograph for photograph in every if photograph.expected]
    tallies = {step: Tally() for step in STEPS}
    unread = [
        photograph.name for photograph in every if not climb(photograph, tallies) and photograph.expected
    ]
    print(f"decoders: {', '.join(available_decoders())}")
    print(f"{'step':28} {'seen':>5} {'added':>6} {'total':>6} {'%':>6} {'false':>6} {'ms/image':>9}")
    total = 0
    for step, tally in tallies.items():
        total += tally.added
        name = "/".join(decoder.name for decoder in load_all(step.decoders)) + (
            f"+{step.suffix}" if step.suffix else ""
        )
        mean = statistics.fmean(tally.milliseconds) if tally.milliseconds else 0.0
        share = 100 * total / len(with_code)
        print(
            f"{name:28} {tally.seen:5} {tally.added:6} {total:6} {share:6.1f} {len(tally.false):6} {mean:9.1f}"
        )
        for text in tally.false:
            print(f"    false: {text!r}")
    times = sorted(whole_ladder(every))
    print(
        f"whole ladder: {total} of {len(with_code)} images with a code; {len(every) - len(with_code)} have none"
    )
    print(
        f"CPU ms of the ladder: median {statistics.median(times):.1f}, mean {statistics.fmean(times):.1f}, ",
        end="",
    )
    print(f"p95 {times[int(0.95 * len(times))]:.1f}")
    print("not read:", ", ".join(unread))


if __name__ == "__main__":
    main()
