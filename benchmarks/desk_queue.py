"""How fast the queue of the reviewer's desk is with tens of thousands of cases, on PostgreSQL and on SQLite.

    python -m benchmarks.desk_queue [--cases N] [--rounds N]      # 50,000 cases, 30 rounds

Rows are written directly: invented cases of a few thousand providers, three reasons each. Told are medians in
milliseconds, and how many times a trivial `SELECT 1` by the same way they take.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from storage.batches import batched
from storage.columns import now
from storage.database import Database, UnitOfWork, connect
from storage.desk.cases import TITLE, due_on
from storage.desk.queue import CaseState, Filter, Sort, cases, count, counts_by_reason
from storage.keys import Keyring, person_index, tax_index
from storage.models import (
    ApplicationRow,
    ApplicationState,
    CaseReason,
    DeskCase,
    JudgedPerson,
    JudgementRow,
    Version,
)
from tests.postgres import postgres_server
from validators.application import Procedure
from validators.finding import Code, Decision, Level, Proposal

KEYS = Keyring(b"a secret of 32 bytes, for speed!")
PROVIDERS = 4_000
CHUNK = 1_000
CODES = tuple(Code)
FIRST_DAY = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


def fill(database: Database, number: int) -> None:
    """Write so many cases."""
    for keys in batched(range(1, number + 1), CHUNK):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for key in keys:
            for table, row in case_rows(key):
                rows.setdefault(table, []).append(row)
        with database.unit_of_work() as work:
            for table, values in rows.items():
                work.session.execute(insert(table), values)
            work.commit()
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def case_rows(key: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the rows of one case, in the order in which they refer to each other."""
    submitted = FIRST_DAY + timedelta(minutes=key * 2)
    fingerprint, codes = f"{key:064}", {CODES[(key * step) % len(CODES)] for step in (3, 7, 11)}
    provider = f"{key % PROVIDERS:010}"
    yield (
        ApplicationRow,
        {
            "id": key,
            "application_id": f"TS-2026-{key:06}",
            "inbox": "/inbox",
            "signature": fingerprint,
            "fingerprint": fingerprint,
            "submitted_at": submitted,
            "state": ApplicationState.JUDGED,
            "created_at": submitted,
        },
    )
    yield (
        Version,
        {
            "id": key,
            "application_key": key,
            "fingerprint": fingerprint,
            "procedure": Procedure.PERSONNEL_ADDITION,
            "submitted_at": submitted,
            "read_at": submitted,
        },
    )
    yield (
        JudgementRow,
        {
            "id": key,
            "application_key": key,
            "version_key": key,
            "run_key": fingerprint,
            "decision": Decision.FLAGGED,
            "policy": "kilavuz-v3",
            "policy_version": "1",
            "pipeline_version": "1",
            "current": True,
            "created_at": submitted,
        },
    )
    yield JudgedPerson, person_row(key)
    yield (
        DeskCase,
        {
            "application_key": key,
            "judgement_key": key,
            "version_key": key,
            "state": CaseState.OPEN,
            "pending": True,
            "rank": key % 2,
            "due_on": due_on(submitted, submitted),
            "procedure": Procedure.PERSONNEL_ADDITION,
            "provider_index": tax_index(KEYS, provider),
            "provider_title": KEYS.seal(f"ÖRNEK {provider} BİYOMEDİKAL TEKNİK SERVİS LTD. ŞTİ.", TITLE),
            "people": 1,
            "proposal": Proposal.CHECK_BY_HAND,
            "submitted_at": submitted,
            "opened_at": submitted,
        },
    )
    for code in codes:
        yield CaseReason, {"application_key": key, "code": code}


def person_row(key: int) -> dict[str, Any]:
    """The one person of a case; every tenth case is of somebody who has another one."""
    number = f"{key - key % 10 // 9:011}"
    return {
        "judgement_key": key,
        "position": 0,
        "national_id": KEYS.seal(number, "judged_people.national_id"),
        "person_index": person_index(KEYS, number),
        "decision": Decision.FLAGGED,
    }


def questions(number: int, far: str | None) -> Mapping[str, Callable[[UnitOfWork], object]]:
    """What is asked of the queue, by name; `far` is the cursor of a page far behind."""
    one_code = Filter(reasons=(Code.EMPLOYMENT_ENDED,))
    return {
        "SELECT 1": lambda work: work.session.scalar(text("SELECT 1")),
        "page: due first": cases,
        "page: severest first": lambda work: cases(work, sort=Sort.SEVERITY),
        "page: far behind": lambda work: cases(work, after=far),
        "page: one reason": lambda work: cases(work, one_code),
        "page: blocked, of one procedure": lambda work: cases(
            work, Filter(severity=Level.BLOCK, procedure=Procedure.PERSONNEL_ADDITION)
        ),
        "counts by reason": counts_by_reason,
        "counts by reason, filtered": lambda work: counts_by_reason(work, one_code),
        "number of cases": count,
        "search: person": lambda work: cases(work, Filter(person=f"{number // 2:011}")),
        "search: provider": lambda work: cases(work, Filter(provider=f"{number % PROVIDERS:010}")),
        "search: application": lambda work: cases(work, Filter(text=f"2026-{number // 2:06}")),
        "search: part of a title": lambda work: cases(work, Filter(text="örnek 0000000042")),
    }


def measure(database: Database, ask: Callable[[UnitOfWork], object], rounds: int) -> float:
    """Return the median of so many rounds in milliseconds, after one that is not counted."""
    taken = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        database.read(ask)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the URLs of an empty database of each kind."""
    with postgres_server() as server, server.database() as url:
        yield {"PostgreSQL": url, "SQLite": f"sqlite:///{folder / 'registry.db'}"}


def main() -> None:
    """Fill, ask, tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, databases(Path(home)) as urls:
        for kind, url in urls.items():
            with closing(connect(url, KEYS)) as database:
                begun = now()
                fill(database, given.cases)
                print(f"{kind}: {given.cases:,} cases written in {(now() - begun).total_seconds():.0f} s")
                tell(database, given.cases, given.rounds)


def tell(database: Database, number: int, rounds: int) -> None:
    """Print a line for each question."""
    far = database.read(lambda work: cases(work, limit=number * 9 // 10)).after
    asked = {name: measure(database, ask, rounds) for name, ask in questions(number, far).items()}
    for name, taken in asked.items():
        print(f"  {name:<34}{taken:8.1f} ms {taken / asked['SELECT 1']:8.1f} x")


if __name__ == "__main__":
    main()
