"""Texts of strangers on a terminal, in files and in logs: shown, never obeyed."""

import io
import json
import logging
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.logs import redacted_record
from flows.terminal import PlainWriter, plain
from tests.flows.helpers import KANIT, TIMEOUT, kanit
from tests.hostile import texts

UNPRINTABLE = st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Lu"]), max_size=20)


class Terminal(io.BytesIO):
    """What a stream writes to, as a terminal would be."""

    def isatty(self) -> bool:
        return True


def written(text: str, place: io.BytesIO, *, moves: bool = False) -> str:
    writer = PlainWriter(place, moves=moves, encoding="utf-8", errors="backslashreplace", newline="")
    assert writer.write(text) == len(text)
    writer.flush()
    return place.getvalue().decode()


def test_what_a_terminal_obeys_is_shown() -> None:
    assert plain("a\x1b[2Jb\x9b5m\u202ec\U000e0041\n\td") == (
        "a\\u001b[2Jb\\u009b5m\\u202ec\\udb40\\udc41\n\td"
    )


@given(UNPRINTABLE)
def test_nothing_that_is_obeyed_is_left(text: str) -> None:
    assert not texts.obeyed(written(text, io.BytesIO()), "\n\t\r") - _SIGNS
    assert not texts.obeyed(plain(text), "\n\t") - _SIGNS


_SIGNS = {
    chr(code) for code in (0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2)
} | {chr(code) for code in (0x110BD, 0x110CD, *range(0x13430, 0x13440))}
"""Signs of other scripts that Unicode counts with the invisible: they are shown and move nothing."""


@given(UNPRINTABLE)
def test_json_says_the_same_after_it(text: str) -> None:
    line = json.dumps({"text": text}, ensure_ascii=False)
    assert json.loads(written(line, io.BytesIO())) == {"text": text}


def test_our_own_colours_reach_a_terminal_and_nothing_else() -> None:
    ours = click.style("red and bold", fg="red", bold=True)
    assert written(ours, Terminal()) == ours
    assert written(ours, io.BytesIO()) == "\\u001b[31m\\u001b[1mred and bold\\u001b[0m"


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b[8mhidden",
        "\x1b[7m",
        "\x1b[30m",
        "\x1b[2J",
        "\x1b[1A",
        "\x1b]0;t\x07",
        "\x1bc",
        "a\rb",
        "\x9b2J",
        "\x08",
    ],
)
def test_a_strangers_commands_do_not(attack: str) -> None:
    assert not texts.obeyed(written(attack, Terminal()))


def test_a_progress_bar_may_draw_itself_anew_but_not_change_the_title() -> None:
    moves = "\x1b[?25l\x1b[2K\x1b[1A\r\x1b[?25h"
    assert written(moves, Terminal(), moves=True) == moves
    assert not texts.obeyed(written("\x1b]0;t\x07\x1b[2J\x1b[8m", Terminal(), moves=True))
    assert not texts.obeyed(written(moves, io.BytesIO(), moves=True))


def test_lines_of_other_systems_keep_their_ends() -> None:
    assert written("a\r\nb\r\n", io.BytesIO()) == "a\r\nb\r\n"


# Logs


def test_a_log_line_is_one_line_and_obeys_nothing() -> None:
    forged = f"TS-1\n2026-11-22 INFO all is well {texts.ESCAPES}{texts.TURNED}"
    record = redacted_record("flows", logging.WARNING, __file__, 1, "read %s", (forged,), None)
    first, *others = record.getMessage().split("\n")
    assert others
    assert all(line.startswith("    ") for line in others)
    assert not texts.obeyed(first + "".join(others))


def test_the_text_of_an_exception_obeys_nothing() -> None:
    with pytest.raises(ValueError, match="DROP") as caught:
        int(texts.EVERYTHING)
    told = (caught.type, caught.value, caught.tb)
    record = redacted_record("flows", logging.ERROR, __file__, 1, "failed", (), told)
    assert record.exc_text
    assert not texts.obeyed(record.exc_text, "\n")


