"""The sandbox: whatever a reader does in a child is a result, and the other calls go on."""

import mmap
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import psutil
import pytest
from pebble.pool.process import WorkerManager

from extractors.archive import ArchiveRefused, walk
from extractors.sandbox import ChildDied, ChildFailed, Sandbox, SandboxLimits, Wall, child, confinement, pool
from tests.extractors import misbehaviour
from tests.extractors.archive.zips import PDF, zip_of

HASTY = SandboxLimits(seconds=0.5)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2, HASTY) as sandbox:
        yield sandbox


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait until something holds; the time is a bound for a failing test, not a measurement."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_results_come_back_in_order(sandbox: Sandbox) -> None:
    futures = [sandbox.submit(misbehaviour.double, number) for number in range(200)]
    assert [future.result() for future in futures] == [2 * number for number in range(200)]


def test_an_archive_is_walked_in_a_child(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(zip_of({"a.pdf": PDF}))
    assert sandbox.run(walk, path) == walk(path)


@pytest.mark.parametrize(
    ("function", "arguments", "reason"),
    [
        (misbehaviour.sleep, (600,), "timeout"),
        (misbehaviour.hang_in_native_code, (), "timeout"),
        (misbehaviour.spin, (), "timeout"),
        (misbehaviour.kill_self, (signal.SIGXCPU,), "timeout"),
        (misbehaviour.kill_self, (signal.SIGALRM,), "timeout"),
        (misbehaviour.allocate, (3 << 30,), "memory"),
        (misbehaviour.kill_self, (signal.SIGKILL,), "memory"),
        (misbehaviour.crash, (), "crash"),
        (misbehaviour.kill_self, (signal.SIGABRT,), "crash"),
    ],
)
def test_a_lost_child_is_a_result(
    sandbox: Sandbox, function: Callable[..., None], arguments: tuple[Any, ...], reason: str
) -> None:
    with pytest.raises(ChildDied) as caught:
        sandbox.run(function, *arguments)
    assert caught.value.reason == reason
    assert not isinstance(caught.value, ChildFailed)
    assert sandbox.run(misbehaviour.double, 4) == 8


def test_a_lost_child_takes_no_other_call_with_it(sandbox: Sandbox) -> None:
    sound = [sandbox.submit(misbehaviour.double, number) for number in range(20)]
    deadly = [sandbox.submit(misbehaviour.crash), sandbox.submit(misbehaviour.sleep, 600)]
    later = [sandbox.submit(misbehaviour.double, number) for number in range(20)]
    assert [future.result() for future in sound + later] == [2 * number for number in range(20)] * 2
    assert [type(future.exception()) for future in deadly] == [ChildDied, ChildDied]


def test_exceptions_of_the_extractors_come_back_as_they_are(sandbox: Sandbox) -> None:
    with pytest.raises(ArchiveRefused) as caught:
        sandbox.run(misbehaviour.raise_own)
    assert caught.value.fault.facts == {"member": "1"}


def test_of_other_exceptions_only_type_and_place_come_back(sandbox: Sandbox) -> None:
    with pytest.raises(ChildFailed) as caught:
        sandbox.run(misbehaviour.raise_foreign)
    assert (caught.value.error, caught.value.reason) == ("ValueError", "crash")
    assert caught.value.place.startswith("misbehaviour.py:")
    assert "10000000146" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "function", [misbehaviour.leave_the_interpreter, misbehaviour.return_what_cannot_travel]
)
def test_what_cannot_travel_fails_that_call_alone(sandbox: Sandbox, function: Callable[[], object]) -> None:
    with pytest.raises(ChildFailed):
        sandbox.run(function)
    assert sandbox.run(misbehaviour.double, 4) == 8


