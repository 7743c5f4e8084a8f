"""Metrics as Prometheus reads them, from a registry that a batch has written."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from flows.errors import Exit
from flows.metrics import serve
from storage.database import Database, open_database
from storage.settings import load_settings
from tests.flows.helpers import KANIT, TIMEOUT, command, dump
from tests.flows.test_batch import run
from tests.postgres import postgres_server

ROOT = Path(__file__).resolve().parents[2]


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with closing(open_database(load_settings(home=home))) as opened:
        yield opened


def scraped(database: Database) -> str:
    """Serve the metrics at some port and return one answer."""
    server, thread = serve(database, 0)
    try:
        return httpx.get(f"http://127.0.0.1:{server.server_port}/metrics").raise_for_status().text
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_batch_is_seen_in_figures_that_name_nobody(
    small_inbox: Path, home: Path, database: Database
) -> None:
    counts = run(small_inbox, load_settings(home=home)).counts
    text = scraped(database)
    seen = samples(text)
    assert seen["kanit_registry_up",] == 1
    assert seen["kanit_applications", "judged"] == counts.applications
    assert (
        seen["kanit_decisions", "flagged"] == seen["kanit_last_run_applications", "flagged"] == counts.flagged
    )
    assert seen["kanit_last_run_inbox_applications",] == counts.applications
    assert seen["kanit_last_run_flagged", "NO_LINK"] == 1
    assert seen["kanit_runs", "finished"] == 1
    assert seen["kanit_oldest_waiting_seconds",] == 0
    lasted = seen["kanit_last_run_end_timestamp_seconds",] - seen["kanit_last_run_start_timestamp_seconds",]
    assert seen["kanit_last_run_duration_seconds",] == pytest.approx(lasted, abs=0.01)
    for number, given_name, *_ in dump(database, small_inbox)["people"]:
        assert number not in text
        assert given_name not in text
    assert str(small_inbox) not in text


def test_every_metric_is_described(small_inbox: Path, home: Path, database: Database) -> None:
    run(small_inbox, load_settings(home=home))
    page = (ROOT / "docs" / "dashboards.md").read_text("utf-8").replace("`…_end", "`kanit_last_run_end")
    assert [name for name, *_ in samples(scraped(database)) if f"`{name}`" not in page] == []


def test_an_empty_registry_has_metrics_and_no_last_run(database: Database) -> None:
    seen = samples(scraped(database))
    assert seen["kanit_applications", "pending"] == 0
    assert not [name for name, *_ in seen if name.startswith("kanit_last_")]


@pytest.mark.postgres
def test_a_registry_that_is_away_is_a_metric_and_no_error(home: Path) -> None:
    with postgres_server() as server, server.database() as url:
        database = open_database(load_settings(home=home, database_url=url))
        assert samples(scraped(database))["kanit_registry_up",] == 1
    with closing(database):
        assert samples(scraped(database)) == {("kanit_registry_up",): 0}


def test_a_file_for_node_exporter_is_written_whole(home: Path, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "kanit.prom"
    printed = command(capsys, "metrics", "--textfile", path, "--lang", "en")
    assert printed.code == Exit.OK
    assert printed.err == f"Written: {path}\n"
    assert samples(path.read_text("utf-8"))["kanit_registry_up",] == 1
    assert [file.name for file in tmp_path.iterdir() if file.name != home.name] == ["kanit.prom"]


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path, capsys: Any) -> None:
    printed = command(capsys, "metrics", "--textfile", tmp_path / "nowhere" / "kanit.prom", "--lang", "en")
    assert printed.code == Exit.USAGE
    assert "[FOLDER_UNWRITABLE]" in printed.err


def test_a_port_that_is_taken_is_one_clear_line(capsys: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        printed = command(capsys, "metrics", "--port", taken.getsockname()[1], "--lang", "en")
    assert printed.code == Exit.INTERNAL
    assert "[ADDRESS_TAKEN]" in printed.err


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_it_serves_this_machine_until_it_is_told_to_end(tmp_path: Path, number: int, code: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with _serving(tmp_path, port) as process:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}/metrics" in process.stderr.readline()
        assert samples(httpx.get(f"http://127.0.0.1:{port}/metrics").text)["kanit_registry_up",] == 1
        assert _listened_at(port) == {"0100007F"}, "at no other address than 127.0.0.1"
        process.send_signal(number)
        assert process.wait(TIMEOUT) == code


def _serving(home: Path, port: int) -> "subprocess.Popen[str]":
    environment: Mapping[str, str] = {**os.environ, "KANIT_HOME": str(home)}
    return subprocess.Popen(
        [str(KANIT), "metrics", "--port", str(port), "--lang", "en"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def _listened_at(port: int) -> set[str]:
    """Return the addresses at which anybody listens on a port, as the kernel prints them."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()
    ]
    return {row[1].partition(":")[0] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
