"""Fifty officers at the desk and a running night, at once and each alone, on PostgreSQL.

    python -m benchmarks.load [--officers N] [--applications N] [--seconds S]     # 50, 2,000, 60

Officers are sessions over HTTP: each looks at the queue, searches now and then, takes the next case, opens it with the
picture of its paper, opens the form and rules that the case waits, thinking about a second (exponentially distributed)
before each request. Told are, for each kind of request, how many there were, how many failed, and median, 95th and 99th
percentile of the time until the answer is there, without a night and with one; what failed, by its status; and the
night's throughput without officers and with them. Server, database, night and officers share the machine, whose load
average is told as well.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg

from benchmarks.crowd import crowd
from benchmarks.nights import KANIT, prefect_server
from storage.database import open_database
from storage.desk.accounts import Role, create_account
from storage.desk.sessions import open_session
from storage.settings import Settings, load_settings
from tests.chaos.servers import DURABLE
from tests.postgres import PostgresServer, postgres_cluster

THINKING = 1.0
"""Seconds before a request, on average."""
SEARCHES = 4
"""One search in so many cases."""
WARM_UP = 10.0
"""Seconds before counting: the first pages compile their templates and statements."""
CASES_EACH = 28
"""Flagged cases that wait for each officer at the beginning: an officer who finds none asks for the queue only."""
KINDS = ("queue", "search", "take the next case", "case", "picture of a page", "form", "ruling")


@dataclass
class Times:
    """Seconds until the answer by kind of request, and how many requests failed."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def take(self, kind: str, asked: Awaitable[httpx.Response]) -> httpx.Response | None:
        """Time a request; None where it failed: no answer, or one that says that it is not to be had."""
        began = time.perf_counter()
        try:
            answer = await asked
        except httpx.HTTPError as error:
            answer = None
            print(f"{type(error).__name__}: {error}", flush=True)
        self.seconds[kind].append(time.perf_counter() - began)
        if answer is None or answer.status_code >= httpx.codes.BAD_REQUEST:
            self.failed[kind] += 1
            print(f"failed: {kind}, {answer.status_code if answer else 'no answer'}", flush=True)
            return None
        return answer

    def percentiles(self, kind: str) -> tuple[float, float, float]:
        """Return median, 95th and 99th percentile in milliseconds."""
        cuts = statistics.quantiles(self.seconds[kind], n=100, method="inclusive")
        return cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000


@dataclass(frozen=True)
class Installation:
    """A registry with its home, and what a process that works on it has in its environment."""

    home: Path
    database_url: str
    evidence: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of `kanit`."""
        mine = {
            name: value for name, value in os.environ.items() if not name.startswith(("KANIT_", "PREFECT_"))
        }
        return {
            **mine,
            "KANIT_HOME": str(self.home),
            "KANIT_DATABASE_URL": self.database_url,
            "KANIT_EVIDENCE_URL": str(self.evidence),
            "KANIT_OCR": "false",
        }

    @property
    def settings(self) -> Settings:
        """The same as settings."""
        return load_settings(home=self.home, database_url=self.database_url, evidence_url=str(self.evidence))


def night(inbox: Path, where: Installation, server: str) -> "subprocess.Popen[str]":
    """Begin a night."""
    return subprocess.Popen(
        [KANIT, "batch", inbox, "--json"],
        env={**where.environment, "PREFECT_API_URL": server},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def figures(begun: "subprocess.Popen[str]") -> dict[str, Any]:
    """Wait until a night ends, and return what it printed."""
    printed, _ = begun.communicate()
    assert begun.returncode == 0, begun.returncode
    told: dict[str, Any] = json.loads(printed)
    assert told["failed"] == 0, told
    return told


def inboxes(folder: Path, waiting: int, applications: int) -> tuple[Path, Path]:
    """Write the inbox of an earlier night, of which so many cases wait for officers, and that of the night."""
    written = crowd(folder, waiting + applications)
    for each in sorted(written.path.iterdir())[:waiting]:
        declaration = each / "application.json"
        content = json.loads(declaration.read_text("utf-8"))
        content["people"][0]["family_name"] = "BASKA"
        declaration.write_text(json.dumps(content), "utf-8")
        each.rename(written.earlier / each.name)
    return written.earlier, written.path


@contextmanager
def desk(where: Installation) -> Iterator[str]:
    """Run the review application as users do, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [KANIT, "review", "--port", str(port)], env=where.environment, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(address):
            assert process.poll() is None, "the desk did not start"
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def log_in(where: Installation, officers: int) -> list[tuple[str, str]]:
    """Open accounts and log them in; return cookie and form token of each."""
    with closing(open_database(where.settings)) as database:
        accounts = [
            create_account(database, f"officer{number}", f"Görevli {number}", Role.REVIEWER)
            for number in range(officers)
        ]
        sessions = [open_session(database, account, "127.0.0.1") for account in accounts]
    return [(session.token, session.csrf) for session in sessions]


