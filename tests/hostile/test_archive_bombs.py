"""Archive bombs: each is refused with its code, within the memory and time of a child."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from extractors.archive import ArchiveRefused, walk
from extractors.sandbox import Sandbox, SandboxLimits
from tests.hostile import archive_bombs as bombs

LIMIT, UNSAFE, DAMAGED = "ARCHIVE_LIMIT", "ARCHIVE_UNSAFE", "ARCHIVE_DAMAGED"
BOMBS: dict[Callable[[], bytes], tuple[str, set[str]]] = {
    bombs.one_kernel_for_many: (UNSAFE, {"overlap"}),
    bombs.quoted_headers: (UNSAFE, {"overlap"}),
    bombs.sixteen_of_sixteen: (LIMIT, {"depth", "members", "ratio"}),
    bombs.million_to_one: (LIMIT, {"ratio"}),
    bombs.ten_gigabytes_declared: (LIMIT, {"member_bytes"}),
    bombs.terabytes_in_many: (LIMIT, {"member_bytes"}),
    bombs.million_entries: (LIMIT, {"members"}),
    bombs.many_small_entries: (LIMIT, {"members"}),
    bombs.directory_that_is_all: (LIMIT, {"directory_bytes"}),
    bombs.end_records_in_a_row: (DAMAGED, {"directory"}),
    bombs.itself_again: (UNSAFE, {"disagreement"}),
    bombs.streamed_without_end: (LIMIT, {"ratio"}),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with less room than most of the bombs would take."""
    with Sandbox(1, SandboxLimits(memory_bytes=1 << 30)) as box:
        yield box


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_a_bomb_is_refused(bomb: Callable[[], bytes], sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(bomb())
    with pytest.raises(ArchiveRefused) as caught:
        sandbox.run(walk, path)
    fault = caught.value.fault
    code, reasons = BOMBS[bomb]
    assert fault.code == code
    assert fault.facts.get("reason", fault.facts.get("limit")) in reasons
    assert [entry.name for entry in tmp_path.iterdir()] == ["bomb.zip"]


def test_a_reader_that_does_not_judge_opens_what_quotes_its_headers() -> None:
    data = bombs.quoted_headers()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inflated = sum(len(archive.read(name)) for name in archive.namelist())
    assert len(archive.namelist()) == 250
    assert inflated > 20 * len(data)
