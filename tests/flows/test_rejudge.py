"""`kanit rejudge`: stored facts under another policy; and the batch, which keeps to it afterwards."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from flows import rejudging
from flows.errors import Exit
from storage.cases import CaseFile
from storage.database import Database, open_database
from storage.models import ApplicationRow, JudgementRow
from storage.settings import load_settings
from tests.flows.helpers import command
from tests.flows.test_batch import run
from tests.storage.samples import AYSE, Inbox, application, register, statement
from tests.storage.views import decision_of, registry_of
from tests.validators import factory as f
from validators.case import Judgement
from validators.finding import Decision
from validators.policy import load_policy
from validators.policy_series import Policies

OWN = 'name = "mine"\nversion = "1"\nbasis = "Deneme"\nvalid_from = 2021-01-05\n'
ACCEPTS = '[parameters]\ndeclaration_in_addition = "accept"\n'


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """Open the registry that the commands use by default."""
    database = open_database(load_settings(home=home))
    yield database
    database.close()


@pytest.fixture
def inbox(database: Database, tmp_path: Path) -> Inbox:
    """Return a judged inbox: a sound registration, an addition by an entry declaration (A-3), and broken JSON."""
    inbox = Inbox.at(tmp_path / "inbox", database)
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.put(
        application("D-1", "personnel_addition", day="2026-11-21"), f.declaration(start=date(2026, 11, 9))
    )
    inbox.write("X-1", b"not json", b"")
    inbox.run()
    return inbox


def policy_of(inbox: Inbox, application_id: str) -> str:
    """Return the policy that the current judgement names."""
    with inbox.database.reading() as work:
        return work.session.scalars(
            select(JudgementRow.policy)
            .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
            .where(ApplicationRow.application_id == application_id, JudgementRow.current)
        ).one()


def test_a_trial_reports_whose_decision_would_change_and_why(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    before = registry_of(inbox.database)
    printed = command(capsys, "rejudge", "--policy", "kilavuz-v3-lenient", "--dry-run", "--json")
    change, figures = printed.lines
    assert printed.code == Exit.OK
    assert change == {
        "application_id": "D-1",
        "change": "to_verified",
        "policy_before": "kilavuz-v3",
        "policy_after": "kilavuz-v3-lenient",
        "before": "flagged",
        "after": "verified",
        "appeared": [],
        "vanished": [],
        "people": [
            {
                "national_id": "10*********",
                "before": "flagged",
                "after": "verified",
                "appeared": [],
                "vanished": ["DECLARATION_NOT_FORESEEN"],
            }
        ],
    }
    assert figures == {
        "policy": "kilavuz-v3-lenient",
        "dry_run": True,
        "applications": 4,
        "to_verified": 1,
        "to_flagged": 0,
        "people": 0,
        "reasons": 0,
        "unchanged": 3,
        "left_out": 0,
        "failed": 0,
    }
    assert registry_of(inbox.database) == before


def test_without_trial_the_new_judgements_count_and_a_second_time_changes_nothing(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    first = command(capsys, "rejudge", "--policy", "kilavuz-v3-lenient", "--json")
    assert (len(first.lines), first.lines[-1]["to_verified"], first.lines[-1]["dry_run"]) == (2, 1, False)
    assert decision_of(inbox, "D-1") is Decision.VERIFIED
    (second,) = command(capsys, "rejudge", "--policy", "kilavuz-v3-lenient", "--json").lines
    assert (second["applications"], second["unchanged"]) == (4, 4)
    (trial,) = command(capsys, "rejudge", "--policy", "kilavuz-v3-lenient", "--dry-run", "--json").lines
    assert trial["unchanged"] == 4


def test_a_policy_that_asks_for_more_flags_what_was_verified(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path.cwd() / "mine.toml").write_text(OWN + "[parameters]\nstatement_max_age_review_days = 1\n", "utf-8")
    inbox.put(application("A-2", day="2026-11-22"), statement(barcode="hd99-9999-9999-9999"))
    inbox.run()
    printed = command(capsys, "rejudge", "--policy", "mine.toml", "--application", "A-2", "--json")
    change, figures = printed.lines
    assert (change["change"], change["policy_after"], figures["applications"]) == ("to_flagged", "mine", 1)
    assert change["people"][0]["appeared"] == ["EMPLOYMENT_ENDED"]


def test_people_read_it_in_their_language_and_masked(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("rejudge", "--policy", "kilavuz-v3-lenient", "--dry-run")
    english = command(capsys, *arguments, "--lang", "en").out.splitlines()
    assert english[:2] == [
        "D-1  FLAGGED → VERIFIED  (kilavuz-v3 → kilavuz-v3-lenient)",
        "  10*********  FLAGGED → VERIFIED -DECLARATION_NOT_FORESEEN",
    ]
    assert english.pop(2).startswith("DECLARATION_NOT_FORESEEN: ")
    assert english[2].endswith("as a trial: 4 applications. Nothing was written.")
    assert english[3:] == [
        "       1  flagged before, verified now",
        "       0  verified before, flagged now",
        "       0  still flagged, with another decision on somebody",
        "       0  same decisions for other reasons",
        "       3  unchanged",
    ]
    turkish = command(capsys, *arguments).out
    assert "D-1  İNCELEME GEREKİYOR → DOĞRULANDI" in turkish
    assert "Hiçbir şey kaydedilmedi." in turkish
    assert AYSE.national_id not in turkish
    assert AYSE.national_id in command(capsys, *arguments, "--reveal").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "kilavuz-v99"), "kilavuz-v99"),
        (("--policy", "none.toml"), "none.toml"),
        (("--policy", "kilavuz", "--application", "A-9"), "A-9"),
        (("--dry-run",), "--policy"),
    ],
)
def test_what_cannot_be_asked_ends_with_2(
    inbox: Inbox, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    before = registry_of(inbox.database)
    printed = command(capsys, "rejudge", *arguments)
    assert printed.code == Exit.USAGE
    assert said in printed.err
    assert registry_of(inbox.database) == before


def test_what_was_never_judged_cannot_be_judged_again(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox.put(application("A-2"), statement())
    inbox.read_all()
    printed = command(capsys, "rejudge", "--policy", "kilavuz", "--application", "A-2")
    assert printed.code == Exit.USAGE
    assert "A-2" in printed.err


def test_the_batch_keeps_to_the_policy_of_the_last_judgement(
    database: Database, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A personnel record (m.7(1)(d)) that comes later makes the batch judge again: not back under its own policy."""
    inbox = addition_without_record(database, tmp_path)
    command(capsys, "rejudge", "--policy", "kilavuz-v3-lenient")
    assert decision_of(inbox, "D-1") is Decision.FLAGGED
    register(inbox, AYSE)
    inbox.read_all()
    run(inbox.path, load_settings(home=home, workers=1))
    assert policy_of(inbox, "P-078") == "kilavuz-v3"
    assert policy_of(inbox, "D-1") == "kilavuz-v3-lenient"
    assert decision_of(inbox, "D-1") is Decision.VERIFIED
    before = registry_of(database)
    assert run(inbox.path, load_settings(home=home, workers=1)).counts.unchanged == 2
    assert registry_of(database) == before


