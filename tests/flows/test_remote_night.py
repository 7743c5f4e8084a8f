"""A night over an inbox in a bucket, its evidence kept in another one: the same as over a folder."""

from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from flows import batch as steps
from flows import reading
from flows.errors import Exit, InboxUnreadable
from flows.progress import LogProgress
from flows.texts import Language
from storage import queue
from storage.database import open_database
from storage.evidence import EvidenceStore
from storage.queued import unread
from storage.settings import Settings, load_settings
from tests.flows.helpers import command, dump, everything_at, kanit
from tests.flows.test_batch import opened, run
from tests.papers.inbox import write_sample_inbox
from tests.s3 import Bucket, forget_file_systems, point_to, s3_server
from validators.policy import load_policy

CASES = ("statement", "no_link", "archive_rar", "application_not_json")


@pytest.fixture
def uploaded(bucket: Bucket, tmp_path: Path) -> Path:
    """A few applications in a folder, which were uploaded to the bucket, too."""
    inbox = tmp_path / "inbox"
    write_sample_inbox(inbox, len(CASES), only=CASES)
    bucket.upload(inbox, "portal/inbox")
    return inbox


@pytest.fixture
def settings(bucket: Bucket, tmp_path: Path) -> Settings:
    """Settings of a registry whose evidence store is in the bucket."""
    return load_settings(home=tmp_path / "home", evidence_url=f"{bucket.url}/evidence", workers=2)


def test_a_night_over_a_bucket_ends_as_one_over_a_folder(
    uploaded: Path, bucket: Bucket, settings: Settings, tmp_path: Path
) -> None:
    here = load_settings(home=tmp_path / "here", workers=2)
    local, remote = run(uploaded, here), run(f"{bucket.url}/portal/inbox", settings)
    assert remote.counts == local.counts
    assert local.counts.applications == len(list(uploaded.iterdir()))
    with opened(here) as one, opened(settings) as two:
        assert dump(two, uploaded) == dump(one, uploaded)
        kept = [path.name for path in Path(here.evidence_url).rglob("*") if path.is_file()]
        store = EvidenceStore(settings.evidence_url, two.keys)
        assert len(kept) >= len(CASES) - 1
        assert all(store.open(sha256) for sha256 in kept)
    again = run(f"{bucket.url}/portal/inbox", settings)
    assert again.counts.unchanged == again.counts.applications
    assert [path for path in (settings.home / "tmp").iterdir() if path.is_dir()] == []


def test_an_object_that_is_gone_fails_its_application_alone(
    uploaded: Path, bucket: Bucket, settings: Settings
) -> None:
    names = sorted(path.name for path in uploaded.iterdir())
    with steps.open_batch(f"{bucket.url}/portal/inbox", settings, load_policy(), LogProgress()) as batch:
        steps.discover_applications(batch)
        bucket.files.rm(f"{bucket.name}/portal/inbox/{names[0]}", recursive=True)
        assert reading.read_chunk(batch, len(names)) == len(names)
        left = batch.database.read(lambda work: unread(work, batch.name))
    assert left.failures == {names[0]: queue.FOLDER_CHANGED}


def test_a_store_that_is_away_fails_what_is_read_until_it_is_back(
    uploaded: Path, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAUSES", (timedelta(0),) * len(queue.PAUSES))
    names = {path.name for path in uploaded.iterdir()}
    forget_file_systems()
    with (
        ExitStack() as server,
        steps.open_batch(
            f"{bucket.url}/portal/inbox",
            load_settings(home=tmp_path / "home", workers=2),
            load_policy(),
            LogProgress(),
        ) as batch,
    ):
        endpoint = server.enter_context(s3_server())
        point_to(endpoint, monkeypatch)
        steps.discover_applications(batch)
        server.close()
        reading.read_chunk(batch, len(names))
        left = batch.database.read(lambda work: unread(work, batch.name))
        assert left.failures == dict.fromkeys(names, reading.INPUT_OUTPUT_ERROR)
        server.enter_context(s3_server(int(endpoint.rpartition(":")[2])))
        reading.read_chunk(batch, len(names))
        left = batch.database.read(lambda work: unread(work, batch.name))
        assert left.failures == {}
    forget_file_systems()


def test_an_application_of_more_than_is_copied_fails_with_its_code(
    uploaded: Path, bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(path.name for path in uploaded.iterdir())
    monkeypatch.setattr("storage.remote.MAX_BYTES", 10_000_000)
    bucket.put(f"portal/inbox/{names[1]}/large.zip", bytes(10_000_001))
    with steps.open_batch(f"{bucket.url}/portal/inbox", settings, load_policy(), LogProgress()) as batch:
        steps.discover_applications(batch)
        reading.read_chunk(batch, len(names))
        left = batch.database.read(lambda work: unread(work, batch.name))
    assert left.failures == {names[1]: reading.APPLICATION_TOO_LARGE}


@pytest.mark.parametrize(
    ("language", "words"), [(Language.TURKISH, "listelenemiyor"), (Language.ENGLISH, "cannot be listed")]
)
def test_an_inbox_that_cannot_be_listed_is_told(
    language: Language, words: str, bucket: Bucket, settings: Settings
) -> None:
    url = f"{bucket.url}/mistyped"
    with pytest.raises(InboxUnreadable) as failure:
        run(url, settings)
    assert (failure.value.code, failure.value.exit_code) == ("INBOX_UNREADABLE", Exit.INTERNAL)
    assert words in failure.value.message(language)
    assert url in failure.value.message(language)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("sftp://portal:geheim@host/inbox", "holds a password"),
        ("gs://bucket/inbox", "“gs://bucket/inbox” cannot be opened"),
        ("nothing://bucket/inbox", "“nothing://bucket/inbox” cannot be opened"),
    ],
)
def test_an_address_that_cannot_be_taken_is_refused_before_anything_starts(
    address: str, words: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, "batch", address, "--lang", "en")
    assert printed.code == Exit.USAGE
    assert words in printed.err
    assert "geheim" not in printed.err + printed.out
    assert not home.exists()


@pytest.mark.slow
def test_the_command_takes_a_bucket(server: str, uploaded: Path, bucket: Bucket, tmp_path: Path) -> None:
    environment = {
        "KANIT_HOME": str(tmp_path / "home"),
        "KANIT_EVIDENCE_URL": f"{bucket.url}/evidence",
        "PREFECT_API_URL": server,
        "AWS_SECRET_ACCESS_KEY": "an-invented-secret",
    }
    printed = kanit(["batch", f"{bucket.url}/portal/inbox", "--json"], environment)
    assert printed.code == Exit.OK, printed.err
    (figures,) = printed.lines
    assert figures["verified"] + figures["flagged"] == len(list(uploaded.iterdir()))
    assert "an-invented-secret" not in everything_at(server) + printed.err
    with closing(open_database(load_settings(home=tmp_path / "home"))) as database:
        entered = dump(database, uploaded)
    assert None not in entered["reports"].values()
