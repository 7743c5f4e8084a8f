"""How kanit runs Prefect: settings that must stand in the environment before Prefect is imported.

`kanit batch` and the other commands of one process set their own environment; `kanit serve` hands each of its children
what that one needs, and no secret that it does not need. What an operator has set stays. Figures in brackets were
measured with Prefect 3.8.8 on two cores.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from flows.errors import SettingUnusable
from flows.logs import prefect_logging
from storage.settings import PREFIX, Settings

_DEFAULTS = {
    # No machine outside is told anything; there is nothing to be asked either.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    # A new database takes the embedded server 8 to 21 s on an idle machine.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # Applications are logged by plain logging; a line sent to Prefect would cost 1.1 ms.
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # Two batches at once lock each other's SQLite; the server tries again, and fills the terminal with tracebacks.
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_TASKS_DEFAULT_NO_CACHE": "true",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    # Events in batches take the server 11 ms a task run instead of 43.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
}

_EMBEDDED = {
    # The end of a run waits until the server has stored its last events.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.5",
}
_SERVED = {
    # The newer UI asks a machine outside from the browser; the older one asks nobody.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # Relative, so that the UI works under whatever name and port the browser knows the server by.
    "PREFECT_SERVER_UI_API_URL": "/api",
    # By default every site may read what the API answers; the server's own pages need no such leave.
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "http://127.0.0.1:4200",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # Prefect keeps flow runs for ever otherwise: 4 KB a task run, 13 KB with its events.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86400),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P2D",
}
_WORKED = {
    # A run that is silent for three of these counts as dead.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
}
_SERVER_SECRETS = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_SERVER_API_AUTH_STRING")
LOCAL_API = "http://127.0.0.1:4200/api"
"""Where `kanit serve` listens unless it is told otherwise."""


def prepare_prefect(home: Path, auth: str = "") -> bool:
    """Set Prefect's environment for this process; return whether the embedded server will be started.

    Unless PREFECT_API_URL names a server, which is then told `auth` (USER:PASSWORD), Prefect keeps everything in
    `home`/prefect. Raises SettingUnusable when that folder cannot be made.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if os.environ.get("PREFECT_API_URL"):
        if auth:
            os.environ["PREFECT_API_AUTH_STRING"] = auth
        return False
    for name, value in _EMBEDDED.items():
        os.environ.setdefault(name, value)
    os.environ["PREFECT_HOME"] = _prefect_home(home)
    return True


def prepare_client(settings: Settings) -> str:
    """Set the environment of a process that asks a server, and return the URL of its API. Raises SettingUnusable."""
    os.environ.update(_client_environment(settings, os.environ.get("PREFECT_API_URL") or LOCAL_API))
    return os.environ["PREFECT_API_URL"]


def server_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of Prefect's server: none of kanit's own settings, of which some are secret.

    Raises SettingUnusable.
    """
    folder = _prefect_home(settings.home)
    # By default the UI's files are copied into the installed package, which a service may not write to.
    own = {"PREFECT_HOME": folder, "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(Path(folder, "ui"))}
    environment = {**_DEFAULTS, **_SERVED, **own, **os.environ}
    environment = {name: value for name, value in environment.items() if not name.startswith(PREFIX)}
    environment.pop("PREFECT_API_URL", None)  # a server asks nobody
    if auth := prefect_auth(settings):
        environment["PREFECT_SERVER_API_AUTH_STRING"] = auth
    return environment


def worker_environment(settings: Settings, api_url: str) -> dict[str, str]:
    """Return the environment of a worker, and so of its flow runs, which begin in a folder of their own.

    So whatever `kanit.toml` says is handed on, with absolute paths. Raises SettingUnusable.
    """
    environment = {
        **_WORKED,
        **os.environ,
        **_client_environment(settings, api_url),
        **_as_variables(settings),
    }
    for name in (*_SERVER_SECRETS, f"{PREFIX}PREFECT_AUTH", f"{PREFIX}OIDC_SECRET"):
        environment.pop(name, None)
    return environment


def prefect_auth(settings: Settings) -> str:
    """Return USER:PASSWORD that Prefect's server asks for, or an empty text. Raises SettingUnusable."""
    auth = settings.prefect_auth.get_secret_value() if settings.prefect_auth else ""
    origin = f"{PREFIX}PREFECT_AUTH"
    if not auth and settings.prefect_auth_file:
        origin = str(settings.prefect_auth_file)
        try:
            auth = settings.prefect_auth_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingUnusable(reason=f"{origin}: {type(error).__name__}", remedy="") from error
        if not auth:
            raise SettingUnusable(reason=f"{origin}: empty", remedy="")
    user, _, password = auth.partition(":")
    if auth and not (user and password):
        raise SettingUnusable(reason=f"{origin}: not USER:PASSWORD", remedy="")
    return auth


def prefect_folder(home: Path) -> Path:
    """Return the folder in which Prefect keeps everything, made or not."""
    return Path(os.environ.get("PREFECT_HOME", home / "prefect"))


def _prefect_home(home: Path) -> str:
    """Return Prefect's folder, made if need be: without it, the server would fail for two minutes."""
    folder = prefect_folder(home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prefect_logging(folder)
    except OSError as error:
        raise SettingUnusable(reason=f"{folder}: {error.strerror}", remedy="") from error
    return str(folder)


def _client_environment(settings: Settings, api_url: str) -> dict[str, str]:
    home = {"PREFECT_HOME": _prefect_home(settings.home)}
    chosen = {name: os.environ.get(name, value) for name, value in {**_DEFAULTS, **home}.items()}
    auth = prefect_auth(settings)
    return {**chosen, "PREFECT_API_URL": api_url} | ({"PREFECT_API_AUTH_STRING": auth} if auth else {})


def _as_variables(settings: Settings) -> Mapping[str, str]:
    given = {name: getattr(settings, name) for name in (*settings.model_fields_set, "home")}
    return {
        f"{PREFIX}{name.upper()}": _from_anywhere(name, str(value))
        for name, value in given.items()
        if value is not None and not isinstance(value, SecretStr)
    }


def _from_anywhere(name: str, value: str) -> str:
    """Return a setting so that it means the same in another working directory: with an absolute path."""
    if name == "database_url":
        scheme, mark, path = value.partition(":///")
        return f"{scheme}{mark}{Path.cwd() / path}" if scheme.startswith("sqlite") else value
    is_path = (name in {"inbox", "evidence_url"} and "://" not in value) or (
        name == "policy" and value.endswith(".toml")
    )
    return str(Path.cwd() / Path(value).expanduser()) if value and is_path else value