class Officer:
    """One session: asks, thinks, asks again."""

    def __init__(self, http: httpx.AsyncClient, csrf: str, times: Times, dice: Random) -> None:
        self._http, self._csrf, self._times, self._dice = http, csrf, times, dice

    async def work(self, until: "asyncio.Event") -> None:
        """Work on one case after the other."""
        while not until.is_set():
            await self._get("queue", "/queue")
            if self._dice.randrange(SEARCHES) == 0:
                await self._post("search", "/queue/search", q=f"TS-{self._dice.randrange(1000):07d}")
            taken = await self._post("take the next case", "/queue/next")
            if taken is not None and (place := taken.headers.get("location", "")).startswith("/cases/"):
                await self._decide(place.partition("?")[0])

    async def _decide(self, place: str) -> None:
        page = await self._get("case", place)
        picture = re.search(r'src="(/cases/[^"]+/pages/[^"]+)"', page.text if page else "")
        if picture:
            await self._get("picture of a page", unescape(picture[1]))
        form = await self._get("form", f"{place}/decide/wait")
        if form is None:
            return
        hidden = dict(re.findall(r'name="(judgement|seen)" value="(\d+)"', form.text))
        until = datetime.now(UTC).date() + timedelta(days=30)
        await self._post("ruling", f"{place}/decide/wait", **hidden, until=until.isoformat())

    async def _get(self, kind: str, path: str) -> httpx.Response | None:
        await asyncio.sleep(self._dice.expovariate(1 / THINKING))
        return await self._times.take(kind, self._http.get(path))

    async def _post(self, kind: str, path: str, **fields: str) -> httpx.Response | None:
        await asyncio.sleep(self._dice.expovariate(1 / THINKING))
        origin = {"Origin": str(self._http.base_url).rstrip("/")}
        return await self._times.take(
            kind, self._http.post(path, data={"csrf": self._csrf, **fields}, headers=origin)
        )


async def office(address: str, sessions: Sequence[tuple[str, str]], ended: Awaitable[object]) -> Times:
    """Let all officers work until something has ended; return what was counted after the warm-up."""
    times, counted, leaving = Times(), Times(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for number, session in enumerate(sessions):
            tasks.create_task(_attend(address, session, times, number, leaving))
        await asyncio.sleep(WARM_UP)
        times.seconds, times.failed = counted.seconds, counted.failed
        await ended
        done = Times(dict(counted.seconds), dict(counted.failed))
        times.seconds, times.failed = Times().seconds, Times().failed
        leaving.set()
    return done


async def _attend(
    address: str, session: tuple[str, str], times: Times, number: int, leaving: asyncio.Event
) -> None:
    cookie, csrf = session
    cookies = {"kanit_session": cookie}
    async with httpx.AsyncClient(base_url=address, cookies=cookies, trust_env=False, timeout=60) as http:
        await Officer(http, csrf, times, Random(number)).work(leaving)


@dataclass(frozen=True)
class Measured:
    """What came of the three parts: officers alone, a night alone, and both."""

    officers_alone: Times
    night_alone: Mapping[str, Any]
    officers: Times
    night: Mapping[str, Any]


def measure(folder: Path, officers: int, applications: int, seconds: float) -> Measured:
    """Play the three parts."""
    earlier, inbox = inboxes(folder / "crowd", officers * CASES_EACH, applications)
    with postgres_cluster(DURABLE) as cluster, prefect_server() as (prefect, _):
        server = cluster.server
        server.create("desk")
        where = Installation(folder / "home", server.url("desk"), folder / "evidence")
        figures(night(earlier, where, prefect))
        twin = _twin(server, where, folder)
        tell_load("a night alone")
        alone = figures(night(inbox, twin, prefect))
        sessions = log_in(where, officers)
        with desk(where) as address:
            tell_load("officers alone")
            without = asyncio.run(office(address, sessions, asyncio.sleep(seconds)))
            tell_load("both")
            begun = night(inbox, where, prefect)
            both = asyncio.run(_office_by_night(address, sessions, begun))
    return Measured(without, alone, both[0], both[1])


async def _office_by_night(
    address: str, sessions: Sequence[tuple[str, str]], begun: "subprocess.Popen[str]"
) -> tuple[Times, dict[str, Any]]:
    ending = asyncio.create_task(asyncio.to_thread(figures, begun))
    return await office(address, sessions, ending), await ending


def _twin(server: PostgresServer, where: Installation, folder: Path) -> Installation:
    """Copy a registry at rest."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE twin TEMPLATE desk")
    shutil.copytree(where.home, folder / "twin-home")
    shutil.copytree(where.evidence, folder / "twin-evidence")
    return Installation(folder / "twin-home", server.url("twin"), folder / "twin-evidence")


def tell_load(part: str) -> None:
    """Say how busy the machine is before a part."""
    print(f"{part}: load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores", flush=True)


def tell(measured: Measured) -> None:
    """Print the tables."""
    print(
        "\n| request | number | failed | median ms | 95 % | 99 % | failed by night | median ms | 95 % | 99 % | ratio |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for kind in KINDS:
        before, by_night = measured.officers_alone, measured.officers
        if len(before.seconds.get(kind, ())) < 2 or len(by_night.seconds.get(kind, ())) < 2:
            continue
        one, other = before.percentiles(kind), by_night.percentiles(kind)
        number = f"{len(before.seconds[kind])} / {len(by_night.seconds[kind])}"
        cells = [
            kind,
            number,
            before.failed.get(kind, 0),
            *_whole(one),
            by_night.failed.get(kind, 0),
            *_whole(other),
        ]
        print(f"| {' | '.join(map(str, cells))} | {other[0] / one[0]:.1f} |")
    print("\n| night | applications | seconds | a second | ratio |\n|---|---:|---:|---:|---:|")
    rates = [told["applications"] / told["seconds"] for told in (measured.night_alone, measured.night)]
    for name, told, rate in zip(
        ("without officers", "with officers"), (measured.night_alone, measured.night), rates, strict=True
    ):
        print(f"| {name} | {told['applications']} | {told['seconds']} | {rate:.1f} | {rate / rates[0]:.2f} |")


def _whole(values: Sequence[float]) -> list[str]:
    return [f"{value:.0f}" for value in values]


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--officers", type=int, default=50)
    parser.add_argument("--applications", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kanit-load-") as folder:
        tell(measure(Path(folder), given.officers, given.applications, given.seconds))


if __name__ == "__main__":
    main()
