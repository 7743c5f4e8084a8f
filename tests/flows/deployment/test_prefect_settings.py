"""Which settings reach which process of `kanit serve`, and what it refuses to do."""

import os
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.deployment.serving import Place, check_place
from flows.errors import AddressTaken, Exit, ServerUnprotected, SettingUnusable
from flows.prefect_settings import prefect_auth, prepare_client, server_environment, worker_environment
from flows.texts import Language
from storage.settings import load_settings
from tests.flows.helpers import command

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is refused or asks for a password
AUTH = "officer:a-password"
API = "http://127.0.0.1:4200/api"


def place(host: str = "127.0.0.1", port: int = 4200) -> Place:
    return Place(host=host, port=port, name="worker", drain=0, language="en")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.0.2.1", "registry.example"])
def test_a_server_for_other_machines_without_a_password_is_refused(host: str) -> None:
    with pytest.raises(ServerUnprotected) as refused:
        check_place(place(host), load_settings())
    assert refused.value.exit_code == Exit.USAGE
    assert host in refused.value.message(Language.ENGLISH)
    assert "KANIT_PREFECT_AUTH" in refused.value.remedy(Language.TURKISH)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_for_this_machine_needs_no_password(host: str) -> None:
    check_place(place(host, free_port()), load_settings())


def test_a_server_with_a_password_may_listen_everywhere() -> None:
    check_place(place(EVERYWHERE, free_port()), load_settings(prefect_auth=SecretStr(AUTH)))


def test_the_command_tells_its_code_and_prints_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "serve", "--host", EVERYWHERE, "--lang", "tr")
    assert printed.code == Exit.USAGE
    assert "SERVER_UNPROTECTED" in printed.err
    assert "parola sormadan" in printed.err


def test_an_address_that_another_program_listens_at_is_one_clear_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(AddressTaken):
            check_place(place(port=other.getsockname()[1]), load_settings())


def test_a_worker_alone_asks_which_server(capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "serve", "--worker-only", "--lang", "en")
    assert printed.code == Exit.USAGE
    assert "SERVER_NOT_NAMED" in printed.err


@pytest.mark.parametrize(
    ("host", "base"),
    [
        (EVERYWHERE, "http://127.0.0.1:4200"),
        ("::", "http://[::1]:4200"),
        ("10.0.0.5", "http://10.0.0.5:4200"),
    ],
)
def test_a_worker_beside_the_server_reaches_it_wherever_it_listens(host: str, base: str) -> None:
    assert place(host).base == base


@pytest.mark.parametrize("wrong", ["no-colon", ":password", "user:"])
def test_half_a_password_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(SettingUnusable) as refused:
        prefect_auth(load_settings(prefect_auth=SecretStr(wrong)))
    assert wrong not in str(refused.value)


def test_the_password_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "auth"
    file.write_text(f"{AUTH}\n", "utf-8")
    assert prefect_auth(load_settings(prefect_auth_file=file)) == AUTH
    file.write_text("\n", "utf-8")
    with pytest.raises(SettingUnusable, match="empty"):
        prefect_auth(load_settings(prefect_auth_file=file))
    with pytest.raises(SettingUnusable, match="FileNotFoundError"):
        prefect_auth(load_settings(prefect_auth_file=tmp_path / "nowhere"))


def test_the_server_is_told_none_of_the_registrys_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KANIT_KEY", "KANIT_DATABASE_URL", "KANIT_ISSUER_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("KANIT_PREFECT_AUTH", AUTH)
    environment = server_environment(load_settings(database_url="sqlite:///x"))
    assert "secret" not in environment.values()
    assert [name for name in environment if name.startswith("KANIT_")] == []
    assert environment["PREFECT_SERVER_API_AUTH_STRING"] == AUTH


def test_the_worker_is_told_nothing_of_the_servers_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "secret")
    monkeypatch.setenv("KANIT_PREFECT_AUTH", AUTH)
    environment = worker_environment(load_settings(), API)
    assert "secret" not in environment.values()
    assert [name for name, value in environment.items() if value == AUTH] == ["PREFECT_API_AUTH_STRING"]


def test_what_kanit_toml_says_reaches_flow_runs_which_begin_in_another_folder(tmp_path: Path) -> None:
    lines = ('home = "data"', "workers = 3", "ocr = false", 'inbox = "in"', 'database_url = "sqlite:///r.db"')
    (tmp_path / "kanit.toml").write_text("\n".join(lines), "utf-8")
    environment = worker_environment(load_settings(), API)
    assert environment["KANIT_HOME"] == str(tmp_path / "data")
    assert (environment["KANIT_WORKERS"], environment["KANIT_OCR"]) == ("3", "False")
    assert environment["KANIT_INBOX"] == str(tmp_path / "in")
    assert environment["KANIT_DATABASE_URL"] == f"sqlite:///{tmp_path / 'r.db'}"
    assert "KANIT_POLICY" not in environment, "defaults stay defaults"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inbox", "s3://bucket/inbox"),
        ("evidence_url", "memory://evidence"),
        ("database_url", "postgresql://kanit@db/kanit"),
        ("policy", "kilavuz"),
    ],
)
def test_addresses_and_names_are_handed_on_as_they_are(name: str, value: str) -> None:
    assert worker_environment(load_settings(**{name: value}), API)[f"KANIT_{name.upper()}"] == value


def test_what_an_operator_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "60")
    monkeypatch.setenv("PREFECT_SERVER_UI_V2_ENABLED", "true")
    assert worker_environment(load_settings(), API)["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "60"
    assert server_environment(load_settings())["PREFECT_SERVER_UI_V2_ENABLED"] == "true"


def test_deploying_goes_to_the_named_server_or_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())  # Prefect's settings are left to this test
    assert prepare_client(load_settings()) == API
    monkeypatch.setenv("PREFECT_API_URL", "http://server:4200/api")
    assert prepare_client(load_settings()) == "http://server:4200/api"
