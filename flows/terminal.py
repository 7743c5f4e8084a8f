r"""What a terminal gets to see: texts of strangers are shown, never obeyed.

Names, titles, QR codes and file names may hold what a terminal obeys (ESC sequences that rewrite what was printed, or
its title), and what turns the order of letters around. All of that is written as `\u001b`, which within JSON stands for
the same character. On a terminal our own colours pass; a stranger's pass with them, and do no harm.
"""

import io
import re
import sys
from typing import Any, TextIO

_OBEYED = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters that show nothing and do something: controls but for line feed and tab, turned order, invisible ones."""
_COLOUR = r"(?:[0-4]|39|[39][1-7])"
"""Bold, dim, italic, underlined, the colours but black, and back to what was before; not hidden, not inverse."""
_LINE_END = r"\r(?=\n)"
_COLOURS = rf"\x1b\[(?:{_COLOUR}(?:;{_COLOUR})*)?m"
_MOVES = r"\x1b\[\?25[lh]|\x1b\[[0-9]*[AK]|\r"
"""How a progress bar draws itself anew."""
_EVERYTHING = re.compile(f"[{_OBEYED}]")
_TURNING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_IN_A_FILE = re.compile(f"({_LINE_END})|[{_OBEYED}]")
_ON_A_TERMINAL = re.compile(f"({_COLOURS}|{_LINE_END})|[{_OBEYED}]")
_WITH_PROGRESS = re.compile(f"({_COLOURS}|{_MOVES})|[{_OBEYED}]")


def plain(text: str) -> str:
    """Return a text in which everything is shown that a terminal or a viewer of logs would obey."""
    return _EVERYTHING.sub(_shown, text)


def unturned(text: str) -> str:
    """Return a page in which no control character stands and nothing turns the order of letters around."""
    return _TURNING.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _unless_ours(match: re.Match[str]) -> str:
    return match[1] or _shown(match)


class PlainWriter(io.TextIOWrapper):
    """A stream of text that lets nothing pass but colours, on a terminal, and with `moves` those of a progress bar."""

    def __init__(self, buffer: Any, *, moves: bool = False, **how: Any) -> None:
        super().__init__(buffer, **how)
        terminal = _WITH_PROGRESS if moves else _ON_A_TERMINAL
        self._ours = terminal if self.isatty() else _IN_A_FILE

    def write(self, text: str, /) -> int:
        """Write a text; return its length."""
        super().write(self._ours.sub(_unless_ours, text))
        return len(text)


def write_plainly() -> None:
    """Let the standard streams of this process be plain, in UTF-8, whatever they were."""
    sys.stdout, sys.stderr = _plainly(sys.stdout), _plainly(sys.stderr, moves=True)


def _plainly(stream: TextIO, *, moves: bool = False) -> TextIO:
    """Return a stream in the place of another; as it is where it is none of the system's."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    how = {"line_buffering": stream.line_buffering, "write_through": stream.write_through}
    # Names of files can hold what no encoding takes.
    stream.flush()
    return PlainWriter(stream.buffer, moves=moves, encoding="utf-8", errors="backslashreplace", **how)
