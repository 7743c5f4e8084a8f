"""The batch and `kanit verify` with an issuer to ask: asked once, judged with the answer, not stopped without one."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from flows import batch as steps
from flows import judging, reading
from flows.issuer import checking, patience
from flows.issuer.checking import Checker
from flows.issuer.patience import Breaker
from flows.progress import LogProgress
from flows.summary import Summary
from storage.database import open_database
from storage.findings import current_judgement
from storage.models import IssuerAnswerRow, JudgementRow
from storage.settings import Settings, load_settings
from tests.flows.gateway import FakeGateway, Said, running, word
from tests.flows.helpers import check_report, codes, command
from tests.papers.inbox import write_sample_inbox
from validators.finding import Code, Decision
from validators.policy import load_policy
from validators.report import to_report

STATEMENT, DECLARATION = "TS-2026-000001", "TS-2026-000002"
DOWN = Said(401, b"secret is wrong")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One request a paper; two failures open the breaker, whose minute passes when the batch rests."""
    moments = [100.0]

    def rest(_checker: Checker) -> None:
        moments.append(moments[-1] + 60.0)

    monkeypatch.setattr(patience, "ATTEMPTS", 1)
    monkeypatch.setattr(checking, "Breaker", partial(Breaker, 2, 60.0, lambda: moments[-1]))
    monkeypatch.setattr(Checker, "rest", rest)


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with running(lambda _: word("identical")) as server:
        yield server


@dataclass
class Nights:
    """An inbox with a statement and a declaration, and a registry."""

    inbox: Path
    home: Path

    def run(self, **options: Any) -> Summary:
        settings = self.settings(**options)
        with steps.open_batch(self.inbox, settings, load_policy(settings.policy), LogProgress()) as batch:
            steps.discover_applications(batch)
            while plan := reading.plan_reading(batch):
                for _ in range(plan.chunks):
                    reading.read_chunk(batch, plan.size)
            for chunk in judging.chunks_to_judge(batch):
                judging.judge_chunk(batch, chunk)
            return steps.finish(batch)

    def settings(self, **options: Any) -> Settings:
        fixed = {"home": self.home, "workers": 2, "policy": "kilavuz-v3", "issuer_rate": 1000.0}
        return load_settings(**(fixed | options))

    def outcome(self, application_id: str) -> tuple[Decision, str | None]:
        """The decision, and how the question whether the issuer was asked was answered."""
        database = open_database(self.settings())
        try:
            with database.reading() as work:
                judgement = current_judgement(work, application_id)
        finally:
            database.close()
        assert judgement is not None
        check_report(to_report(judgement))
        asked = [
            f.outcome for p in judgement.people for f in p.findings if f.code is Code.EDEVLET_NOT_CHECKED
        ]
        return judgement.decision, ", ".join(asked) or None

    def outcomes(self) -> list[tuple[Decision, str | None]]:
        return [self.outcome(STATEMENT), self.outcome(DECLARATION)]

    def count(self, table: type[JudgementRow | IssuerAnswerRow]) -> int:
        database = open_database(self.settings())
        try:
            with database.reading() as work:
                return work.session.scalars(select(func.count()).select_from(table)).one()
        finally:
            database.close()


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, 2, only=["statement", "declaration"])
    return Nights(inbox, tmp_path / "home")


VERIFIED, FLAGGED = Decision.VERIFIED, Decision.FLAGGED


def test_without_an_issuer_the_paper_says_that_nobody_was_asked(nights: Nights) -> None:
    nights.run()
    assert nights.outcomes() == [(VERIFIED, "failed")] * 2
    assert nights.count(IssuerAnswerRow) == 0


def test_each_paper_is_asked_about_once_over_all_nights(nights: Nights, gateway: FakeGateway) -> None:
    first = nights.run(issuer_url=gateway.url)
    assert (first.counts.verified, len(gateway.asked)) == (4, 2)
    assert nights.outcomes() == [(VERIFIED, "passed")] * 2
    judgements = nights.count(JudgementRow)
    second = nights.run(issuer_url=gateway.url)
    assert second.counts.unchanged == 4
    assert len(gateway.asked) == 2
    assert nights.count(JudgementRow) == judgements


@pytest.mark.parametrize(
    ("said", "code"), [("unknown", "EDEVLET_UNKNOWN"), ("different", "EDEVLET_MISMATCH")]
)
def test_a_paper_that_the_issuer_denies_flags_its_person(
    nights: Nights, gateway: FakeGateway, said: str, code: str
) -> None:
    gateway.answering = lambda _: word(said)
    summary = nights.run(issuer_url=gateway.url)
    assert nights.outcomes() == [(FLAGGED, "passed")] * 2
    assert {reason.value for reason, _ in summary.tally.by_reason()} == {code}


