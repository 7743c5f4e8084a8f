"""The periodic re-check as a Prefect flow: how many running employments rest on old evidence.

Its artifact holds counts and ages, never personal data, nor titles, which may be names. Who they are is listed by
`kanit registry recheck`.
"""

from contextlib import closing

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows.ageing import AgeingCounts, count_ageing
from flows.steps import flow_settings, told_by_type
from storage.database import open_database
from storage.recheck import due_for_recheck, today


@flow(name="recheck", persist_result=False, retries=0)
def recheck(older_than: int | None = None) -> AgeingCounts:
    """Count the running employments on evidence older than so many days; by default the setting `recheck_days`."""
    with told_by_type():
        counts = _count(older_than)
    table = [dict(row) for row in counts.rows()]
    description = (
        f"{counts.employments} running employments on evidence older than {counts.older_than_days} days"
    )
    create_table_artifact(key="recheck", table=table, description=description)
    return counts


def _count(older_than: int | None) -> AgeingCounts:
    settings = flow_settings()
    days = settings.recheck_days if older_than is None else older_than
    with closing(open_database(settings)) as database, database.reading() as work:
        return count_ageing(due_for_recheck(work, days, today()), days)
