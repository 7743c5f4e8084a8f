"""Every sample case from its drawn papers to its report: through the batch, and as `kanit verify` does it."""

from contextlib import closing
from pathlib import Path

import pytest

from extractors.sandbox import Sandbox
from flows.verification import judge_reading, read_application
from storage.database import open_database
from storage.findings import current_judgement
from storage.settings import load_settings
from tests.flows.helpers import check_report
from tests.flows.test_batch import run
from tests.papers import cases
from tests.papers.applications import Expected
from tests.papers.comparison import differences
from tests.papers.inbox import write_sample_inbox
from validators.policy import load_policy
from validators.report import to_report

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Expected]]:
    """Write every case once, with the personnel records that the registry must have, and what is expected."""
    inbox = tmp_path_factory.mktemp("samples") / "inbox"
    return inbox, write_sample_inbox(inbox, len(cases.ALL), seed=20, only=list(cases.ALL))


def test_a_batch_decides_every_case_as_expected(written: tuple[Path, list[Expected]], tmp_path: Path) -> None:
    inbox, expected = written
    settings = load_settings(home=tmp_path / "home")
    summary = run(inbox, settings)
    assert summary.counts.failed == 0
    wrong = {}
    with closing(open_database(settings)) as database, database.reading() as work:
        for each in expected:
            judgement = current_judgement(work, each.application_id)
            assert judgement is not None
            report = to_report(judgement, reveal=True)
            check_report(report)
            wrong[each.application_id, each.case] = differences(each, report)
    assert {case: said for case, said in wrong.items() if said} == {}


def test_without_the_registry_every_case_is_decided_as_expected(
    written: tuple[Path, list[Expected]],
) -> None:
    inbox, expected = written
    policy = load_policy()
    wrong = {}
    with Sandbox(2) as sandbox:
        for each in expected:
            reading = read_application(inbox / each.application_id, sandbox, policy)
            report = to_report(judge_reading(reading, policy), reveal=True)
            check_report(report)
            wrong[each.application_id, each.case] = differences(each, report, registry_asked=False)
    assert {case: said for case, said in wrong.items() if said} == {}
