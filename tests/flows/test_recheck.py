"""The re-check as a flow, under a real Prefect server."""

from pathlib import Path

import pytest

from flows.errors import Exit
from storage.settings import load_settings
from tests.flows.helpers import everything_at, kanit
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox

pytestmark = pytest.mark.slow


def test_the_flow_of_the_recheck_tells_prefect_counts_and_nobody(server: str, tmp_path: Path) -> None:
    """Leaving has no effect before m.7(1)(ı): how many employments rest on old papers, without personal data."""
    home = tmp_path / "home"
    write_sample_inbox(tmp_path / "inbox", 1, only=["statement"])
    run(tmp_path / "inbox", load_settings(home=home))
    environment = {"KANIT_HOME": str(home), "PREFECT_API_URL": server}
    (listed,) = kanit(["registry", "recheck", "--older-than", "0", "--json", "--reveal"], environment).lines
    printed = kanit(["registry", "recheck", "--older-than", "0", "--flow", "--json"], environment)
    assert printed.code == Exit.FLAGGED, printed.err
    (counts,) = printed.lines
    group = {
        "evidence": listed["kind"],
        "basis": listed["basis"],
        "employments": 1,
        "oldest_days": listed["age_days"],
    }
    assert counts == {"older_than_days": 0, "employments": 1, "groups": [group]}
    told = everything_at(server) + printed.out + printed.err
    assert "1 running employments on evidence older than 0 days" in told
    for secret in (listed["national_id"], listed["family_name"], listed["provider"]):
        assert secret not in told
