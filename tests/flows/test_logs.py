"""No T.C. number reaches a log, in whatever form it is logged."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prefect.logging.handlers import PrefectConsoleHandler

from flows.logs import (
    Redaction,
    StandardErrorHandler,
    prefect_logging,
    redact_line,
    redacted_record,
    set_up_logging,
    set_up_logging_once,
)

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
def test_a_process_that_has_prefects_console_tells_nothing_twice() -> None:
    console = PrefectConsoleHandler(stream=sys.stderr)
    logging.getLogger().handlers = [console]
    set_up_logging_once("INFO")
    assert logging.getLogger().handlers == [console]
    assert logging.getLogger("flows").level == logging.INFO


@pytest.mark.usefixtures("untouched_logging")
def test_a_process_that_no_command_has_set_up_is_set_up_once() -> None:
    set_up_logging_once("INFO")
    assert logging.getLogRecordFactory() is redacted_record
    assert logging.getLogger("flows").level == logging.INFO
    set_up_logging("DEBUG")
    set_up_logging_once("INFO")
    assert logging.getLogger("flows").level == logging.DEBUG


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("100 000 001 46 AYŞE ÖRNEK okunamadı", "10********* *** okunamadı"),
        ("AYŞE ÖRNEK (10000000146)", "*** (10*********)"),
        ("Person(given_name='AYŞE NUR', family_name='ÖRNEK')", "Person(given_name=***, family_name=***)"),
        ('{"title": "AYŞE ÖRNEK TEKNİK SERVİS"}', '{"title": ***}'),
        ("soyadı: ÖRNEK", "soyadı: ***"),
        ("vergi no: 123 456 78 90", "vergi no: 12********"),
        ("tax_number='1234567890'", "tax_number='12********'"),
        ("no label: 1234567890", "no label: 12********"),
        ("/srv/inbox/TS-1/AYŞE ÖRNEK hizmet.pdf: damaged", "/srv/inbox/TS-1/***.pdf: damaged"),
        ("[Errno 2] No such file: '/in/A/Ayşe Örnek belge.PDF'", "[Errno 2] No such file: '/in/A/***.PDF'"),
        ("cannot open Ayşe Örnek belge.zip", "cannot open ***.zip"),
    ],
)
def test_tax_numbers_names_beside_numbers_and_names_of_files_are_masked(said: str, told: str) -> None:
    assert redact_line(said) == told
    assert redact_line(told) == told


@pytest.mark.parametrize(
    "said",
    [
        "TS-2026-0000001234 took 1234567891 ns",
        "kanit.toml, registry.db, application.json: flows/logs.py line 12",
        "policy kilavuz-v3, run 42d294e4-b0d9-4a8e-9d2c-d1d4d7e0a7f3",
        "Flow run 'nightly-2026-11-22-0130' finished in state Completed()",
    ],
)
def test_what_operators_need_is_left(said: str) -> None:
    assert redact_line(said) == said


def test_what_a_record_was_given_besides_is_masked_by_the_filter(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = log
    handler = next(each for each in logger.handlers if getattr(each, "stream", None) is stream)
    handler.addFilter(Redaction())
    handler.setFormatter(logging.Formatter("%(message)s %(person)s %(people)s"))
    logger.warning("read", extra={"person": NUMBER, "people": {"first": [NUMBER]}})
    assert NUMBER not in stream.getvalue()
    assert stream.getvalue().count("10*********") == 2


@pytest.mark.usefixtures("untouched_logging")
def test_records_that_came_from_another_process_are_masked_by_the_filter() -> None:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "about %s", (NUMBER,), None)
    try:
        _fail()
    except ValueError:
        record.exc_info = sys.exc_info()
    assert Redaction().filter(record)
    assert NUMBER not in logging.Formatter().format(record)
    assert "ValueError: about 10*********" in logging.Formatter().format(record)


LAST_WORDS = """
import sys, threading
from flows.logs import set_up_last_words, set_up_logging
set_up_logging()
set_up_last_words()
class Person:
    def __del__(self):
        raise ValueError("deleting 10000000146")
del_me = Person()
del del_me
def fail():
    raise ValueError("in a thread 10000000146")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
import warnings
warnings.warn("warned of 10000000146")
raise ValueError("at last 10000000146")
"""


def test_exceptions_that_nobody_caught_are_masked() -> None:
    done = subprocess.run([sys.executable, "-c", LAST_WORDS], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for words in ("deleting", "in a thread", "at last", "warned of"):
        assert f"{words} 10*********" in done.stderr, done.stderr
    assert NUMBER not in done.stderr


IN_PREFECT = """
import logging, sys
from prefect import flow
from prefect.logging.configuration import PROCESS_LOGGING_CONFIG
for name in ("prefect.server", "uvicorn", "fastapi", "somebody"):
    logging.getLogger(name).critical("said by %s: 10000000146", name)
print(all(handler["filters"] == ["kanit"] for handler in PROCESS_LOGGING_CONFIG["handlers"].values()))
"""


@pytest.mark.slow
def test_prefects_own_processes_mask_what_they_log(tmp_path: Path) -> None:
    prefect_logging(tmp_path)
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path), "PREFECT_LOGGING_TO_API_ENABLED": "false"}
    done = subprocess.run(
        [sys.executable, "-c", IN_PREFECT], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "True\n"
    for name in ("prefect.server", "uvicorn", "fastapi", "somebody"):
        assert f"said by {name}: 10*********" in " ".join(done.stderr.split()), done.stderr
    assert NUMBER not in done.stderr


def test_logging_that_an_operator_has_configured_for_prefect_stays(tmp_path: Path) -> None:
    file = tmp_path / "logging.yml"
    file.write_text("version: 1\n")
    prefect_logging(tmp_path)
    assert file.read_text() == "version: 1\n"
    file.unlink()
    prefect_logging(tmp_path)
    ours = file.read_text()
    file.write_text(f"{ours}\nadded: by an older version\n")
    prefect_logging(tmp_path)
    assert file.read_text() == ours


@given(st.text(max_size=60), st.sampled_from(FORMS), st.text(max_size=60))
@settings(max_examples=200)
def test_a_number_is_masked_whatever_stands_around_it(before: str, form: str, after: str) -> None:
    told = redact_line(f"{before} {form} {after}")
    assert NUMBER not in told
    assert redact_line(told).count(NUMBER) == 0


@pytest.mark.parametrize("piece", ["x", "Aa ", "given_name='", "9 ", "/a", "12********* Aa", "vkn ", ".pdf"])
def test_however_long_a_message_is_it_is_searched_in_one_go(piece: str) -> None:
    """What strangers send may be logged by a library: a pattern that begins anew at every letter would never end."""
    text = piece * (300_000 // len(piece))
    assert NUMBER not in redact_line(f"{text} {NUMBER}")
