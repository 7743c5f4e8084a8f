"""Logging of every process: readable lines on standard error, without anything that tells about somebody.

Redaction happens where a record is made, not in a handler: so it holds for handlers that other packages bring along
(Prefect's console and API handlers among them) and for the text of exceptions. `Redaction` is the same as a filter on
handlers, for what a record is given after it was made; it also brings redaction into processes that are Prefect's own
(`prefect_logging`). What Python prints of an exception that nobody caught goes the same way (`set_up_last_words`).
"""

import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from stdnum.tr import vkn

from flows.terminal import plain
from validators.identity import redact

PACKAGES = ("extractors", "validators", "storage", "flows", "review")
FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

_new_record: Callable[..., logging.LogRecord] = logging.LogRecord
_plain = logging.Formatter()
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}

_FILTER = f"{__name__}.Redaction"
_HIDDEN = "***"
_SUFFIX = r"(?i:\.(?:pdf|zip|jpe?g|png|tiff?|webp|hei[cf]|docx?|xlsx?|rar|7z)(?![\w.]))"
_NAME = r"[A-ZÇĞİÖŞÜÂÎÛ][\w'’]*+"
_NO_NAME = r"\n/\\'\"“”‘’«»"
_FILE_IN_PATH = re.compile(rf"(?<=['\"/\\“‘«])[^{_NO_NAME}]+(?={_SUFFIX})")
# From the beginning of a word, and with few words before it: whatever somebody sends must be searched in one go.
_FILE = re.compile(rf"(?<![^\s*{_NO_NAME}])(?:{_NAME} ){{0,4}}[^\s*{_NO_NAME}]+(?={_SUFFIX})")
_MASKED = r"[0-9]{2}\*{8,9}"
_BETWEEN = r"[^\S\n]?[,;:|/()\[\]'\"=–-]?[^\S\n]?"
_AFTER = re.compile(rf"({_MASKED}{_BETWEEN}){_NAME}(?: {_NAME}){{0,3}}")
_BEFORE = re.compile(rf"\b{_NAME}(?: {_NAME}){{1,3}}({_BETWEEN}{_MASKED})")
_LABELLED_NAME = re.compile(
    r"((?:given_name|family_name|first_name|last_name|(?<!\w)ad[ıi]? ?soyad[ıi]?|(?<!\w)(?:so)?yad[ıi]|(?<!\w)ad[ıi])"
    r"['\"]?[^\S\n]*[=:][^\S\n]*)(?:'[^'\n]*'|\"[^\"\n]*\"|[^\s,;)}\]]+)",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"((?:title|unvan[ıi]?)['\"]?[^\S\n]*[=:][^\S\n]*)(?:'[^'\n]*'|\"[^\"\n]*\")", re.IGNORECASE
)
_TAX_LABEL = re.compile(
    r"((?:vkn|vergi(?: kimlik)?(?: no| numaras[ıi])?|tax_number)\W{0,5})([0-9](?:[ .-]?[0-9]){9})(?![0-9])",
    re.IGNORECASE,
)
_TAX_NUMBER = re.compile(r"(?<![\w.*-])[0-9]{10}(?![\w*])")


def redact_line(text: str) -> str:
    """Mask what may tell about somebody in a line of a log: T.C. and tax numbers, names beside them, names of files.

    A tax number may be a natural person's, and one number in ten of as many digits looks like one: in a log that is no
    loss. Names are known by what stands beside them, a number or a label; one that stands alone is not.
    """
    masked = redact(text)
    masked = _TAX_LABEL.sub(lambda found: f"{found[1]}{found[2][:2]}{'*' * 8}", masked)
    masked = _TAX_NUMBER.sub(_tax_number, masked)
    masked = _TITLE.sub(rf"\1{_HIDDEN}", _LABELLED_NAME.sub(rf"\1{_HIDDEN}", masked))
    masked = _BEFORE.sub(rf"{_HIDDEN}\1", _AFTER.sub(rf"\1{_HIDDEN}", masked))
    return _FILE.sub(_HIDDEN, _FILE_IN_PATH.sub(_HIDDEN, masked))


def _tax_number(found: re.Match[str]) -> str:
    return f"{found[0][:2]}{'*' * 8}" if vkn.is_valid(found[0]) else found[0]


def set_up_logging(level: str = "WARNING") -> None:
    """Write kanit's records of `level` and above to standard error, and warnings of other packages.

    Safe to call again with another level.
    """
    if not _is_set_up():
        logging.getLogger().addHandler(_handler())
    _set_up(level)


