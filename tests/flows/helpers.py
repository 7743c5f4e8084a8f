"""What the tests of the command line share: sample applications, runs of `kanit`, reports checked by schema."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from sqlalchemy import select

from flows.cli import run
from storage.database import Database
from storage.findings import current_judgement
from storage.models import Employment, Person, Provider
from tests.papers.inbox import write_sample_inbox
from validators.report import to_report
from validators.schema import document_schema, report_schema

KANIT = Path(sys.executable).with_name("kanit")
TIMEOUT = 240
"""Seconds for one run of `kanit` on a busy machine; reaching it is a failure."""


@dataclass(frozen=True)
class Printed:
    """What one run of `kanit` printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON lines; anything else there is an error."""
        return [json.loads(line) for line in self.out.splitlines()]


def sample(folder: Path, case: str) -> Path:
    """Write the application of one sample case into a folder and return its own folder."""
    (expected,) = write_sample_inbox(folder, 1, only=[case], registrations=False)
    return folder / expected.application_id


def command(capsys: Any, *arguments: object) -> Printed:
    """Run a command in this process."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return Printed(code, captured.out, captured.err)


def asked(capsys: Any, monkeypatch: pytest.MonkeyPatch, numbers: str, *arguments: str) -> Printed:
    """Run a command of `kanit registry` in this process with numbers on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(numbers))
    return command(capsys, "registry", *arguments)


def kanit(arguments: Sequence[object], environment: Mapping[str, str]) -> Printed:
    """Run the installed `kanit` as a process of its own."""
    done = subprocess.run(
        [str(KANIT), *map(str, arguments)],
        check=False,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        stdin=subprocess.DEVNULL,
    )
    return Printed(done.returncode, done.stdout, done.stderr)


def everything_at(server: str) -> str:
    """Return all that a Prefect server was told, as text."""
    kinds = ("flows", "flow_runs", "task_runs", "artifacts", "logs")
    answers = [httpx.post(f"{server}/{kind}/filter", json={}, timeout=60) for kind in kinds]
    return "\n".join(answer.raise_for_status().text for answer in answers)


def check_report(report: Any) -> None:
    """Check a report against the published schema, and that it flags exactly what its findings flag."""
    jsonschema.validate(report, report_schema())
    flagged = [_flags(report["findings"])]
    for person in report["people"]:
        assert (person["decision"] == "flagged") == _flags(person["findings"])
        flagged.append(person["decision"] == "flagged")
    assert (report["decision"] == "flagged") == any(flagged)


def check_document(document: Any) -> None:
    """Check a line of `kanit read --json` against the published schema."""
    jsonschema.validate(document, document_schema())


def codes(report: Any) -> set[str]:
    """Return the codes that flag anything in a report."""
    groups = [report["findings"], *(each["findings"] for each in (*report["people"], *report["documents"]))]
    return {f["code"] for group in groups for f in group if _flags([f])}


def _flags(findings: Sequence[Any]) -> bool:
    return any(f["outcome"] != "passed" and f["level"] in {"block", "review"} for f in findings)


def dump(database: Database, inbox: Path) -> dict[str, Any]:
    """Return all that a registry says, without keys and the times of the work: what two runs must agree on."""
    with database.reading() as work:
        opened = work.keys.unseal
        people = {
            row.id: (
                opened(row.national_id, "people.national_id"),
                opened(row.given_name, "people.given_name"),
                opened(row.family_name, "people.family_name"),
                row.state,
                row.registered_at,
            )
            for row in work.session.scalars(select(Person))
        }
        providers = {
            row.id: (opened(row.tax_number, "providers.tax_number"), opened(row.title, "providers.title"))
            for row in work.session.scalars(select(Provider))
        }
        employments = [
            (
                people[row.person_key][0],
                providers[row.provider_key][0],
                row.since,
                row.route,
                row.state,
                row.evidence,
            )
            for row in work.session.scalars(select(Employment))
        ]
        names = sorted(folder.name for folder in inbox.iterdir())
        judged = {name: current_judgement(work, name) for name in names}
        reports = {name: judgement and to_report(judgement) for name, judgement in judged.items()}
    return {
        "people": sorted(people.values()),
        "providers": sorted(providers.values()),
        "employments": sorted(employments, key=repr),
        "reports": reports,
    }