def test_a_child_can_write_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="PermissionError"):
        sandbox.run(misbehaviour.write_file, tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_a_child_leaves_no_core_and_hears_no_interrupt(sandbox: Sandbox) -> None:
    assert sandbox.run(misbehaviour.core_limit)[0] == 0
    assert sandbox.run(misbehaviour.is_deaf_to_interrupts)


def test_a_child_knows_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANIT_KEY", "secret")
    with Sandbox(1, start_method="fork") as sandbox:
        names = sandbox.run(misbehaviour.environment_names)
    assert "PATH" in names
    assert "KANIT_KEY" not in names


def test_what_a_child_has_started_dies_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without walls: behind them, a child can start nothing."""
    monkeypatch.setattr(child, "build_walls", lambda _: None)
    marker = str(tmp_path)
    with Sandbox(1, HASTY, "fork") as sandbox:
        with pytest.raises(ChildDied) as caught:
            sandbox.run(misbehaviour.fork_and_hang, marker)
        assert caught.value.reason == "timeout"
        assert eventually(lambda: not _processes_with(marker))


def _processes_with(argument: str) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                if argument in (process / "cmdline").read_text():
                    found.append(int(process.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def test_many_threads_may_call_at_once(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda number: sandbox.run(misbehaviour.double, number), range(80)))
    assert results == [2 * number for number in range(80)]


def test_a_running_call_can_be_cancelled() -> None:
    with Sandbox(1) as sandbox:
        process = sandbox.run(misbehaviour.process_id)
        future = sandbox.submit(misbehaviour.sleep, 600)
        assert future.cancel()
        assert sandbox.run(misbehaviour.process_id) > 0
    assert eventually(lambda: is_gone(process))


def test_children_are_replaced_after_their_share_of_calls() -> None:
    with Sandbox(1, SandboxLimits(tasks_per_child=2)) as sandbox:
        processes = [sandbox.run(misbehaviour.process_id) for _ in range(6)]
    assert len(set(processes)) == 3


def test_children_that_have_ended_are_forgotten() -> None:
    """A pipe that is not emptied would be full after some thousand children, and the next one would hang."""
    noticed: set[int] = set()
    with Sandbox(1, SandboxLimits(tasks_per_child=1)) as sandbox:
        for _ in range(15):
            sandbox.run(misbehaviour.double, 1)
            noticed |= sandbox._known_groups
            assert len(sandbox._known_groups) < 5
    assert noticed


def test_a_child_killed_while_idle_is_replaced() -> None:
    with Sandbox(1) as sandbox:
        process = sandbox.run(misbehaviour.process_id)
        os.kill(process, signal.SIGKILL)
        assert eventually(lambda: is_gone(process))
        assert {sandbox.run(misbehaviour.double, number) for number in range(5)} == {0, 2, 4, 6, 8}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_call_whose_child_was_killed_by_others_is_made_again(number: int) -> None:
    with Sandbox(1) as sandbox:
        first = sandbox.run(misbehaviour.process_id)
        sandbox.run(misbehaviour.die_among, {first}, number)
        assert sandbox.run(misbehaviour.process_id) != first


def test_the_copy_of_a_large_program_has_room_to_work_in() -> None:
    large = mmap.mmap(-1, 3 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with large, Sandbox(1, start_method="fork") as sandbox:
        assert Wall.SECCOMP in sandbox.run(confinement.standing)
        sandbox.run(misbehaviour.allocate, 100 << 20)
        with pytest.raises(ChildDied, match="memory"):
            sandbox.run(misbehaviour.allocate, 3 << 30)


def test_calls_lost_with_the_fork_server_are_made_again() -> None:
    with Sandbox(2) as sandbox:
        assert sandbox.run(misbehaviour.double, 1) == 2
        futures = [sandbox.submit(misbehaviour.sleep, 0.3) for _ in range(4)]
        os.kill(_fork_server(), signal.SIGKILL)
        assert [future.exception() for future in futures] == [None] * 4
        assert sandbox.run(misbehaviour.double, 2) == 4


def _fail(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let so many children fail to start: the fork server dies under them."""
    left = [BrokenProcessPool() for _ in range(times)]
    launch = WorkerManager.new_worker

    def new_worker(manager: WorkerManager) -> None:
        if left:
            raise left.pop()
        launch(manager)  # type: ignore[no-untyped-call]  # the library has gaps in its types

    monkeypatch.setattr(WorkerManager, "new_worker", new_worker)


def test_a_pool_that_fails_to_start_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    _fail(monkeypatch, 2)
    with Sandbox(2) as sandbox:
        assert sandbox.run(misbehaviour.double, 2) == 4


def test_where_no_child_can_be_started_no_paper_is_blamed_and_nothing_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _fail(monkeypatch, 100)
    with Sandbox(2) as sandbox:
        with pytest.raises(BrokenProcessPool):
            sandbox.run(misbehaviour.double, 2)
        assert sandbox._jobs == set()


@pytest.mark.parametrize("number", [0, signal.SIGKILL])
def test_a_call_lost_on_its_way_is_made_again(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that takes it dies at once, by SIGKILL with the pool's locks in its hands; another one is at work."""
    monkeypatch.setattr(pool, "_SLACK_SECONDS", 0.5)
    monkeypatch.setenv("DEADLY_SIGNAL", str(int(number)))
    with Sandbox(2, SandboxLimits(seconds=2)) as sandbox:
        sandbox.run(misbehaviour.double, 1)
        first = {child.pid for child in psutil.Process(_fork_server()).children()}
        monkeypatch.setenv("DEADLY_CHILDREN", ",".join(map(str, first)))
        busy = sandbox.submit(misbehaviour.sleep, 1)
        with monkeypatch.context() as patch:
            dumps = pickle.dumps
            patch.setattr(
                "extractors.sandbox.pool.pickle.dumps", lambda call: misbehaviour.DeadlyLetter(dumps(call))
            )
            lost = sandbox.submit(misbehaviour.double, 21)
        assert lost.result(timeout=60) == 42
        assert busy.result(timeout=60) is None
        assert not first <= {child.pid for child in psutil.Process(_fork_server()).children()}


def _fork_server() -> int:
    number: int = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # there is no public name
    return number


def test_leaving_waits_for_calls_and_ends_the_children() -> None:
    with Sandbox(2) as sandbox:
        process = sandbox.run(misbehaviour.process_id)
        futures = [sandbox.submit(misbehaviour.sleep, 0.1) for _ in range(6)]
    assert all(future.exception() is None for future in futures)
    assert is_gone(process)
    with pytest.raises(RuntimeError, match="closed"):
        sandbox.submit(misbehaviour.double, 1)


def test_leaving_by_an_exception_kills_what_runs() -> None:
    def interrupted() -> None:
        with Sandbox(1) as sandbox:
            processes.append(sandbox.run(misbehaviour.process_id))
            futures.extend(sandbox.submit(misbehaviour.sleep, 600) for _ in range(3))
            raise KeyboardInterrupt

    processes: list[int] = []
    futures: list[Any] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert all(future.cancelled() for future in futures)
    assert is_gone(processes[0])


@pytest.mark.parametrize("start_method", ["spawn", "fork"])
def test_other_start_methods_serve_too(start_method: str) -> None:
    with Sandbox(1, start_method=start_method) as sandbox:
        assert sandbox.run(misbehaviour.double, 21) == 42
        with pytest.raises(ChildDied):
            sandbox.run(misbehaviour.kill_self, signal.SIGTERM)
        assert sandbox.run(misbehaviour.double, 21) == 42


# Whole programs

PROGRAM = """
import ftplib  # stands for what the program imports and children must not
import sys
from extractors.sandbox import Sandbox, SandboxLimits
from tests.extractors import misbehaviour

with Sandbox(1, SandboxLimits(seconds={seconds})) as sandbox:
    {body}
"""


def program(tmp_path: Path, body: str, seconds: float = 600.0) -> "subprocess.Popen[str]":
    """Start a program without a guard of its main module, in a session of its own."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(body=body, seconds=seconds), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.Popen(
        [sys.executable, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


def hanging_program(tmp_path: Path, seconds: float = 600.0) -> "tuple[subprocess.Popen[str], int]":
    """Start a program, wait until its child hangs, and return it with the child's process number."""
    body = "print(sandbox.run(misbehaviour.process_id), flush=True); sandbox.run(misbehaviour.hang)"
    run = program(tmp_path, body, seconds)
    assert run.stdout is not None
    process = int(run.stdout.readline())
    assert eventually(lambda: psutil.Process(process).name() == misbehaviour.HANGING)
    return run, process


def test_nothing_that_a_child_prints_reaches_the_program(tmp_path: Path) -> None:
    run = program(tmp_path, "sandbox.run(misbehaviour.print_garbage)")
    assert run.communicate(timeout=60) == ("", "")
    assert run.returncode == 0


def test_children_load_the_readers_and_nothing_of_the_program(tmp_path: Path) -> None:
    run = program(tmp_path, "print(*sandbox.run(misbehaviour.loaded_modules))")
    modules = set(run.communicate(timeout=60)[0].split())
    assert "extractors.archive" in modules
    assert not {"ftplib", "prefect", "flows", "storage"} & modules


def test_an_interrupted_program_ends_with_its_children(tmp_path: Path) -> None:
    run, process = hanging_program(tmp_path)
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate(timeout=60)
    assert errors.strip().endswith("KeyboardInterrupt")
    assert eventually(lambda: is_gone(process))


@pytest.mark.slow
def test_children_of_a_killed_program_end_when_their_time_is_over(tmp_path: Path) -> None:
    run, process = hanging_program(tmp_path, seconds=1.0)
    run.kill()
    run.communicate(timeout=60)
    assert eventually(lambda: is_gone(process))
