"""A registry filled by `kanit batch`, and `kanit review` on it: as an office starts them, in a folder of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from storage.database import open_database
from storage.desk.accounts import Role, create_account
from storage.settings import load_settings
from tests.papers.inbox import write_sample_inbox

KANIT = Path(sys.executable).with_name("kanit")
PASSWORD = "correct horse battery staple"
PATIENCE = 60
"""Seconds in which the application must answer."""
STAFF = {
    "ayla": ("Ayla Tekin", Role.REVIEWER),
    "baris": ("Barış Aksoy", Role.REVIEWER),
    "selin": ("Selin Doğan", Role.SUPERVISOR),
    "isletmen": ("Kemal Uçar", Role.OPERATOR),
    "denetci": ("Nilgün Eren", Role.AUDITOR),
    "hastane": ("Örnek Hastanesi", Role.PROVIDER_QUERY),
}
"""Log-in names of the accounts, with whose they are and what they may do."""


@dataclass(frozen=True)
class Application:
    """A running application: its address, and the number of the application of each sample case."""

    url: str
    numbers: dict[str, str]

    def case(self, name: str, what: str = "") -> str:
        """Return the path of the page of a sample case, or of a page below it."""
        return f"/cases/{self.numbers[name]}{what}"


@contextmanager
def review_application(folder: Path, cases: Sequence[str]) -> Iterator[Application]:
    """Verify one application of each of the sample cases, open the accounts, and serve the desk."""
    inbox = folder / "inbox"
    expected = write_sample_inbox(inbox, len(cases), only=cases)
    environment = _environment(folder)
    _kanit(environment, "batch", str(inbox))
    _open_accounts(folder, environment)
    with _served(folder, environment) as url:
        yield Application(url, {each.case: each.application_id for each in expected})


def _open_accounts(folder: Path, environment: dict[str, str]) -> None:
    """Open the first account by the command, as an office does, and the others beside it."""
    (first, (display, role)), *others = STAFF.items()
    _kanit(environment, "account", "create", first, "--display", display, "--role", role.value, said=PASSWORD)
    with closing(open_database(load_settings(home=folder / "home"))) as database:
        for name, (display, role) in others:
            create_account(database, name, display, role, PASSWORD)


def _environment(folder: Path) -> dict[str, str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("KANIT_", "PREFECT_"))}
    return {**outer, "KANIT_HOME": str(folder / "home")}


def _kanit(environment: dict[str, str], *arguments: str, said: str = "") -> None:
    subprocess.run(
        [str(KANIT), *arguments], env=environment, input=said, text=True, check=True, capture_output=True
    )


@contextmanager
def _served(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(KANIT), "review", "--port", str(port)]
    with (folder / "review.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    with process:
        try:
            _await(process, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the review application did not start")
