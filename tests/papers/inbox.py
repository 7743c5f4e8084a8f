"""Inbox folders of sample applications, written as the contract asks of a writer."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

from tests.papers import builders, cases
from tests.papers.applications import Application, Expected, registration
from tests.papers.desk import Desk
from tests.papers.identities import Person


def write_application(
    inbox: Path, application: Application, *, raw: bytes | None = None, declared: bool = True
) -> Path:
    """Write an application's folder and return it.

    It is prepared under a dot-name and renamed when complete. `raw` replaces the bytes of `application.json`;
    without `declared` there is no such file.
    """
    hidden = inbox / f".{application.application_id}.partial"
    hidden.mkdir(parents=True)
    for name, data in {**application.uploads, **application.files}.items():
        (hidden / name).write_bytes(data)
    if declared:
        text = json.dumps(application.declaration(), ensure_ascii=False, indent=1).encode()
        (hidden / "application.json").write_bytes(text if raw is None else raw)
    return hidden.rename(inbox / application.application_id)


def write_sample_inbox(
    inbox: Path,
    count: int,
    seed: int = 1,
    now: datetime = builders.NOW,
    *,
    registrations: bool = True,
    only: Sequence[str] | None = None,
) -> list[Expected]:
    """Write `count` applications with evidence into a folder; return what is expected, in order of id.

    The same arguments write the same bytes. Faulty cases are at most half of the applications: from
    `count` ≥ 2 · `len(cases.FAULTY)` on, every one of them is there. `only` names the cases to write instead,
    in turn. With `registrations` each person whom the registry must know first gets an application of
    Kılavuz m.4 of an earlier day: these come on top of `count` and sort first.
    """
    names = [only[i % len(only)] for i in range(count)] if only else cases.mixture(count)
    expected: list[Expected] = []
    for number, name in enumerate(names, start=1):
        desk = Desk(Random(f"{seed}/{number}/{name}"), now, f"TS-{now.year}-{number:06d}", name)
        for case in cases.ALL[name](desk):
            write_application(inbox, case.application, raw=case.raw, declared=case.declared)
            expected.append(case.expected)
            if registrations:
                expected += _write_registrations(inbox, case.application, case.known)
    return sorted(expected, key=lambda each: each.application_id)


def _write_registrations(inbox: Path, application: Application, people: Iterable[Person]) -> list[Expected]:
    written = []
    for number, person in enumerate(people, start=1):
        at = application.submitted_at - builders.REGISTERED_BEFORE
        name = f"{application.application_id.replace('TS-', 'TP-')}-{number:02d}"
        registered, expected = registration(name, person, at)
        write_application(inbox, registered)
        written.append(expected)
    return written
