import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storage.copies import copies, private_folder
from storage.inbox import open_inbox

_KILLED = """
import os, signal, sys
from pathlib import Path
from storage.copies import copies, private_folder
with copies(Path(sys.argv[1])) as own, private_folder(own, "A-1") as folder:
    (folder / "evidence.zip").write_bytes(b"a paper")
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_copy_is_for_its_owner_alone_and_is_removed(tmp_path: Path) -> None:
    with copies(tmp_path) as own, private_folder(own, "A-1") as folder:
        assert folder.name == "A-1"
        for path in (folder, folder.parent, own, own.parent):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        (folder / "evidence.zip").write_bytes(b"a paper")
    assert not own.exists()


def test_a_copy_is_removed_after_an_exception_too(tmp_path: Path) -> None:
    with copies(tmp_path) as own:
        with pytest.raises(ZeroDivisionError), private_folder(own, "A-1") as folder:
            (folder / "evidence.zip").write_bytes(bytes(1 // 0))
        assert [path.name for path in own.iterdir()] == [".lock"]


def test_two_copies_of_one_name_do_not_meet(tmp_path: Path) -> None:
    with copies(tmp_path) as own, private_folder(own, "A-1") as one, private_folder(own, "A-1") as two:
        assert one != two


def _left_by_a_killed_process(home: Path) -> Path:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(home)],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    left = Path(killed.stdout.strip())
    assert killed.returncode == -signal.SIGKILL
    assert (left / "evidence.zip").exists()
    return left


def test_opening_a_local_inbox_removes_it_too(tmp_path: Path) -> None:
    left = _left_by_a_killed_process(tmp_path)
    with open_inbox(str(tmp_path / "inbox"), tmp_path):
        assert not left.exists()


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path) -> None:
    with copies(tmp_path) as living:
        left = _left_by_a_killed_process(tmp_path)
        with copies(tmp_path) as own:
            assert not left.exists()
            assert {path for path in own.parent.iterdir() if path.is_dir()} == {living, own}