def set_up_logging_once(level: str) -> None:
    """The same in a process that no command has set up: a flow's that Prefect's worker started.

    Where Prefect's console is there already, that writes what is logged.
    """
    told = _is_set_up() or _prefect_tells()
    if logging.getLogRecordFactory() is redacted_record and told:
        return
    if told:
        _set_up(level)
    else:
        set_up_logging(level)
    set_up_last_words()


def _set_up(level: str) -> None:
    redact_records()
    logging.captureWarnings(True)
    for package in PACKAGES:
        logging.getLogger(package).setLevel(level)


def _is_set_up() -> bool:
    return any(handler.name == __name__ for handler in logging.getLogger().handlers)


def _prefect_tells() -> bool:
    return any(type(handler).__module__.startswith("prefect.") for handler in logging.getLogger().handlers)


def redact_records() -> None:
    """Let every record of this process be made without what tells about somebody."""
    logging.setLogRecordFactory(redacted_record)


def set_up_last_words() -> None:
    """Log exceptions that nobody caught, in any thread, instead of printing them as they are.

    A hook that somebody else has set stays.
    """
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logging.getLogger(__name__).critical("not caught", exc_info=(kind, error, trace))


def redacted_record(*args: Any, **named: Any) -> logging.LogRecord:
    """Make a log record whose message and exception text tell about nobody."""
    record = _new_record(*args, **named)
    redact_record(record)
    return record


def redact_record(record: logging.LogRecord) -> None:
    """Mask what a record says: message, exception, stack, and whatever it was given besides."""
    # A line of a stranger's own making would look like a record: what follows the first one is indented.
    record.msg, record.args = plain(redact_line(_message(record))).replace("\n", "\n    "), ()
    if record.exc_info:
        record.exc_text = plain(_plain.formatException(record.exc_info))
        record.exc_info = None  # exc_text stands for it; a handler would format it anew, unredacted
    for name in ("exc_text", "stack_info", *(record.__dict__.keys() - _STANDARD)):
        value = record.__dict__.get(name)
        if isinstance(value, str | Mapping | list | tuple):
            record.__dict__[name] = _redacted(value)


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact_line(value)
    if isinstance(value, Mapping):
        return {_redacted(name): _redacted(part) for name, part in value.items()}
    return [_redacted(part) for part in value] if isinstance(value, list | tuple) else value


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg!r} {record.args!r}"


class Redaction(logging.Filter):
    """Masks records on a handler; where logging is configured with one, all records of the process are.

    Prefect's configuration names it, so that it comes into the server and the workers as well.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        redact_records()
        set_up_last_words()

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record, and let it pass."""
        redact_record(record)
        return True


def prefect_logging(folder: Path) -> None:
    """Put Prefect's configuration of logging into its home, with `Redaction` on every handler.

    One that an operator has put there stays; ours follows Prefect's own. Raises OSError.
    """
    target, written = folder / "logging.yml", _prefect_configuration()
    before = target.read_text("utf-8") if target.exists() else None
    if written is None or before == written or (before is not None and _FILTER not in before):
        return
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".logging-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(written)
    Path(draft).replace(target)


def _prefect_configuration() -> str | None:
    import yaml  # noqa: PLC0415 - comes with Prefect, which `kanit verify` must not load

    package = find_spec("prefect")
    if package is None or not package.submodule_search_locations:
        return None
    source = Path(package.submodule_search_locations[0], "logging", "logging.yml")
    content = yaml.safe_load(source.read_text("utf-8"))
    content["filters"] = {"kanit": {"()": _FILTER}}
    for handler in content["handlers"].values():
        handler["filters"] = ["kanit"]
    return str(yaml.safe_dump(content))


class StandardErrorHandler(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at that moment: a progress bar puts itself in front of it.

    Prefect leaves the root logger alone when it has a handler whose class is public.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        self.stream = sys.stderr
        super().emit(record)


def _handler() -> logging.Handler:
    handler = StandardErrorHandler()
    handler.name = __name__
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(_is_not_told_elsewhere)
    handler.addFilter(Redaction())
    return handler


def _is_not_told_elsewhere(record: logging.LogRecord) -> bool:
    """Leave out what Prefect says about a run that failed: the command line says it in one line."""
    return not record.name.startswith(("prefect.flow_runs", "prefect.task_runs"))
