"""Logging of every command: readable lines on standard error, without T.C. numbers.

Redaction happens where a record is made, not in a handler: so it holds for handlers that other packages bring along
(Prefect's console and API handlers among them) and for the text of exceptions.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any, TextIO

from validators.identity import redact

PACKAGES = ("extractors", "validators", "storage", "flows")
FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

_new_record: Callable[..., logging.LogRecord] = logging.LogRecord
_plain = logging.Formatter()


def set_up_logging(level: str = "WARNING") -> None:
    """Write kanit's records of `level` and above to standard error, and warnings of other packages.

    Safe to call again with another level.
    """
    logging.setLogRecordFactory(redacted_record)
    logging.captureWarnings(True)
    root = logging.getLogger()
    if not any(handler.name == __name__ for handler in root.handlers):
        root.addHandler(_handler())
    for package in PACKAGES:
        logging.getLogger(package).setLevel(level)


def set_up_logging_once(level: str) -> None:
    """The same in a process that no command has set up: a flow's that Prefect's worker started."""
    if logging.getLogRecordFactory() is not redacted_record:
        set_up_logging(level)


def redacted_record(*args: Any, **named: Any) -> logging.LogRecord:
    """Make a log record whose message and exception text hold no T.C. number."""
    record = _new_record(*args, **named)
    record.msg, record.args = redact(_message(record)), ()
    if record.exc_info:
        record.exc_text = redact(_plain.formatException(record.exc_info))
        record.exc_info = None  # exc_text stands for it; a handler would format it anew, unredacted
    if record.stack_info:
        record.stack_info = redact(record.stack_info)
    return record


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg!r} {record.args!r}"


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
    return handler


def _is_not_told_elsewhere(record: logging.LogRecord) -> bool:
    """Leave out what Prefect says about a run that failed: the command line says it in one line."""
    return not record.name.startswith(("prefect.flow_runs", "prefect.task_runs"))
