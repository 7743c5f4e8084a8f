"""Prefect's server on PostgreSQL, as several machines need it."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from flows.deployment.catalogue import CATALOGUE
from flows.deployment.watch import children_of
from tests.flows.deployment.conftest import Served, serving, until

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def _environment(served: Served, role: str) -> str:
    """Return the environment of the process that was started as `prefect server` or `prefect worker`."""
    (found,) = (
        folder
        for folder in (Path("/proc", str(child)) for child in children_of(served.process.pid))
        if f"\0{role}\0start\0" in (folder / "cmdline").read_text("utf-8")
    )
    return (found / "environ").read_text("utf-8", "replace")


def test_the_server_keeps_everything_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    url = make_url(postgres_url)
    address = url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    with serving(tmp_path, {"PREFECT_SERVER_DATABASE_CONNECTION_URL": address}) as served:
        workers = until(lambda: served.ask("work_pools/kanit/workers/filter", {}), served.log)
        assert [worker["status"] for worker in workers] == ["ONLINE"]
        server, worker = (_environment(served, role) for role in ("server", "worker"))
    assert address in server
    assert address not in worker, "a worker needs no way into the server's database"
    assert list((served.home / "prefect").glob("*.db")) == []
    with psycopg.connect(postgres_url) as connection:
        names = [name for (name,) in connection.execute("select name from deployment order by name")]
    assert names == sorted(planned.name for planned in CATALOGUE)
