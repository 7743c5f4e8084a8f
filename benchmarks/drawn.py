"""Synthetic uploads for the benchmarks: the same arguments draw the same papers, in every engine there is."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from tests.papers import draw, scans, variants, with_html
from tests.papers.cases import FAULTY, SOUND
from tests.papers.inbox import write_sample_inbox
from tests.papers.model import EntryDeclaration, ServiceStatement
from tests.papers.style import any_style

SCAN_DPI = (150, 200, 300)
SCAN_WEAR = tuple(scans.Wear(skew, noise=4.0, blur=0.5) for skew in (-2.0, 0.0, 1.0, 3.0))
"""A page lies a little askew on the glass, and a scanner's sensor has noise."""
SCAN_QUALITY = (40, 60, 80)
SOUND_FOR_ONE_FAULTY = 9
"""Of ten applications nine are sound and one has one of the faults that the tests know, by turns."""

Evidence = ServiceStatement | EntryDeclaration


@dataclass(frozen=True, slots=True)
class Upload:
    """A zip of one paper on disk, and what stands on the paper: its QR codes and its T.C. number."""

    path: Path
    codes: frozenset[str]
    national_id: str


def born_digital(folder: Path, count: int) -> list[Upload]:
    """Draw statements and declarations by turns, by all engines in turn, each into a zip of its own."""
    engines = _engines()
    return [
        _zipped(folder / f"paper-{seed}.zip", paper, engines[seed % len(engines)](paper, seed))
        for seed, paper in _papers(count)
    ]


def scanned(folder: Path, count: int) -> list[Upload]:
    """Draw papers and scan them: at 150, 200 and 300 dpi by turns, askew, with noise, as JPEG of quality 40 to 80."""
    return [
        _zipped(folder / f"scan-{seed}.zip", paper, _scanned(draw(paper, any_style(seed)), seed))
        for seed, paper in _papers(count)
    ]


def _scanned(pdf: bytes, seed: int) -> bytes:
    return scans.image_only(
        pdf,
        SCAN_DPI[seed % len(SCAN_DPI)],
        SCAN_QUALITY[seed // len(SCAN_DPI) % len(SCAN_QUALITY)],
        SCAN_WEAR[seed % len(SCAN_WEAR)],
    )


@dataclass(frozen=True, slots=True)
class Inbox:
    """An inbox with evidence, and the one of an earlier night in which its people registered themselves."""

    path: Path
    earlier: Path
    applications: int


def inbox(folder: Path, count: int) -> Inbox:
    """Write an inbox of so many applications with evidence, and the earlier one that they need."""
    path, earlier = folder / f"inbox-{count}", folder / f"inbox-{count}-earlier"
    write_sample_inbox(path, count, only=list(_cases(count)))
    earlier.mkdir()
    for registration in path.glob("TP-*"):
        registration.rename(earlier / registration.name)
    return Inbox(path, earlier, sum(1 for _ in path.iterdir()))


def _cases(count: int) -> Iterator[str]:
    sound, faulty = cycle(SOUND), cycle(FAULTY)
    for number in range(count):
        yield next(faulty if number % (SOUND_FOR_ONE_FAULTY + 1) == SOUND_FOR_ONE_FAULTY else sound)


def _papers(count: int) -> Iterator[tuple[int, Evidence]]:
    """Yield papers that have a QR code, with the seeds they are drawn by."""
    makers: Sequence[Callable[[int], Evidence]] = (
        *variants.STATEMENTS.values(),
        *variants.DECLARATIONS.values(),
    )
    with_codes = ((seed, makers[seed % len(makers)](seed)) for seed in range(100 * count))
    found = ((seed, paper) for seed, paper in with_codes if paper.footer.payloads)
    return (pair for pair, _ in zip(found, range(count), strict=False))


def _engines() -> list[Callable[[Evidence, int], bytes]]:
    """Return what draws a paper in the style of a seed; a browser's prints take a second and are kept."""

    def reportlab(paper: Evidence, seed: int) -> bytes:
        return draw(paper, any_style(seed), "reportlab")

    def fpdf(paper: Evidence, seed: int) -> bytes:
        return draw(paper, any_style(seed), "fpdf")

    def html(paper: Evidence, seed: int) -> bytes:
        kept = Path(".kanit") / "benchmark-prints" / f"{type(paper).__name__}-{seed}.pdf"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(draw(paper, any_style(seed), "html"))
        return kept.read_bytes()

    return [reportlab, fpdf, html] if with_html.browser() else [reportlab, fpdf]


def _zipped(path: Path, paper: Evidence, data: bytes) -> Upload:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("belge.pdf", data)
    return Upload(path, frozenset(paper.footer.payloads), paper.person.national_id)
