"""An inbox in a bucket, on a real S3 server: listed, fingerprinted and copied as a folder would be."""

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import AddressUnusable, ApplicationTooLarge
from storage.folders import LocalInbox
from storage.inbox import Discovery, discover, inbox_name, open_inbox
from storage.queue import claim
from storage.remote import RemoteInbox, is_file_name
from tests.s3 import Bucket
from tests.storage.samples import OWNER, Inbox, application, statement

DECLARED = json.dumps(application("A-1")).encode()
HOSTILE = (
    "..",
    "../up.zip",
    "../../../up.zip",
    "/root.zip",
    "below/paper.zip",
    "",
    ".hidden",
    "nul\0.zip",
    "l" * 300,
)


@pytest.fixture
def remote(bucket: Bucket, tmp_path: Path) -> RemoteInbox:
    """An inbox in a bucket, whose copies go to the folder `copies`."""
    (tmp_path / "copies").mkdir()
    return RemoteInbox(f"{bucket.url}/inbox", tmp_path / "copies")


def _names(inbox: RemoteInbox) -> list[str]:
    return [folder.name for folder in inbox.folders()]


def test_an_uploaded_inbox_is_the_same_work_as_the_folder_it_was(
    inbox: Inbox, remote: RemoteInbox, bucket: Bucket
) -> None:
    for number in range(3):
        inbox.put(application(f"A-{number}"), statement())
    discover(inbox.database, inbox.source)
    bucket.upload(inbox.path, "inbox")
    assert discover(inbox.database, remote) == Discovery(found=3, new=0, changed=0, unchanged=3)
    assert len(claim(inbox.database, f"{bucket.url}/inbox", OWNER, 10)) == 3


