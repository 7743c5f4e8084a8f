"""What `kanit serve` keeps alive: Prefect's server, the review application and a worker; or a worker alone."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from ipaddress import ip_address
from tempfile import TemporaryDirectory

import httpx

from flows.deployment.catalogue import POOL
from flows.deployment.children import LOOK, Child, Ending, Household, Keeper, Told
from flows.errors import AddressTaken, Exit, PrefectUnusable, ServerNotNamed, ServerUnprotected
from flows.prefect_settings import prefect_auth, server_environment, worker_environment
from storage.settings import Settings

STARTING = 180.0
"""Seconds that the server may take to become healthy; a new database takes 8 to 21 on an idle machine."""
_SERVER_ENDS = 30.0
_WORKER_ENDS = 15.0
_REVIEW_ENDS = 15.0


@dataclass(frozen=True, slots=True)
class Place:
    """What `kanit serve` was asked for on the command line."""

    host: str
    port: int
    name: str
    """Name of the worker in the UI."""
    drain: int
    """Seconds that the flow run of a worker may take to finish after we were asked to end."""
    language: str

    @property
    def base(self) -> str:
        """URL at which this machine reaches the server."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
        host = everywhere.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def api_url(self) -> str:
        """URL of the server's API from this machine."""
        return f"{self.base}/api"


def check_place(place: Place, settings: Settings) -> None:
    """Refuse what must not or cannot be listened at. Raises ServerUnprotected, AddressTaken, SettingUnusable."""
    if not prefect_auth(settings) and not _is_loopback(place.host):
        raise ServerUnprotected(host=place.host)
    # Otherwise the health of another program's server would be taken for that of ours.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            place.host, place.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AddressTaken(address=f"{place.host}:{place.port}", reason=reason) from error


def serve(place: Place, settings: Settings, household: Household) -> None:
    """Run server and worker until we are asked to end. Raises KanitError when they do not even start."""
    with _temporary() as folder, household:
        server = household.start(_server(place, settings))
        if _healthy(place, server, household.heard):
            _deploy(place, settings, household.heard)
            if settings.review_port:
                household.start(review_application(place))
            _work(household, _worker(place, settings, place.api_url, folder))


def work(place: Place, settings: Settings, household: Household) -> None:
    """Run a worker for the server of PREFECT_API_URL until we are asked to end. Raises ServerNotNamed."""
    api_url = named_server()
    with _temporary() as folder, household:
        _work(household, _worker(place, settings, api_url, folder))


def review_application(place: Place) -> Child:
    """Return the reviewers' web application; it finds its settings by itself, as we did."""
    command = [sys.executable, "-c", "from flows.cli import main; main()", "review", "--lang", place.language]
    return Child("review", command, os.environ, _REVIEW_ENDS)


def named_server() -> str:
    """Return PREFECT_API_URL. Raises ServerNotNamed."""
    if url := os.environ.get("PREFECT_API_URL"):
        return url
    raise ServerNotNamed


def _work(household: Household, worker: Child) -> None:
    household.start(worker)
    household.tell(Told("ready"))
    household.keep()


def _server(place: Place, settings: Settings) -> Child:
    listening = ["--host", place.host, "--port", str(place.port)]
    command = [sys.executable, "-m", "flows.deployment.guarded_server", "server", "start", *listening]
    return Child("server", command, server_environment(settings), _SERVER_ENDS)


def _temporary() -> TemporaryDirectory[str]:
    # Prefect's workers would share one folder of a fixed name, which belongs to whoever came first on the machine.
    return TemporaryDirectory(prefix="kanit-", ignore_cleanup_errors=True)


def _worker(place: Place, settings: Settings, api_url: str, folder: str) -> Child:
    # One flow run at a time: each of them takes all cores.
    options = ["--pool", POOL, "--type", "process", "--limit", "1", "--name", place.name]
    command = [sys.executable, "-m", "prefect", "worker", "start", *options, "--install-policy", "never"]
    environment = {**worker_environment(settings, api_url), "TMPDIR": folder}
    return Child("worker", command, environment, _WORKER_ENDS, place.drain)


def _deploy(place: Place, settings: Settings, heard: Ending) -> None:
    """Run `kanit deploy` as a process of its own, so that this one, which lives for months, never loads Prefect.

    A block for notifications that is not there is told and otherwise borne: it is made on the server that runs here.
    """
    command = [sys.executable, "-c", "from flows.cli import main; main()", "deploy", "--lang", place.language]
    environment = worker_environment(settings, place.api_url)
    done = subprocess.run(command, env=environment, check=False)  # noqa: S603 - our own program
    if done.returncode not in (Exit.OK, Exit.USAGE) and not heard.asked.is_set():
        raise PrefectUnusable(reason=f"kanit deploy: {done.returncode}")


def _healthy(place: Place, server: Keeper, heard: Ending) -> bool:
    """Wait until the server answers; False when we were asked to end meanwhile. Raises PrefectUnusable."""
    deadline = time.monotonic() + STARTING
    while not heard.asked.wait(LOOK):
        if (code := server.exit_code()) is not None:
            raise PrefectUnusable(reason=f"prefect server start: {code}")
        if _answers(f"{place.api_url}/health"):
            return True
        if time.monotonic() > deadline:
            raise PrefectUnusable(reason=f"{place.api_url}: {STARTING:.0f} s")
    return False


def _answers(url: str) -> bool:
    try:
        # A proxy of the environment has nothing to do with a server on this machine.
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
