"""A hundred thousand cheap applications: one statement a provider is drawn, then given to ever new people.

Everybody has another T.C. number, name, barcode number and QR code, and so every upload other bytes; what else a paper
says stays. Numbers and names of one length stand in place of each other, so that a file needs no new table of offsets.

    python -m benchmarks.crowd FOLDER APPLICATIONS
"""

import json
import sys
import zipfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
import zxingcpp
from stdnum.tr import tckimlik

from tests.papers import builders, identities
from tests.papers.forms import draw_on
from tests.papers.identities import Company, Person
from tests.papers.model import Qr, payload
from tests.papers.sheet import HEIGHT, runs
from tests.papers.style import Form, Style
from tests.papers.with_reportlab import ReportlabSheet

PEOPLE_EACH = 500
"""People of one provider, and of one application by which they register (Kılavuz m.4)."""
WRONG_NAME = 20
"""One application in so many declares another name than its paper says."""
_MARK = b"%modules"
_SYLLABLES = [c + v for c in "BDKLMNRST" for v in "AEOU"]
_RECTANGLE = 32
_RECTANGLES = 400
"""More runs of dark modules than a QR code of these payloads has; what is left is filled with blanks."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """An inbox of additions (m.7), and the earlier one by which their people registered."""

    path: Path
    earlier: Path
    applications: int


class _Sheet(ReportlabSheet):
    """A page whose text stays readable in the file, with a hole of fixed size where the QR code is."""

    def __init__(self) -> None:
        super().__init__(Style())
        self._canvas.setPageCompression(0)
        self.square = (0.0, 0.0, 0.0)

    def _qr_rectangles(self, x: float, y: float, side: float, _matrix: tuple[bytes, ...]) -> None:
        self.square = (x, y, side)
        hole = " " * (_RECTANGLE * _RECTANGLES)
        self._canvas.addLiteral(f"{_MARK.decode()}\n{hole}f")


@dataclass(frozen=True, slots=True)
class _Mould:
    """A drawn statement of a provider, from which those of other people are cast."""

    company: Company
    person: Person
    barcode: str
    pdf: bytes
    square: tuple[float, float, float]

    def cast(self, person: Person, barcode: str) -> bytes:
        """Return the statement of somebody else."""
        pdf = self.pdf
        for old, new in (
            (self.barcode, barcode),
            (self.person.national_id, person.national_id),
            (self.person.given_name, person.given_name),
            (self.person.family_name, person.family_name),
        ):
            assert len(old) == len(new)
            pdf = pdf.replace(old.encode(), new.encode())
        start = pdf.index(_MARK) + len(_MARK) + 1
        modules = self._modules(payload(Qr.CLOSED, barcode, person.national_id))
        return pdf[:start] + modules + pdf[start + len(modules) :]

    def _modules(self, text: str) -> bytes:
        rows = _dark(text)
        x, y, side = self.square
        module = side / len(rows)
        drawn = [
            f"{x + start * module:.3f} {HEIGHT - y - number * module:.3f} {length * module:.3f} {module:.3f} re"
            for number, row in enumerate(rows, start=1)
            for start, length in runs(row)
        ]
        assert len(drawn) <= _RECTANGLES
        return "".join(each.ljust(_RECTANGLE) for each in drawn).ljust(_RECTANGLE * _RECTANGLES).encode()


def _dark(text: str) -> list[bytes]:
    """Return the modules of a QR code, 1 is dark; zxing-cpp makes one in a tenth of segno's time."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = np.asarray(code.to_image(scale=1, add_quiet_zones=False))
    return [bytes(row) for row in (image == 0).astype(np.uint8)]


def crowd(folder: Path, applications: int, now: datetime = builders.NOW) -> Crowd:
    """Write the inbox and the earlier one, by all cores; the same arguments write the same applications."""
    path, earlier = folder / "inbox", folder / "earlier"
    path.mkdir(parents=True)
    earlier.mkdir()
    providers = [
        (path, earlier, first, min(PEOPLE_EACH, applications - first), now)
        for first in range(0, applications, PEOPLE_EACH)
    ]
    with get_context("spawn").Pool() as pool:
        pool.starmap(_write_provider, providers, chunksize=1)
    return Crowd(path, earlier, applications)


def _write_provider(path: Path, earlier: Path, first: int, count: int, now: datetime) -> None:
    rng = Random(first)
    company = identities.company(rng)
    people = [_person(first + number) for number in range(count)]
    registration = _declaration(f"TP-{first:07d}", "personnel_registration", now - timedelta(days=20), people)
    _write(earlier, registration, {})
    mould = _mould(rng, company, now)
    for number, person in enumerate(people, start=first):
        declared = replace(person, family_name="BASKA") if number % WRONG_NAME == WRONG_NAME - 1 else person
        at = now - timedelta(minutes=number % (60 * 24 * 5))
        application = {
            **_declaration(f"TS-{number:07d}", "personnel_addition", at, [declared]),
            "provider": {
                "title": company.title,
                "tax_number": company.tax_number,
                "workplace_numbers": [company.workplace_number],
            },
            "evidence": ["evidence.zip"],
        }
        _write(path, application, {"hizmet.pdf": mould.cast(person, identities.barcode(rng, "hd"))})


def _write(inbox: Path, declaration: dict[str, object], papers: dict[str, bytes]) -> None:
    folder = inbox / str(declaration["application_id"])
    folder.mkdir()
    (folder / "application.json").write_text(json.dumps(declaration), "utf-8")
    if papers:
        with zipfile.ZipFile(folder / "evidence.zip", "w") as archive:
            for name, data in papers.items():
                archive.writestr(name, data)


def _declaration(name: str, procedure: str, at: datetime, people: list[Person]) -> dict[str, object]:
    return {
        "application_id": name,
        "procedure": procedure,
        "submitted_at": at.isoformat(),
        "people": [
            {"national_id": p.national_id, "given_name": p.given_name, "family_name": p.family_name}
            for p in people
        ],
    }


def _mould(rng: Random, company: Company, now: datetime) -> _Mould:
    person = _person(0, "SABUNU")
    statement = builders.service_statement(rng, person, [builders.Job(company, date(2026, 3, 2))], now)
    sheet = _Sheet()
    draw_on(sheet, statement, Form.RULED)
    return _Mould(company, person, statement.footer.barcode, sheet.finish(), sheet.square)


def _person(number: int, given_name: str | None = None) -> Person:
    """Return the person of that number: nobody else has the T.C. number, and every name has the same length."""
    digits = f"{200_000_001 + 3 * number}"
    national_id = digits + tckimlik.calc_check_digits(digits)
    syllables = (_SYLLABLES[number // len(_SYLLABLES) ** place % len(_SYLLABLES)] for place in range(3))
    spoken = given_name or "".join(syllables)
    template = identities.person(Random(0))
    return replace(template, national_id=national_id, given_name=spoken, family_name="ORNEKLER")


def main() -> None:
    """Write a crowd into a folder."""
    folder, applications = Path(sys.argv[1]), int(sys.argv[2])
    print(crowd(folder, applications))


if __name__ == "__main__":
    main()