def test_a_policy_that_is_gone_gives_way_to_the_standing_one_and_the_log_says_so(
    database: Database,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    inbox = addition_without_record(database, tmp_path)
    (tmp_path / "mine.toml").write_text(OWN + ACCEPTS, "utf-8")
    command(capsys, "rejudge", "--policy", "mine.toml")
    assert policy_of(inbox, "D-1") == "mine"
    register(inbox, AYSE)
    inbox.read_all()
    run(inbox.path, load_settings(home=home, workers=1))
    assert policy_of(inbox, "D-1") == "kilavuz-v3"
    assert "mine are judged again under kilavuz-v3" in caplog.text


def test_a_policy_in_the_folder_of_policies_is_kept_by_its_name(
    database: Database,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inbox = addition_without_record(database, tmp_path)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "mine.toml").write_text(OWN + ACCEPTS, "utf-8")
    monkeypatch.setenv("KANIT_POLICIES", str(tmp_path / "policies"))
    command(capsys, "rejudge", "--policy", "mine")
    register(inbox, AYSE)
    inbox.read_all()
    run(inbox.path, load_settings(home=home, workers=1))
    assert (policy_of(inbox, "D-1"), decision_of(inbox, "D-1")) == ("mine", Decision.VERIFIED)


def addition_without_record(database: Database, tmp_path: Path) -> Inbox:
    """Put an addition (m.7) by an entry declaration, of somebody without a personnel record, and judge it."""
    inbox = Inbox.at(tmp_path / "inbox", database)
    inbox.put(application("D-1", "personnel_addition"), f.declaration(start=date(2026, 11, 9)))
    inbox.run()
    return inbox


def test_an_application_on_which_the_rules_fail_is_counted_and_the_others_go_on(
    inbox: Inbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = rejudging.judge_file

    def fails_for_one(file: CaseFile, policies: Policies) -> Judgement:
        if file.application_id == "A-1":
            raise RuntimeError("a fault of ours")
        return judge(file, policies)

    monkeypatch.setattr(rejudging, "judge_file", fails_for_one)
    printed = command(capsys, "rejudge", "--policy", "kilavuz-v3-lenient", "--json")
    figures = printed.lines[-1]
    assert (figures["failed"], figures["applications"], figures["to_verified"]) == (1, 3, 1)
    assert policy_of(inbox, "A-1") == load_policy().name
