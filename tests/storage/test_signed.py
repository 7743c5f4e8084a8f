import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.folders import LocalInbox
from storage.signed import signed_at
from tests.storage.samples import application
from validators.application import MAX_BYTES


def _told(folder: Path, declaration: bytes) -> datetime | None:
    (folder / "A-1").mkdir(exist_ok=True)
    (folder / "A-1" / "application.json").write_bytes(declaration)
    return signed_at(LocalInbox(folder), "A-1")


def test_the_moment_of_the_declaration_is_told_in_utc(tmp_path: Path) -> None:
    declaration = json.dumps(application("A-1", day="2026-11-20")).encode()
    assert _told(tmp_path, declaration) == datetime(2026, 11, 20, 11, 5, tzinfo=UTC)
    assert _told(tmp_path, b"\xef\xbb\xbf" + declaration) == datetime(2026, 11, 20, 11, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "declaration",
    [
        b"",
        b"\x00 no JSON",
        b"[]",
        b"{}",
        b'{"submitted_at": 5}',
        b'{"submitted_at": "2026-11-20"}',
        b'{"submitted_at": "2026-02-31T10:00:00+03:00"}',
        b'{"submitted_at": ' + b"[" * 100_000,
        b'{"submitted_at": "2026-11-20T10:00:00+03:00"}' + b" " * MAX_BYTES,
    ],
    ids=["empty", "no-json", "list", "nothing", "number", "day", "no-such-day", "deep", "too-large"],
)
def test_what_tells_no_moment_is_no_error(declaration: bytes, tmp_path: Path) -> None:
    assert _told(tmp_path, declaration) is None


def test_a_folder_without_a_declaration_is_no_error(tmp_path: Path) -> None:
    assert signed_at(LocalInbox(tmp_path), "nowhere") is None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_an_error(tmp_path_factory: pytest.TempPathFactory, declaration: bytes) -> None:
    told = _told(tmp_path_factory.getbasetemp(), declaration)
    assert told is None or told.tzinfo is UTC
