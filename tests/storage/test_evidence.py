import hashlib
import os
import stat
import time
import uuid
from pathlib import Path

import pytest

from storage.errors import EvidenceDamaged, EvidenceMissing, EvidenceUnreachable, WrongKey
from storage.evidence import ABANDONED_SECONDS, EvidenceStore
from storage.keys import Keyring
from tests.s3 import Bucket
from tests.storage.samples import KEYS

PAPER = b"%PDF-1.7 AYSE ORNEK 10000000078"
HASH = hashlib.sha256(PAPER).hexdigest()


@pytest.fixture(params=["folder", "memory", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "s3":
        bucket: Bucket = request.getfixturevalue("bucket")
        return f"{bucket.url}/evidence"
    return str(tmp_path / "evidence") if request.param == "folder" else f"memory://{uuid.uuid4()}"


def test_what_was_put_opens_by_its_hash(url: str, tmp_path: Path) -> None:
    store = EvidenceStore(url, KEYS)
    (tmp_path / "a.zip").write_bytes(PAPER)
    assert store.put(PAPER) == store.put(tmp_path / "a.zip") == HASH
    assert store.open(HASH) == PAPER


def test_evidence_that_is_not_there_is_told(url: str) -> None:
    with pytest.raises(EvidenceMissing, match=HASH):
        EvidenceStore(url, KEYS).open(HASH)


def test_another_key_does_not_open_it(url: str) -> None:
    EvidenceStore(url, KEYS).put(PAPER)
    with pytest.raises(WrongKey):
        EvidenceStore(url, Keyring(b"another secret of thirty-two byt")).open(HASH)


def test_a_store_s_objects_are_whole_sealed_and_kept_once(bucket: Bucket) -> None:
    store = EvidenceStore(f"{bucket.url}/evidence", KEYS)
    store.put(PAPER)
    (path,) = bucket.files.find(bucket.name)
    assert path == f"{bucket.name}/evidence/{HASH[:2]}/{HASH}"
    first = bucket.files.info(path)
    assert b"10000000078" not in bucket.files.cat_file(path)
    store.put(PAPER)
    assert bucket.files.info(path)["ETag"] == first["ETag"], "sealed anew it would have other bytes"


def test_an_object_that_was_cut_short_is_written_again(bucket: Bucket) -> None:
    store = EvidenceStore(bucket.url, KEYS)
    store.put(PAPER)
    (path,) = bucket.files.find(bucket.name)
    bucket.files.pipe_file(path, bucket.files.cat_file(path)[:10])
    store.put(PAPER)
    assert store.open(HASH) == PAPER


def test_an_object_in_another_one_s_place_is_refused(bucket: Bucket) -> None:
    store = EvidenceStore(bucket.url, KEYS)
    store.put(PAPER)
    (path,) = bucket.files.find(bucket.name)
    other = store.put(b"another paper")
    bucket.put(f"{other[:2]}/{other}", bucket.files.cat_file(path))
    with pytest.raises(WrongKey, match="moved to another place"):
        store.open(other)


def test_an_object_that_is_too_large_is_not_fetched(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.evidence.MAX_BYTES", 100)
    store = EvidenceStore(bucket.url, KEYS)
    kept = store.put(b"x" * 100)
    assert store.open(kept) == b"x" * 100
    (path,) = bucket.files.find(bucket.name)
    bucket.files.pipe_file(path, bucket.files.cat_file(path) + b"x")
    with pytest.raises(EvidenceDamaged, match="too large"):
        store.open(kept)


def test_a_bucket_that_is_not_there_is_not_made(bucket: Bucket) -> None:
    with pytest.raises(OSError, match="not found"):
        EvidenceStore("s3://no-such-bucket/evidence", KEYS).put(PAPER)
    assert not bucket.files.exists("no-such-bucket")


@pytest.mark.usefixtures("dead_s3")
def test_a_store_that_does_not_answer_is_told() -> None:
    store = EvidenceStore("s3://evidence", KEYS)
    with pytest.raises(OSError, match="EndpointConnectionError"):
        store.put(PAPER)
    with pytest.raises(EvidenceUnreachable, match="EndpointConnectionError"):
        store.open(HASH)


def _kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_same_bytes_are_kept_once_sealed_and_for_the_owner_alone(tmp_path: Path) -> None:
    store = EvidenceStore(str(tmp_path), KEYS)
    store.put(PAPER)
    written = _kept(tmp_path)[0].stat().st_mtime_ns
    store.put(PAPER)
    (file,) = _kept(tmp_path)
    assert file.stat().st_mtime_ns == written
    assert b"10000000078" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    store = EvidenceStore(str(tmp_path), KEYS)
    store.put(PAPER)
    (file,) = _kept(tmp_path)
    file.write_bytes(file.read_bytes()[:10])
    store.put(PAPER)
    assert store.open(HASH) == PAPER


def test_a_file_that_was_put_in_another_ones_place_is_refused(tmp_path: Path) -> None:
    store = EvidenceStore(str(tmp_path), KEYS)
    store.put(PAPER)
    other = store.put(b"another paper")
    right, wrong = (next(p for p in _kept(tmp_path) if p.name == name) for name in (HASH, other))
    right.write_bytes(wrong.read_bytes())
    with pytest.raises(WrongKey, match="moved to another place"):
        store.open(HASH)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        EvidenceStore(str(tmp_path), KEYS).put(PAPER)
    assert _kept(tmp_path) == []


def test_what_a_killed_writer_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    store = EvidenceStore(str(tmp_path), KEYS)
    store.put(PAPER)
    (drafts,) = (path for path in tmp_path.iterdir() if path.name.startswith("."))
    for name, age in (("left", ABANDONED_SECONDS + 60), ("new", 0)):
        (drafts / name).write_bytes(b"half a fi")
        moment = time.time() - age
        os.utime(drafts / name, (moment, moment))
    store.remove_abandoned()
    assert [path.name for path in drafts.iterdir()] == ["new"]


def test_more_than_any_upload_may_have_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.evidence.MAX_BYTES", 100)
    store = EvidenceStore(str(tmp_path / "evidence"), KEYS)
    (tmp_path / "large").write_bytes(b"x" * 101)
    with pytest.raises(EvidenceDamaged, match="larger"):
        store.put(tmp_path / "large")
    kept = store.put(b"x" * 100)
    assert store.open(kept) == b"x" * 100
    with next(tmp_path.rglob(kept)).open("ab") as file:
        file.write(b"x")
    with pytest.raises(EvidenceDamaged, match="too large"):
        store.open(kept)
