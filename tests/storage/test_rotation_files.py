"""Evidence files under another key: in a folder, in a store without atomic writes, and beside those who write."""

import hashlib
import uuid
from pathlib import Path

import pytest

from storage.errors import EvidenceMissing
from storage.evidence import EvidenceStore
from storage.keys import Keyring, LiveKeyring, key_of
from tests.s3 import Bucket

OLD, NEW = b"o" * 32, b"n" * 32
BOTH = Keyring(NEW, OLD)
PAPER = b"%PDF-1.7 AYSE ORNEK 10000000078"
HASH = hashlib.sha256(PAPER).hexdigest()


@pytest.fixture(params=["folder", "memory", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "s3":
        bucket: Bucket = request.getfixturevalue("bucket")
        return f"{bucket.url}/evidence"
    return str(tmp_path / "evidence") if request.param == "folder" else f"memory://{uuid.uuid4()}"


def test_a_file_is_sealed_again_and_opens(url: str) -> None:
    EvidenceStore(url, Keyring(OLD)).put(PAPER)
    store = EvidenceStore(url, BOTH)
    assert (list(store.hashes()), store.key_of(HASH)) == ([HASH], Keyring(OLD).id)
    store.seal_again(HASH, BOTH)
    assert (list(store.hashes()), store.key_of(HASH)) == ([HASH], BOTH.id)
    assert EvidenceStore(url, Keyring(NEW)).open(HASH) == PAPER


def test_an_empty_store_has_no_files_and_no_keys(url: str) -> None:
    store = EvidenceStore(url, BOTH)
    store.mend()
    assert list(store.hashes()) == []
    with pytest.raises(EvidenceMissing):
        store.key_of(HASH)


def test_what_is_kept_under_an_older_key_is_put_again_under_the_current_one(url: str) -> None:
    """Should that key be dropped meanwhile, the file opens all the same."""
    EvidenceStore(url, Keyring(OLD)).put(PAPER)
    EvidenceStore(url, BOTH).put(PAPER)
    assert EvidenceStore(url, Keyring(NEW)).open(HASH) == PAPER


def test_a_file_that_was_written_while_the_keys_changed_is_written_again(url: str) -> None:
    """The rotation had gone past it: nobody else would."""
    marks = [Keyring(OLD).id, BOTH.id, BOTH.id]
    store = EvidenceStore(url, LiveKeyring(BOTH, lambda: marks.pop(0)))
    store.put(PAPER)
    assert store.key_of(HASH) == BOTH.id
    assert marks == []


def _spare(store: EvidenceStore, files: dict[str, bytes]) -> str:
    path = f"{store._root}/{HASH[:2]}/{HASH}"
    for ending, content in files.items():
        store._files.pipe_file(path + ending, content)
    return path


def test_a_file_that_was_cut_short_is_mended_from_its_spare() -> None:
    """On a store without atomic writes: killed while the file itself was written."""
    url = f"memory://{uuid.uuid4()}"
    EvidenceStore(url, Keyring(OLD)).put(PAPER)
    store = EvidenceStore(url, BOTH)
    whole = BOTH.seal_evidence(PAPER, HASH)
    path = _spare(store, {"": whole[:20], ".spare": whole})
    store.mend()
    assert store.open(HASH) == PAPER
    assert not store._files.exists(f"{path}.spare")


def test_a_spare_that_was_cut_short_itself_changes_nothing() -> None:
    url = f"memory://{uuid.uuid4()}"
    EvidenceStore(url, Keyring(OLD)).put(PAPER)
    store = EvidenceStore(url, BOTH)
    path = _spare(store, {".spare": BOTH.seal_evidence(PAPER, HASH)[:20]})
    store.mend()
    assert (store.open(HASH), store.key_of(HASH)) == (PAPER, Keyring(OLD).id)
    assert not store._files.exists(f"{path}.spare")


def test_a_spare_of_a_file_that_was_deleted_does_not_bring_it_back() -> None:
    store = EvidenceStore(f"memory://{uuid.uuid4()}", BOTH)
    _spare(store, {".spare": BOTH.seal_evidence(PAPER, HASH)})
    store.mend()
    assert list(store.hashes()) == []
    assert store._files.find(store._root) == []


def test_other_names_in_the_folder_are_no_files_of_the_store(tmp_path: Path) -> None:
    store = EvidenceStore(str(tmp_path), BOTH)
    store.put(PAPER)
    (tmp_path / HASH[:2] / "README").write_text("x")
    (tmp_path / "lost+found").mkdir()
    assert list(store.hashes()) == [HASH]
    assert key_of((tmp_path / HASH[:2] / HASH).read_bytes()) == BOTH.id
