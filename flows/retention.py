"""Retention as a Prefect flow: destroys what has been kept as long as the settings say.

Its artifact holds counts by class and nothing about anybody. By hand it is `kanit retention run`.
"""

from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows.steps import flow_settings, told_by_type
from storage.retention import destroy_due


@flow(name="retention", persist_result=False, retries=0)
def retention(dry_run: bool = False) -> dict[str, Any]:
    """Destroy what is due, or count it alone; return the counts as `kanit retention run --json` prints them."""
    with told_by_type():
        report = destroy_due(flow_settings(), dry_run=dry_run)
    table = [{"class": each.value, "count": count} for each, count in report.destroyed.items()]
    done = "would be destroyed; nothing was changed" if dry_run else "destroyed"
    held = f"{report.held} open applications held, {report.files_waiting} files left for the next run"
    create_table_artifact(key="retention", table=table, description=f"{done}; {held}")
    return report.as_json()
