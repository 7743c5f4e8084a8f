"""How kanit runs Prefect: settings that must stand in the environment before Prefect is imported.

What an operator has set stays. Figures in brackets were measured with Prefect 3.8.8 on two cores.
"""

import os
from pathlib import Path

from flows.errors import SettingUnusable

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


def prepare_prefect(home: Path) -> bool:
    """Set Prefect's environment for this process; return whether the embedded server will be started.

    Unless PREFECT_API_URL names a server, Prefect keeps everything in `home`/prefect. Raises SettingUnusable when that
    folder cannot be made.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if os.environ.get("PREFECT_API_URL"):
        return False
    folder = Path(os.environ.setdefault("PREFECT_HOME", str(home / "prefect")))
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(
            mode=0o700, parents=True, exist_ok=True
        )  # without it, the server would fail for two minutes
    except OSError as error:
        raise SettingUnusable(reason=f"{folder}: {error.strerror}", remedy="") from error
    return True
