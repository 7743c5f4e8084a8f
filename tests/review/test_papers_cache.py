"""The cache of pages: sealed, bounded in size and age, and never in the way."""

import os
import time
from pathlib import Path

import pytest

from review.cache import PageCache
from storage.keys import Keyring
from tests.storage.samples import KEYS

UPLOAD, OTHER = "a" * 64, "b" * 64
PAGE = b"a page with 10000000078 on it" * 100


@pytest.fixture
def cache(tmp_path: Path) -> PageCache:
    return PageCache(tmp_path / "pages", KEYS)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def age(folder: Path, upload: str, seconds: float) -> None:
    """Let an upload's pages have been looked at for the last time so long ago."""
    then = time.time() - seconds
    os.utime(folder / "pages" / upload, (then, then))


def test_what_was_put_is_given_back_and_nothing_else(cache: PageCache) -> None:
    cache.put(UPLOAD, {"x-1-160": PAGE, "x-sizes": b"[]"})
    assert cache.get(UPLOAD, "x-1-160") == PAGE
    assert cache.get(UPLOAD, "x-sizes") == b"[]"
    assert cache.get(UPLOAD, "x-2-160") is None
    assert cache.get(OTHER, "x-1-160") is None


def test_pages_are_sealed_and_for_their_owner_alone(cache: PageCache, tmp_path: Path) -> None:
    cache.put(UPLOAD, {"x-1-160": PAGE})
    (kept,) = files(tmp_path)
    assert b"10000000078" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in (tmp_path / "pages", kept.parent))


def test_a_page_does_not_open_as_another_one(cache: PageCache) -> None:
    cache.put(UPLOAD, {"x-1-160": PAGE, "x-2-160": b"other"})
    folder = cache._path(UPLOAD)
    (folder / "x-1-160").replace(folder / "x-2-160")
    assert cache.get(UPLOAD, "x-2-160") is None
    assert files(folder) == []


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 5000])
def test_a_damaged_page_counts_as_not_kept(cache: PageCache, damaged: bytes) -> None:
    cache.put(UPLOAD, {"x-1-160": PAGE})
    (cache._path(UPLOAD) / "x-1-160").write_bytes(damaged)
    assert cache.get(UPLOAD, "x-1-160") is None


def test_pages_under_another_key_count_as_not_kept(cache: PageCache, tmp_path: Path) -> None:
    PageCache(tmp_path / "pages", Keyring(b"another invented secret of 32 b.")).put(UPLOAD, {"x-1-160": PAGE})
    assert cache.get(UPLOAD, "x-1-160") is None


def test_the_uploads_that_nobody_looked_at_for_longest_make_room(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "pages", KEYS, max_bytes=4 * (len(PAGE) + 100))
    for number, upload in enumerate("cdef"):
        cache.put(upload * 64, {"x": PAGE})
        age(tmp_path, upload * 64, 100 - number)
    assert cache.get("c" * 64, "x") == PAGE  # looked at again just now
    cache.put(UPLOAD, {"x": PAGE})
    kept = {folder.name[0] for folder in (tmp_path / "pages").iterdir()}
    assert kept == {"a", "c", "f"}
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 4 * (len(PAGE) + 100)


def test_pages_are_kept_for_a_day_after_the_last_look(cache: PageCache, tmp_path: Path) -> None:
    cache.put(UPLOAD, {"x": PAGE})
    cache.put(OTHER, {"x": PAGE})
    age(tmp_path, OTHER, 25 * 3600)
    age(tmp_path, UPLOAD, 23 * 3600)
    cache.sweep()
    assert cache.get(UPLOAD, "x") == PAGE
    assert cache.get(OTHER, "x") is None


def test_an_upload_is_forgotten_at_once(cache: PageCache) -> None:
    cache.put(UPLOAD, {"x": PAGE})
    cache.put(OTHER, {"x": PAGE})
    cache.forget(UPLOAD)
    cache.forget("c" * 64)
    assert (cache.get(UPLOAD, "x"), cache.get(OTHER, "x")) == (None, PAGE)


def test_there_need_not_be_a_folder(cache: PageCache) -> None:
    cache.sweep()
    assert cache.get(UPLOAD, "x") is None


@pytest.mark.parametrize("name", ["../evidence", "a/b", "", "."])
def test_no_name_leads_out_of_the_folder(cache: PageCache, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        cache.get(UPLOAD, name)
    with pytest.raises(ValueError, match="no name"):
        cache.forget(name)
