from sqlalchemy import select

from storage.database import Database
from storage.models import Run
from storage.runs import Counts, Sources, finish_run, pipeline_version, start_run

COUNTS = Counts(applications=5, verified=2, flagged=1, unchanged=1, failed=1)
SOURCES = Sources(decoders={"zxing": 3, "zbar+blur": 1}, texts={"embedded": 3, "ocr": 1})


def test_a_run_is_entered_when_it_begins_and_again_when_it_ends(database: Database) -> None:
    killed = start_run(database, "/inbox", "kilavuz-v3")
    finished = start_run(database, "/inbox", "kilavuz-v3")
    finish_run(database, finished, COUNTS, SOURCES)
    with database.reading() as work:
        rows = {row.id: row for row in work.session.scalars(select(Run))}
    assert rows[killed].finished_at is None
    row = rows[finished]
    assert row.finished_at is not None
    assert row.started_at <= row.finished_at
    assert row.sources is not None
    assert Sources(**row.sources) == SOURCES
    assert Counts(*(getattr(row, name) for name in Counts.__slots__)) == COUNTS
    assert (row.inbox, row.policy, row.pipeline_version) == ("/inbox", "kilavuz-v3", pipeline_version())