# The commands


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return texts.application(tmp_path_factory.mktemp("inbox"))


COMMANDS = (["verify"], ["verify", "--json"], ["verify", "--all", "--reveal"], ["explain"], ["letter"])


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_commands_show_an_application_plainly(arguments: list[str], folder: Path, tmp_path: Path) -> None:
    printed = kanit([*arguments, folder], {"KANIT_HOME": str(tmp_path)})
    assert printed.err == ""
    assert not texts.obeyed(printed.out)
    assert "DROP TABLE" in printed.out


def test_the_report_says_what_the_codes_say(folder: Path, tmp_path: Path) -> None:
    printed = kanit(["verify", "--json", folder], {"KANIT_HOME": str(tmp_path)})
    found = [code["text"] for document in printed.lines[0]["documents"] for code in document["codes"]]
    assert any(texts.ESCAPES in text and texts.TURNED in text for text in found)


def test_nothing_is_obeyed_on_a_real_terminal(folder: Path, tmp_path: Path) -> None:
    """With the names of a file and of a folder, which are the strongest: an ESC may stand in them."""
    path = tmp_path / f"{texts.ESCAPES}{texts.TURNED}.zip"
    path.write_bytes(next(folder.glob("*.zip")).read_bytes())
    shown = on_a_terminal(["unpack", str(path)]) + on_a_terminal(["verify", f"{path}/nowhere"])
    assert "owned" in shown
    assert "\\u001b]0;owned" in shown
    for attack in ("\x1b]0;", "\x1b[2J", "\x9b", "\u202e", "\x08"):
        assert attack not in shown


def on_a_terminal(arguments: list[str]) -> str:
    """Run `kanit` on a terminal of its own and return what it wrote there."""
    outside, inside = pty.openpty()
    process = subprocess.Popen([KANIT, *arguments], stdout=inside, stderr=inside, stdin=subprocess.DEVNULL)
    os.close(inside)
    try:
        data = b"".join(_pieces(outside))
    finally:
        os.close(outside)
        process.wait(TIMEOUT)
    return data.decode("utf-8", "replace")


def _pieces(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # the other end is closed
            return
        if not piece:
            return
        yield piece


def test_colours_reach_a_real_terminal(folder: Path) -> None:
    assert "\x1b[31m" in on_a_terminal(["verify", str(folder)])


MISNAMED = (["verify"], ["read"], ["unpack"], ["explain"], ["letter"], ["batch"])


@pytest.mark.parametrize("arguments", MISNAMED, ids=" ".join)
def test_errors_quote_plainly(arguments: list[str], tmp_path: Path) -> None:
    name = f"nothing{texts.ESCAPES}{texts.TURNED}"
    printed = kanit([*arguments, name], {"KANIT_HOME": str(tmp_path)})
    assert printed.code in {2, 10}
    assert not texts.obeyed(printed.out + printed.err)


@pytest.mark.parametrize("field", ["title", "given_name", "evidence", "reason"])
def test_a_declaration_with_what_is_obeyed_is_refused(field: str, tmp_path: Path) -> None:
    path = texts.application(tmp_path / "inbox") / "application.json"
    declared = json.loads(path.read_text("utf-8"))
    evil = f"ÖRNEK{texts.TURNED}"
    if field == "evidence":
        declared["evidence"] = [evil]
    elif field == "reason":
        del declared["evidence"]
        declared |= {"procedure": "personnel_removal", "reason": texts.ESCAPES}
    else:
        (declared["provider"] if field == "title" else declared["people"][0])[field] = evil
    path.write_text(json.dumps(declared), "utf-8")
    printed = kanit(["verify", "--json", path.parent], {"KANIT_HOME": str(tmp_path)})
    (report,) = printed.lines
    found = {finding["code"] for finding in cast("list[dict[str, str]]", report["findings"])}
    assert found == {"APPLICATION_INVALID"}