def test_only_what_is_new_or_changed_is_downloaded(
    inbox: Inbox, remote: RemoteInbox, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        inbox.put(application(f"A-{number}"))
    bucket.upload(inbox.path, "inbox")
    assert discover(inbox.database, remote).new == 3
    looked_at = []

    def counted(self: RemoteInbox, name: str) -> str:
        looked_at.append(name)
        return fingerprint(self, name)

    fingerprint: Callable[[RemoteInbox, str], str] = RemoteInbox.fingerprint
    monkeypatch.setattr(RemoteInbox, "fingerprint", counted)
    assert discover(inbox.database, remote).unchanged == 3
    assert looked_at == []
    bucket.put("inbox/A-1/evidence.zip", b"another one")
    assert discover(inbox.database, remote) == Discovery(found=3, new=0, changed=1, unchanged=2)
    assert looked_at == ["A-1"]


def test_files_are_fetched_in_blocks_and_stay_what_they_are(
    remote: RemoteInbox, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.remote.BLOCK_BYTES", 1000)
    files = {"application.json": DECLARED, "evidence.zip": bytes(range(256)) * 10, "empty.zip": b""}
    (tmp_path / "A-1").mkdir()
    for name, data in files.items():
        bucket.put(f"inbox/A-1/{name}", data)
        (tmp_path / "A-1" / name).write_bytes(data)
    with remote.local("A-1") as folder:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert remote.fingerprint("A-1") == LocalInbox(tmp_path).fingerprint("A-1")
    assert remote.declaration("A-1") == LocalInbox(tmp_path).declaration("A-1") == DECLARED


def test_a_copy_is_private_and_removed_whatever_happens(
    remote: RemoteInbox, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("inbox/A-1/application.json", DECLARED)
    with remote.local("A-1") as folder:
        assert folder.name == "A-1"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "application.json").stat().st_mode) == 0o600
    assert list((tmp_path / "copies").iterdir()) == []
    with pytest.raises(ZeroDivisionError), remote.local("A-1") as folder:
        (folder / "page.png").write_bytes(bytes(1 // 0))
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_download_that_fails_leaves_nothing_behind(
    remote: RemoteInbox, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("inbox/A-1/application.json", DECLARED)
    bucket.put("inbox/A-1/evidence.zip", b"a paper")
    (files,) = [remote._files_of("A-1")]
    monkeypatch.setattr(RemoteInbox, "_files_of", lambda *_: files)
    bucket.put("inbox/A-1/evidence.zip", b"short")
    with pytest.raises(OSError, match="changed while it was read"), remote.local("A-1"):
        pytest.fail("a file was cut")
    assert list((tmp_path / "copies").iterdir()) == []


def test_no_name_of_an_object_leads_out_of_the_copy(
    remote: RemoteInbox, bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("inbox/A-1/application.json", DECLARED)
    bucket.put("inbox/A-1/back\\slash.zip", b"a name like another")
    for name in HOSTILE:
        bucket.put(f"inbox/A-1/{name}", b"hostile")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with remote.local("A-1") as folder:
        written = {path for path in tmp_path.rglob("*") if path.is_file()} - before
        assert written == {folder / "application.json", folder / "back\\slash.zip"}


@given(st.text() | st.sampled_from(HOSTILE))
def test_a_file_name_stays_in_its_folder(name: str) -> None:
    if is_file_name(name):
        path = Path("folder") / name
        assert path.parent == Path("folder")
        assert path.name == name
        assert len(name.encode()) <= 255
        assert "\0" not in name


def test_names_that_no_folder_can_have_are_entered_and_cannot_be_read(
    inbox: Inbox, remote: RemoteInbox, bucket: Bucket
) -> None:
    names = ("A-1", "nul\0", "l" * 300, "l" * 300 + "2")
    for name in names:
        bucket.put(f"inbox/{name}/application.json", DECLARED)
    assert discover(inbox.database, remote).new == len(names)
    told = _names(remote)
    assert [name for name in told if is_file_name(name)] == told
    for name in set(told) - {"A-1"}:
        with pytest.raises(FileNotFoundError), remote.local(name):
            pytest.fail("no such folder")
    for name in ("..", "", "A-1/..", "."):
        with pytest.raises(FileNotFoundError), remote.local(name):
            pytest.fail("no name of a folder")


def test_hidden_folders_and_files_beside_them_are_left_out(remote: RemoteInbox, bucket: Bucket) -> None:
    for key in (".A-1/application.json", "../application.json", "/application.json", "notes.txt", "A-2.zip"):
        bucket.put(f"inbox/{key}", b"x")
    bucket.put("inbox-of-another/A-4/application.json", b"x")
    bucket.put("inbox/A-3/application.json", b"x")
    assert _names(remote) == ["A-3"]


def test_a_folder_waits_for_its_declaration_for_some_minutes(
    remote: RemoteInbox, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("inbox/A-1/evidence.zip", b"x")
    bucket.put("inbox/A-1/drafts/application.json", b"x")
    assert _names(remote) == []
    monkeypatch.setattr("storage.remote.SETTLED", timedelta(seconds=-5))
    assert _names(remote) == ["A-1"]
    monkeypatch.undo()


def test_a_folder_is_ready_with_its_declaration(remote: RemoteInbox, bucket: Bucket) -> None:
    bucket.put("inbox/A-1/evidence.zip", b"x")
    bucket.put("inbox/A-1/application.json", b"x")
    assert _names(remote) == ["A-1"]


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_BYTES", "MAX_FOLDER_BYTES"])
def test_more_than_is_copied_stops_no_other_application(
    limit: str, inbox: Inbox, remote: RemoteInbox, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("inbox/A-1/application.json", b"12")
    bucket.put("inbox/A-2/application.json", b"12")
    bucket.put("inbox/A-2/evidence.zip", b"123")
    monkeypatch.setattr(
        f"storage.remote.{limit}", {"MAX_FILES": 1, "MAX_BYTES": 2, "MAX_FOLDER_BYTES": 4}[limit]
    )
    assert discover(inbox.database, remote).new == 2
    assert discover(inbox.database, remote).unchanged == 2
    with pytest.raises(ApplicationTooLarge), remote.local("A-2"):
        pytest.fail("copied")
    with remote.local("A-1") as folder:
        assert folder.is_dir()


def test_what_could_not_be_fetched_once_is_looked_at_again(
    inbox: Inbox, remote: RemoteInbox, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise OSError("the network is down")

    bucket.put("inbox/A-1/application.json", DECLARED)
    with monkeypatch.context() as patch:
        patch.setattr(RemoteInbox, "fingerprint", broken)
        assert discover(inbox.database, remote).new == 1
    assert discover(inbox.database, remote).changed == 1
    (claimed,) = claim(inbox.database, remote.name, OWNER, 1)
    assert claimed.fingerprint == remote.fingerprint("A-1")
    assert discover(inbox.database, remote).unchanged == 1


def test_an_inbox_that_is_not_there_is_an_error(bucket: Bucket, tmp_path: Path) -> None:
    for url in (f"{bucket.url}/nothing", "s3://no-such-bucket/inbox"):
        with pytest.raises(FileNotFoundError):
            list(RemoteInbox(url, tmp_path).folders())


@pytest.mark.usefixtures("dead_s3")
def test_a_store_that_does_not_answer_is_an_error_without_addresses(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="EndpointConnectionError") as failure:
        list(RemoteInbox("s3://bucket/inbox", tmp_path).folders())
    assert "127.0.0.1" not in str(failure.value)


@pytest.mark.usefixtures("dead_s3")
def test_missing_credentials_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(OSError, match="NoCredentialsError"):
        list(RemoteInbox("s3://bucket/inbox", tmp_path).folders())


def test_copies_go_to_the_home_and_are_gone_when_the_inbox_is_closed(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("inbox/A-1/application.json", DECLARED)
    with open_inbox(f"{bucket.url}/inbox/", tmp_path) as opened:
        assert opened.name == f"{bucket.url}/inbox"
        with opened.local("A-1") as folder:
            assert folder.is_relative_to(tmp_path / "tmp")
    assert [path for path in (tmp_path / "tmp").iterdir() if path.is_dir()] == []


def test_a_local_inbox_is_no_copy_and_needs_no_home(inbox: Inbox, tmp_path: Path) -> None:
    name = inbox.put(application("A-1"))
    with open_inbox(str(inbox.path), tmp_path / "home") as opened, opened.local(name) as folder:
        assert folder == inbox.path / name
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("s3://bucket/inbox/", "s3://bucket/inbox"),
        ("sftp://portal:ge:h@im@host:22/inbox", "sftp://host:22/inbox"),
        ("sftp://portal@host/in@box", "sftp://host/in@box"),
        ("abfs://inbox?account_key=geheim", "abfs://inbox"),
    ],
)
def test_the_name_of_an_inbox_holds_no_credentials(url: str, name: str) -> None:
    assert inbox_name(url) == name


@pytest.mark.parametrize("url", ["nothing://bucket/inbox", "gs://bucket/inbox"])
def test_an_address_that_nothing_opens_is_told_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(AddressUnusable) as refused, open_inbox(f"{url}?token=geheim", tmp_path):
        pytest.fail("opened")
    assert refused.value.address == f"{url}?token=***"