def test_a_gateway_that_is_down_stops_nothing_and_is_asked_again_the_next_night(
    nights: Nights, gateway: FakeGateway
) -> None:
    gateway.answering = lambda _: DOWN
    first = nights.run(issuer_url=gateway.url)
    assert (first.counts.verified, first.counts.failed) == (4, 0)
    assert nights.outcomes() == [(VERIFIED, "indeterminate")] * 2
    asked = len(gateway.asked)
    second = nights.run(issuer_url=gateway.url)
    assert len(gateway.asked) > asked
    assert second.counts.unchanged == 4
    gateway.answering = lambda _: word("identical")
    third = nights.run(issuer_url=gateway.url)
    assert third.counts.verified == 2
    assert nights.outcomes() == [(VERIFIED, "passed")] * 2
    done = len(gateway.asked)
    assert nights.run(issuer_url=gateway.url).counts.unchanged == 4
    assert len(gateway.asked) == done


def test_an_answer_that_comes_late_can_flag_what_was_verified(nights: Nights, gateway: FakeGateway) -> None:
    gateway.answering = lambda _: DOWN
    nights.run(issuer_url=gateway.url)
    gateway.answering = lambda _: word("unknown")
    nights.run(issuer_url=gateway.url)
    assert nights.outcomes() == [(FLAGGED, "passed")] * 2


def test_a_gateway_that_comes_back_within_the_night_is_asked_about_what_was_missed(
    nights: Nights, gateway: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gateway.answering = lambda _: DOWN if len(gateway.asked) <= 2 else word("identical")
    nights.run(issuer_url=gateway.url)
    assert nights.outcomes() == [(VERIFIED, "passed")] * 2
    assert "issuer: 2 identical" in caplog.messages


def test_a_gateway_that_is_gone_is_asked_no_more_than_the_breaker_lets_through(
    tmp_path: Path, gateway: FakeGateway
) -> None:
    """Two failures open it, one request tries after the pause: whatever the number of papers."""
    gateway.answering = lambda _: DOWN
    inbox = tmp_path / "many"
    write_sample_inbox(inbox, 10, only=["statement"], registrations=False)
    Nights(inbox, tmp_path / "home").run(issuer_url=gateway.url, workers=1, chunk_size=1)
    assert len(gateway.asked) == 3


def test_nobody_is_verified_before_the_issuer_has_answered_where_the_policy_says_so(
    nights: Nights, gateway: FakeGateway, tmp_path: Path
) -> None:
    policy = tmp_path / "strict.toml"
    source = Path(steps.__file__).parents[1] / "validators" / "policies" / "kilavuz-v3.toml"
    text = source.read_text("utf-8")
    assert "issuer_check_required = false" in text
    policy.write_text(text.replace("issuer_check_required = false", "issuer_check_required = true"), "utf-8")
    nights.run(policy=str(policy))
    assert nights.outcomes() == [(FLAGGED, "failed")] * 2
    nights.run(policy=str(policy), issuer_url=gateway.url)
    assert nights.outcomes() == [(VERIFIED, "passed")] * 2


def test_neither_logs_nor_database_files_hold_what_was_asked(
    nights: Nights, gateway: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.answering = lambda _: DOWN if len(gateway.asked) == 1 else word("different")
    nights.run(issuer_url=gateway.url)
    assert "issuer: " in caplog.text
    stored = b"".join(file.read_bytes() for file in nights.home.rglob("*") if file.is_file())
    for question in gateway.asked:
        for secret in (question["national_id"], question["barcode"]):
            assert secret not in caplog.text
            assert secret.encode() not in stored


def test_verify_asks_and_stores_nothing(
    nights: Nights,
    gateway: FakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KANIT_ISSUER_URL", gateway.url)
    monkeypatch.setenv("KANIT_HOME", str(nights.home))
    assert command(capsys, "verify", nights.inbox / STATEMENT).code == 0
    gateway.answering = lambda _: word("unknown")
    (report,) = command(capsys, "verify", nights.inbox / STATEMENT, "--json").lines
    assert codes(report) == {"EDEVLET_UNKNOWN"}
    gateway.answering = lambda _: DOWN
    assert command(capsys, "verify", nights.inbox / STATEMENT).code == 0
    assert len(gateway.asked) == 3
    assert not nights.home.exists()


def test_verify_with_the_registry_asks_about_what_that_does_not_know(
    nights: Nights,
    gateway: FakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KANIT_ISSUER_URL", gateway.url)
    monkeypatch.setenv("KANIT_HOME", str(nights.home))
    nights.run(issuer_url=gateway.url)
    asked = len(gateway.asked)
    assert command(capsys, "verify", nights.inbox / STATEMENT, "--registry").code == 0
    assert len(gateway.asked) == asked


def test_a_wrong_setting_ends_the_command_with_its_name(
    nights: Nights, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KANIT_ISSUER_URL", "https://gateway.example/check")
    monkeypatch.setenv("KANIT_ISSUER_TOKEN_FILE", "missing")
    printed = command(capsys, "verify", nights.inbox / STATEMENT)
    assert printed.code == 2
    assert "issuer_token_file" in printed.err
