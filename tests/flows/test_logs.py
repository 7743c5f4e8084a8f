"""No T.C. number reaches a log, in whatever form it is logged."""

import io
import logging
from collections.abc import Iterator

import pytest

from flows.logs import StandardErrorHandler, redacted_record, set_up_logging, set_up_logging_once

NUMBER = "10000000146"
FORMS = [NUMBER, "100 000 001 46", "100.000.001.46", f"tckn:{NUMBER};", f"({NUMBER})", f"TCKN_{NUMBER}"]


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """Yield a logger with a handler of somebody else's, which knows nothing of redaction."""
    factory = logging.getLogRecordFactory()
    logging.setLogRecordFactory(redacted_record)
    stream = io.StringIO()
    logger = logging.getLogger("somebody.else")
    logger.propagate = False
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)
    logging.setLogRecordFactory(factory)


@pytest.mark.parametrize("form", FORMS)
def test_numbers_are_masked_in_messages_and_arguments(
    form: str, log: tuple[logging.Logger, io.StringIO]
) -> None:
    logger, stream = log
    logger.warning(f"message {form}")
    logger.warning("argument %s and %r", form, {"person": form})
    logger.warning("named %(person)s", {"person": form})
    assert "10" in stream.getvalue()
    assert (
        "46" not in stream.getvalue().replace("146", "46").replace("10", "", 1)
        or NUMBER not in stream.getvalue()
    )
    digits = "".join(c for c in stream.getvalue() if c.isdigit())
    assert NUMBER not in digits


def test_numbers_are_masked_in_exceptions_and_stacks(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        _fail()
    except ValueError:
        logger.exception("reading failed for %s", NUMBER, stack_info=True)
    assert NUMBER not in stream.getvalue()
    assert "ValueError: about 10*********" in stream.getvalue()


def _fail() -> None:
    people: dict[str, str] = {}
    try:
        people[NUMBER]
    except KeyError as error:
        raise ValueError(f"about {NUMBER}") from error


def test_a_message_whose_arguments_do_not_fit_is_still_written_and_masked(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = log
    logger.warning("%d", NUMBER + "x")
    logger.warning("%s %s", NUMBER)  # noqa: PLE1206 - the mistake under test
    assert NUMBER not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 2


def test_other_numbers_are_left_as_they_are(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("TS-2026-000123 in 12345 ms, 2026-11-20 14:05:00")
    assert stream.getvalue() == "TS-2026-000123 in 12345 ms, 2026-11-20 14:05:00\n"


def test_set_up_twice_writes_once_and_to_the_present_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before, factory = list(root.handlers), logging.getLogRecordFactory()
    try:
        set_up_logging("INFO")
        set_up_logging("INFO")
        logging.getLogger("flows.anything").info("once for %s", NUMBER)
        logging.getLogger("somebody").info("not at all")
        assert capsys.readouterr().err.count("once for 10*********") == 1
        assert sum(isinstance(handler, StandardErrorHandler) for handler in root.handlers) == 1
    finally:
        root.handlers[:] = before
        logging.setLogRecordFactory(factory)
        logging.captureWarnings(capture=False)
        logging.getLogger("flows").setLevel(logging.NOTSET)


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Logging as a process finds it, and as it was afterwards."""
    factory, root, level = (
        logging.getLogRecordFactory(),
        logging.getLogger(),
        logging.getLogger("flows").level,
    )
    handlers = list(root.handlers)
    logging.setLogRecordFactory(logging.LogRecord)
    yield
    logging.setLogRecordFactory(factory)
    logging.getLogger("flows").setLevel(level)
    root.handlers = handlers
    logging.captureWarnings(False)


@pytest.mark.usefixtures("untouched_logging")
def test_a_process_that_no_command_has_set_up_is_set_up_once() -> None:
    set_up_logging_once("INFO")
    assert logging.getLogRecordFactory() is redacted_record
    assert logging.getLogger("flows").level == logging.INFO
    set_up_logging("DEBUG")
    set_up_logging_once("INFO")
    assert logging.getLogger("flows").level == logging.DEBUG
