"""Commands and batch take the policy that is in force on the day of each application (Kılavuz m.9(1), m.10(1))."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from flows import batch as steps
from flows.errors import Exit
from flows.progress import LogProgress
from storage.database import Database, open_database
from storage.models import ApplicationRow, JudgementRow, Run
from storage.settings import load_settings
from tests.flows.helpers import check_report, codes, command
from tests.flows.test_batch import run_steps
from tests.storage.samples import AYSE, Inbox, application, register, statement
from validators.policy import PolicyFault
from validators.policy_series import find_policies

V4 = 'name = "kilavuz-v4"\nversion = "2"\nseries = "kilavuz"\nbasis = "Deneme"\n'


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of policies of one's own that the commands know."""
    folder = tmp_path / "policies"
    folder.mkdir()
    monkeypatch.setenv("KANIT_POLICIES", str(folder))
    return folder


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """Open the registry that the commands use by default."""
    database = open_database(load_settings(home=home))
    yield database
    database.close()


def folder_of(tmp_path: Path, day: str) -> Path:
    """Write an application of a day whose upload is no zip: what it is judged under does not depend on papers."""
    folder = tmp_path / "A-1"
    folder.mkdir(parents=True)
    (folder / "application.json").write_text(json.dumps(application("A-1", day=day)), "utf-8")
    (folder / "evidence.zip").write_bytes(b"no zip")
    return folder


def begins(folder: Path, day: date, levels: str = "") -> None:
    (folder / "kilavuz-v4.toml").write_text(f"{V4}valid_from = {day}\n{levels}", "utf-8")


@pytest.mark.parametrize(("day", "policy"), [("2026-11-19", "kilavuz-v3"), ("2026-11-20", "kilavuz-v4")])
def test_verify_takes_the_policy_of_the_day(
    policies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str, policy: str
) -> None:
    begins(policies, date(2026, 11, 20))
    (report,) = command(capsys, "verify", folder_of(tmp_path, day), "--json").lines
    assert report["policy"] == policy
    check_report(report)


def test_verify_takes_a_policy_that_is_named_whatever_the_day(
    policies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begins(policies, date(2026, 11, 20), '[levels]\nPOLICY_NOT_IN_FORCE = "review"\n')
    monkeypatch.setenv("KANIT_POLICY", "kilavuz-v4")
    (report,) = command(capsys, "verify", folder_of(tmp_path, "2026-11-01"), "--json").lines
    assert report["policy"] == "kilavuz-v4"
    assert "POLICY_NOT_IN_FORCE" in codes(report)
    check_report(report)


def test_policies_in_force_on_the_same_day_end_a_command(
    policies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begins(policies, date(2021, 1, 5))
    printed = command(capsys, "verify", folder_of(tmp_path, "2026-11-20"))
    assert printed.code == Exit.USAGE
    assert "2021-01-05" in printed.err


def test_a_batch_judges_each_application_under_the_policy_of_its_day(
    policies: Path, tmp_path: Path, database: Database, home: Path
) -> None:
    begins(policies, date(2026, 11, 20))
    inbox = Inbox.at(tmp_path / "inbox", database)
    register(inbox, AYSE, day="2026-11-01")
    inbox.put(application("A-1", day="2026-11-20"), statement())
    inbox.read_all()
    settings = load_settings(home=home, workers=1)
    series = find_policies(settings.policy, settings.policies)
    with steps.open_batch(inbox.path, settings, series, LogProgress()) as batch:
        run_steps(batch)
    with database.reading() as work:
        rows = work.session.execute(
            select(ApplicationRow.application_id, JudgementRow.policy, JudgementRow.policy_version)
            .join(JudgementRow, JudgementRow.application_key == ApplicationRow.id)
            .where(JudgementRow.current)
        )
        assert sorted(map(tuple, rows)) == [("A-1", "kilavuz-v4", "2"), ("P-078", "kilavuz-v3", "1")]
        assert work.session.scalars(select(Run.policy)).all() == ["kilavuz"]


def _overlap(policies: Path) -> str:
    (policies / "kilavuz-v4.toml").write_text(f"{V4}valid_from = 2021-01-05\n", "utf-8")
    return "kilavuz"


def _two_of_one_name(policies: Path) -> str:
    for name in ("one", "two"):
        (policies / f"{name}.toml").write_text(f"{V4}valid_from = 2026-11-20\n", "utf-8")
    return "kilavuz"


def _name_of_a_series(policies: Path) -> str:
    text = V4.replace("kilavuz-v4", "kilavuz").replace('series = "kilavuz"\n', "")
    (policies / "own.toml").write_text(f"{text}valid_from = 2026-11-20\n", "utf-8")
    return "kilavuz"


def _no_toml(policies: Path) -> str:
    (policies / "own.toml").write_text("name =", "utf-8")
    return "kilavuz"


def _no_policy(policies: Path) -> str:
    (policies / "own.toml").write_text(V4, "utf-8")
    return "kilavuz"


FAULTS: dict[PolicyFault, tuple[Callable[[Path], str], str, str]] = {
    PolicyFault.UNKNOWN: (
        lambda _: "yok",
        "“yok” adlı bir politika ya da politika dizisi yok",
        "there is no policy",
    ),
    PolicyFault.UNREADABLE: (lambda _: "yok.toml", "yok.toml” okunamadı", "yok.toml” cannot be read"),
    PolicyFault.NOT_TOML: (_no_toml, "geçerli bir TOML dosyası değil", "not a valid TOML file"),
    PolicyFault.NOT_A_POLICY: (_no_policy, "düzeltilecek yerler: valid_from", "must be mended: valid_from"),
    PolicyFault.SAME_NAME: (
        _two_of_one_name,
        "aynı klasördeki başka bir politikada",
        "another one in the same folder",
    ),
    PolicyFault.NAME_OF_BOTH: (_name_of_a_series, "kullanılmış: kilavuz", "have the same name: kilavuz"),
    PolicyFault.SAME_DAYS: (_overlap, "ikisi de 2021-01-05 gününde", "both in force on 2021-01-05"),
}


@pytest.mark.parametrize("fault", PolicyFault)
def test_an_unusable_policy_is_told_in_the_reader_s_language(
    policies: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    fault: PolicyFault,
) -> None:
    spoil, turkish, english = FAULTS[fault]
    monkeypatch.setenv("KANIT_POLICY", spoil(policies))
    for language, said in (("tr", turkish), ("en", english)):
        printed = command(capsys, "verify", "--lang", language, folder_of(tmp_path / language, "2026-11-19"))
        assert printed.code == Exit.USAGE
        assert said in printed.err
