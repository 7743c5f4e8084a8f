"""`kanit review`, as an operator starts it, and as `kanit serve` does."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from flows.cli import run
from flows.deployment.children import Household, Told, ending
from flows.deployment.serving import Place, review_application
from review.command import check_place
from storage.errors import SettingsInvalid
from storage.settings import Settings, load_settings
from tests.review.visiting import running

STARTING = 60.0
"""Seconds that the application may take to answer on a busy machine."""


@pytest.fixture
def port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).text == "ok"
    except httpx.HTTPError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STARTING
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_application_runs_until_it_is_told_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setenv("KANIT_HOME", str(tmp_path / "kanit"))
    command = [sys.executable, "-c", "from flows.cli import main; main()", "review", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert f"http://127.0.0.1:{port}" in process.stderr.readline()
            wait_for(lambda: answers(port))
        finally:
            process.send_signal(signal.SIGTERM)
            told = process.communicate(timeout=30)[1]
    assert told == ""
    assert process.returncode == 0


@pytest.mark.slow
def test_a_connection_is_kept_while_an_officer_thinks(desk_settings: Settings) -> None:
    with running(desk_settings) as served:
        address = httpx.URL(served.url)
        connection = HTTPConnection(address.host, address.port)
        with closing(connection):
            for pause in (6.0, 0.0):
                connection.request("GET", "/health")
                assert connection.getresponse().read() == b"ok"
                time.sleep(pause)


def test_serve_keeps_it_as_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("KANIT_HOME", str(tmp_path / "kanit"))
    monkeypatch.setenv("KANIT_REVIEW_PORT", str(port))
    told: list[Told] = []
    place = Place(host="127.0.0.1", port=4200, name="w", drain=0, language="tr")
    with ending() as heard, Household(heard, told.append) as household:
        household.start(review_application(place))
        wait_for(lambda: answers(port))
    assert not answers(port)
    assert told == []


def test_port_of_another_program_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KANIT_HOME", str(tmp_path / "kanit"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert run(["review", "--port", str(taken)]) == 1
    assert f"127.0.0.1:{taken}" in capsys.readouterr().err


def settings_of(tmp_path: Path, **options: object) -> Settings:
    return load_settings(home=tmp_path, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"review_host": "localhost"},
        {"review_host": "::1"},
        {
            "review_host": "0.0.0.0",  # noqa: S104 - what is asked about
            "review_behind_proxy": True,
            "review_url": "https://inceleme.example",
        },
    ],
)
def test_passwords_may_travel_inside_the_machine_and_by_tls(
    tmp_path: Path, options: dict[str, object]
) -> None:
    check_place(settings_of(tmp_path, **options))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"review_host": "0.0.0.0"}, "plain text"),  # noqa: S104 - what is asked about
        ({"review_host": "192.0.2.1", "review_url": "https://inceleme.example"}, "plain text"),
        ({"review_behind_proxy": True}, "https"),
        ({"review_behind_proxy": True, "review_url": "http://inceleme.example"}, "https"),
    ],
)
def test_passwords_never_travel_in_plain_text(tmp_path: Path, options: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        check_place(settings_of(tmp_path, **options))


def test_secret_of_a_provider_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KANIT_HOME", str(tmp_path / "kanit"))
    monkeypatch.setenv("KANIT_OIDC_ISSUER", "https://giris.example")
    assert run(["review"]) == 2
    assert "oidc_client_id" in capsys.readouterr().err
    monkeypatch.setenv("KANIT_OIDC_CLIENT_ID", "kanit")
    monkeypatch.setenv("KANIT_OIDC_SECRET_FILE", str(tmp_path / "missing"))
    assert run(["review"]) == 2
    assert "oidc_secret_file" in capsys.readouterr().err
