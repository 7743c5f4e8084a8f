"""Code of an attacker in a child of the sandbox: no network, no programs, no writing, no look at others, no secrets.

Each attack is made by a real child, and made once outside to show that it would work.
"""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from extractors.sandbox import ChildFailed, Sandbox, SandboxLimits, SandboxUnfit, Wall, confinement
from tests.hostile import attacks

METHODS = ("forkserver", "fork")


@pytest.fixture(scope="module", params=METHODS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(1, start_method=request.param) as box:
        missing = frozenset(Wall) - box.walls()
        if missing:
            pytest.skip(f"this machine has not: {', '.join(missing)}")
        yield box


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


def refused(box: Sandbox, attack: Callable[..., object], *arguments: Any) -> str:
    """Make an attack in a child; return by which error it was refused."""
    with pytest.raises(ChildFailed) as caught:
        box.run(attack, *arguments)
    return caught.value.error


def test_no_child_reaches_a_server_of_this_machine(sandbox: Sandbox, server: socket.socket) -> None:
    port = server.getsockname()[1]
    assert attacks.call_home(port) == "sent"
    server.accept()[0].close()
    assert refused(sandbox, attacks.call_home, port) == "PermissionError"
    assert refused(sandbox, attacks.send_a_datagram, port) == "PermissionError"
    with pytest.raises(BlockingIOError):
        server.accept()


def test_no_child_listens(sandbox: Sandbox) -> None:
    assert attacks.listen() > 0
    assert refused(sandbox, attacks.listen) == "PermissionError"


def test_no_child_reaches_a_socket_in_the_file_system(sandbox: Sandbox, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        assert attacks.knock_at(path) == "connected"
        assert refused(sandbox, attacks.knock_at, path) == "PermissionError"


def test_a_childs_network_has_no_way_out(sandbox: Sandbox) -> None:
    outside, inside = attacks.interfaces(), sandbox.run(attacks.interfaces)
    assert set(inside) <= {"lo"}
    assert outside != inside or outside == ["lo"]


def test_no_child_speaks_through_what_the_program_has_open(server: socket.socket, tmp_path: Path) -> None:
    with (
        socket.create_connection(server.getsockname()) as connection,
        (tmp_path / "log").open("wb", 0) as log,
        Sandbox(1, start_method="fork") as box,
    ):
        for descriptor in (connection.fileno(), log.fileno()):
            box.run(attacks.speak_through, descriptor)  # into nothing
        other, _ = server.accept()
        with other:
            other.setblocking(False)
            with pytest.raises(BlockingIOError):
                other.recv(9)
            assert attacks.speak_through(connection.fileno()) == len(other.recv(9))
    assert (tmp_path / "log").read_bytes() == b""


@pytest.mark.parametrize("attack", [attacks.fork, attacks.run_a_program, attacks.become_a_program])
def test_no_child_starts_a_process_or_a_program(sandbox: Sandbox, attack: Callable[[], object]) -> None:
    assert refused(sandbox, attack) == "PermissionError"
    assert sandbox.run(attacks.use_a_thread) == "done"


@pytest.mark.parametrize("attack", [attacks.write, attacks.make_a_folder])
def test_no_child_makes_a_file(sandbox: Sandbox, attack: Callable[[Path], object], tmp_path: Path) -> None:
    assert refused(sandbox, attack, tmp_path / "new") == "PermissionError"
    assert not list(tmp_path.iterdir())
    assert attack(tmp_path / "new")


CHANGES = (
    attacks.write,
    attacks.remove,
    attacks.rename,
    attacks.link,
    attacks.cut,
    attacks.open_to_all,
    attacks.turn_back_its_clock,
    attacks.tag,
)


@pytest.mark.parametrize("attack", CHANGES)
def test_no_child_changes_a_file(sandbox: Sandbox, attack: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"sealed")
    path.chmod(0o600)
    before = path.stat()
    assert refused(sandbox, attack, path) == "PermissionError"
    assert [entry.name for entry in tmp_path.iterdir()] == ["evidence.zip"]
    assert (
        path.stat()[:9] == before[:9]
    )  # before the test itself reads the file, and so changes when it was read
    assert path.read_bytes() == b"sealed"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not os.listxattr(path)
    assert attack(path)


@pytest.mark.parametrize(
    "attack",
    [
        attacks.read_environment_of,
        attacks.read_memory_of,
        attacks.trace,
        attacks.stop,
        attacks.lift_limits_of,
    ],
)
def test_no_child_touches_another_process(sandbox: Sandbox, attack: Callable[[int], object]) -> None:
    assert refused(sandbox, attack, os.getpid()) in {"PermissionError", "ProcessLookupError"}


@pytest.mark.parametrize("attack", [attacks.share_memory, attacks.keep_a_file_in_memory])
def test_no_child_takes_memory_that_its_limit_does_not_count(
    sandbox: Sandbox, attack: Callable[[], int]
) -> None:
    assert attack() >= 0
    assert refused(sandbox, attack) == "PermissionError"


BPF, PERF, KEYS, RINGS, FAULTS, SPACES = 321, 298, 250, 425, 323, 272
"""Numbers on x86-64 of bpf, perf_event_open, keyctl, io_uring_setup, userfaultfd, unshare."""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
@pytest.mark.parametrize("number", [BPF, PERF, KEYS, RINGS, FAULTS, SPACES])
def test_rarer_parts_of_the_kernel_are_shut(sandbox: Sandbox, number: int) -> None:
    assert refused(sandbox, attacks.system_call, number) == "PermissionError"


def test_no_child_lifts_its_own_limits(sandbox: Sandbox) -> None:
    assert refused(sandbox, attacks.lift_own_limits) in {"ValueError", "PermissionError"}


def test_a_child_has_no_rights_of_root_and_gains_none(sandbox: Sandbox) -> None:
    rights = sandbox.run(attacks.own_rights)
    assert int(rights["CapEff"], 16) in {
        0,
        1 << 2,
    }  # reading what other users have uploaded, where root runs it
    assert int(rights["CapInh"], 16) == 0
    assert (rights["NoNewPrivs"], rights["Seccomp"]) == ("1", "2")


# The environment


PROGRAM = """
import json, sys
from extractors.sandbox import Sandbox
from tests.hostile import attacks

if __name__ == "__main__":
    wanted = bytes.fromhex(sys.argv[2])
    with Sandbox(1, start_method=sys.argv[1]) as box:
        told = [*box.run(attacks.own_environment), box.run(attacks.holds_in_memory, wanted)]
    print(json.dumps([*told, attacks.holds_in_memory(wanted)]))
"""


@pytest.mark.parametrize("method", [*METHODS, "spawn"])
def test_a_child_knows_no_secret_of_the_programs_environment(method: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    secret = "0123456789secret" * 20  # no other object takes the place in memory of such a long one soon
    secrets = {"KANIT_KEY": secret, "AWS_SECRET_ACCESS_KEY": secret}
    root = str(Path(__file__).resolve().parents[2])
    run = subprocess.run(
        [sys.executable, str(path), method, attacks.turned(secret[50:200]).hex()],
        env=os.environ | secrets | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    variables, shown, held, held_outside = json.loads(run.stdout)
    assert "PATH" in variables
    assert not [name for name in variables if name.startswith(("KANIT", "AWS", "PREFECT"))]
    assert "secret" not in shown
    assert held_outside
    if (
        method == "forkserver"
    ):  # others begin as copies of the program, or with Python's copy of the variables
        assert not held


# Each wall alone


def unfit(*_: object) -> None:
    raise OSError(1, "not here")


NETWORK = (attacks.call_home, attacks.send_a_datagram)
HOLDS: dict[Wall, tuple[Callable[..., object], ...]] = {
    Wall.NAMESPACE: NETWORK,
    Wall.LANDLOCK: (
        attacks.call_home,
        attacks.write,
        attacks.make_a_folder,
        attacks.remove,
        attacks.rename,
        attacks.link,
        attacks.cut,
        attacks.become_a_program,
        attacks.read_environment_of,
        attacks.read_memory_of,
        attacks.stop,
    ),
    Wall.SECCOMP: (
        *NETWORK,
        *CHANGES,
        attacks.make_a_folder,
        attacks.fork,
        attacks.become_a_program,
        attacks.trace,
        attacks.stop,
        attacks.share_memory,
    ),
}
"""What each wall holds where the others cannot be had."""


@pytest.mark.parametrize(
    ("wall", "attack"),
    [pytest.param(wall, attack, id=f"{wall}-{attack.__name__}") for wall in HOLDS for attack in HOLDS[wall]],
)
def test_a_wall_holds_alone(
    wall: Wall,
    attack: Callable[..., object],
    server: socket.socket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        confinement, "_BUILDERS", dict.fromkeys(Wall, unfit) | {wall: confinement._BUILDERS[wall]}
    )
    path = tmp_path / ("new" if attack is attacks.make_a_folder else "file")
    (tmp_path / "file").write_bytes(b"sealed")
    kinds: dict[type, Any] = {int: os.getpid(), Path: path}
    wanted = [kind for name, kind in attack.__annotations__.items() if name != "return"]
    arguments = [server.getsockname()[1]] if attack in NETWORK else [kinds[kind] for kind in wanted]
    with Sandbox(1, start_method="fork") as box:
        if box.walls() - {Wall.SECRETS} != {wall}:
            pytest.skip(f"this machine has no {wall}")
        assert refused(box, attack, *arguments)


# Machines without them


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_BUILDERS", dict.fromkeys(Wall, unfit))


@pytest.mark.usefixtures("bare_machine")
def test_where_there_are_no_walls_papers_are_read_all_the_same() -> None:
    with Sandbox(1, start_method="fork") as box:
        assert box.walls() == frozenset()
        box.require_walls()
        assert box.run(attacks.use_a_thread) == "done"


@pytest.mark.usefixtures("bare_machine")
def test_where_walls_are_required_and_missing_nothing_is_read() -> None:
    with Sandbox(1, SandboxLimits(walls_required=True), "fork") as box:
        with pytest.raises(SandboxUnfit) as caught:
            box.require_walls()
        assert caught.value.missing == (Wall.LANDLOCK, Wall.SECCOMP, Wall.SECRETS)
        with pytest.raises(SandboxUnfit, match="landlock, seccomp, secrets"):
            box.run(attacks.use_a_thread)


def test_where_walls_are_required_and_stand_papers_are_read(sandbox: Sandbox) -> None:
    with Sandbox(1, SandboxLimits(walls_required=True)) as box:
        box.require_walls()
        assert box.run(attacks.use_a_thread) == "done"
    assert sandbox.walls() >= confinement.ESSENTIAL


def test_the_program_itself_has_no_walls() -> None:
    assert confinement.standing() == frozenset()
