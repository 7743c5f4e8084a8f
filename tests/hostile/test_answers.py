"""Answers of a child that an attacker has written: they run nothing in the program, and make nothing but data."""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.archive import ArchiveRefused
from extractors.facts import Box, Fault, FaultCode, Field, Kind, Media, Upload
from extractors.sandbox import ChildDied, Sandbox, SandboxUnfit, Wall, answers
from extractors.sandbox.child import Outcome
from tests.hostile import attacks


def call_by_name(module: str, name: str, *arguments: object) -> bytes:
    """Pickle a call of what Python finds by a name, dotted or not, as no honest child would."""
    return name_of(module, name) + pickle.dumps(arguments, 4)[2:-1] + b"R."


def name_of(module: str, name: str) -> bytes:
    return (
        b"\x80\x04"
        + b"".join(b"\x8c" + bytes([len(word)]) + word.encode() for word in (module, name))
        + b"\x93"
    )


def setting_on(module: str, name: str, attribute: str, value: object) -> bytes:
    """Pickle an attribute that is set on what is found by a name."""
    state = b"N" + pickle.dumps({attribute: value}, 4)[2:-1] + b"\x86"
    return name_of(module, name) + state + b"b."


CALLED = [
    ("os", "system"),
    ("posix", "system"),
    ("subprocess", "Popen"),
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "open"),
    ("builtins", "__import__"),
    ("builtins", "type"),
    ("builtins", "setattr"),
    ("importlib", "import_module"),
    ("functools", "partial"),
    ("operator", "attrgetter"),
    ("ctypes", "CDLL"),
    ("copyreg", "_reconstructor"),
    ("pathlib", "PosixPath.unlink"),
    ("extractors.evidence", "pickle.loads"),
    ("extractors.evidence", "Path.touch"),
    (
        "extractors.reader",
        "PdfReader",
    ),  # a reader at work in the program is what the sandbox is there to prevent
    ("extractors.document", "read_document"),
    ("extractors.sandbox.pool", "os.system"),
    ("extractors.sandbox.pool", "Sandbox"),
    ("extractors.sandbox.server", "silence"),
    ("extractors.clean_start", "start_again_without"),
    ("pebble.pool.process", "process_execute"),
    ("pebble.common.types", "Result.__init__"),
    ("storage.keys", "load_keys"),
    ("flows.cli", "main"),
]


@pytest.mark.parametrize(("module", "name"), CALLED)
def test_an_answer_calls_nothing(module: str, name: str) -> None:
    with pytest.raises(pickle.UnpicklingError):
        answers.loads(call_by_name(module, name, "true"))


@pytest.mark.parametrize("first", ["os", Fault, 3])
def test_an_answer_reaches_no_attribute(first: object) -> None:
    with pytest.raises((pickle.UnpicklingError, AttributeError)):
        answers.loads(call_by_name("builtins", "getattr", first, "__class__"))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("extractors.facts", "Fault"),
        ("extractors.facts", "Kind"),
        ("extractors.archive", "ArchiveRefused"),
        ("extractors.sandbox.child", "Outcome"),
        ("datetime", "date"),
        ("pebble.pool.process", "TaskResult"),
        ("pebble.common.types", "Result"),
    ],
)
def test_an_answer_changes_no_class(module: str, name: str) -> None:
    data = setting_on(module, name, "changed_by_a_child", 1)
    kind = pickle.loads(name_of(module, name) + b".")  # noqa: S301 - ours
    with suppress(Exception):  # refused or not: what matters is the class
        answers.loads(data)
    assert not hasattr(kind, "changed_by_a_child")


def test_the_pickles_of_these_tests_do_what_they_say(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    pickle.loads(call_by_name("posix", "system", f"touch {sign}"))  # noqa: S301 - ours
    assert sign.exists()

    pickle.loads(setting_on(__name__, "Changed", "changed_by_a_child", 1))  # noqa: S301 - ours
    assert Changed.changed_by_a_child == 1  # type: ignore[attr-defined]  # that is the attack


class Changed:
    """A class that a pickle changes where nothing prevents it."""


FACTS = [
    Upload("a.zip", "0" * 64, 3, Fault(FaultCode.ARCHIVE_UNSAFE, {"reason": "name", "member": "2"})),
    {"field": Field("2026-11-09", "09.11.2026", 1, Box(1, 2, 3, 4))},
    (Kind.UNKNOWN, Media.PDF, Wall.SECCOMP, Outcome.FAILED),
    [date(2026, 11, 9), b"bytes", bytearray(b"x"), {1, 2}, frozenset({3}), 2.5, None, True, 10**30],
]


@pytest.mark.parametrize("fact", FACTS, ids=range(len(FACTS)))
@pytest.mark.parametrize("protocol", [pickle.DEFAULT_PROTOCOL, pickle.HIGHEST_PROTOCOL])
def test_facts_come_back_as_they_were(fact: object, protocol: int) -> None:
    loaded = answers.loads(pickle.dumps(fact, protocol))
    assert loaded == fact
    assert type(loaded) is type(fact)


@pytest.mark.parametrize(
    "error",
    [
        ArchiveRefused(Fault(FaultCode.ARCHIVE_ENCRYPTED, {"member": "1"})),
        SandboxUnfit((Wall.LANDLOCK,)),
        TypeError("cannot travel"),
    ],
)
def test_errors_come_back_as_they_were(error: Exception) -> None:
    loaded = answers.loads(pickle.dumps(error))
    assert (type(loaded), loaded.args) == (type(error), error.args)


def test_classes_of_data_come_from_the_package_that_was_asked_alone() -> None:
    colour = pickle.dumps(Colour.RED)
    assert answers.loads(colour, answers.packages_of(attacks.fork)) is Colour.RED
    with pytest.raises(pickle.UnpicklingError):
        answers.loads(colour)


class Colour(Enum):
    """Data of these tests."""

    RED = 1


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_plain_data_or_an_exception(data: bytes) -> None:
    with suppress(Exception):  # a pickle raises anything; what it must not do is end the program, or hang
        assert answers.loads(data) is not NotImplemented


# Through a real child


def answer_with_a_call(path: str) -> object:
    return _Call(path)


class _Call:
    """Pickles as a command for the shell."""

    def __init__(self, path: str) -> None:
        self._command = f"touch {path}"

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self._command,)


def send_past_the_answer(path: str) -> None:
    """Write a command for the shell into every pipe that this process has."""
    message = pickle.dumps(_Call(path))
    framed = len(message).to_bytes(4, "big") + message
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, framed)
        except OSError:
            continue


@pytest.mark.parametrize(
    ("method", "attack"),
    [
        ("forkserver", answer_with_a_call),
        ("forkserver", send_past_the_answer),
        ("fork", answer_with_a_call),
    ],
)
def test_no_child_runs_code_in_the_program(method: str, attack: Callable[[str], Any], tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    with Sandbox(1, start_method=method) as sandbox:
        with pytest.raises(ChildDied):
            sandbox.run(attack, str(sign))
        assert not sign.exists()
        assert sandbox.run(attacks.use_a_thread) == "done"
