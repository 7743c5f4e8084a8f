"""Faults, each at random moments of one or more batches. After any of them, one more batch must make all well."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random

from tests.chaos import processes
from tests.chaos.network import Network
from tests.chaos.servers import Postgres, PrefectServer
from tests.chaos.world import Batch, World, batch, pause_then


@dataclass
class Site:
    """Where a round takes place: a world, and the servers that it uses; None where it uses none."""

    world: World
    prefect: PrefectServer | None
    postgres: Postgres | None = None
    network: Network | None = None
    database: str = ""
    strikes: int = 0
    """Faults that met a batch at work."""


def _moment(running: Batch, dice: Random) -> bool:
    return running.reach(dice.choice(("start", "reading", "reading", "judging")), dice)


def _killing(choose: Callable[[int], object]) -> Callable[[Site, Random], None]:
    def fault(site: Site, dice: Random) -> None:
        for _ in range(dice.randint(1, 3)):
            with batch(site.world) as running:
                if _moment(running, dice):
                    choose(running.process.pid)
                    site.strikes += 1

    return fault


def _kill_first(process: int) -> None:
    """Kill the batch's own process; what it has started must end by itself."""
    os.kill(process, signal.SIGKILL)


def sandbox_child(site: Site, dice: Random) -> None:
    """Kill children of the sandbox, again and again, while the batch reads."""
    with batch(site.world) as running:
        running.begin("reading")
        for _ in range(dice.randint(2, 6)):
            pause_then(dice, site.world.figures["seconds"] / 5)
            children = processes.sandbox_children(running.process.pid)
            site.strikes += processes.kill([dice.choice(children)] if children else [])
        running.survive(site.world.figures)


def fork_server(site: Site, dice: Random) -> None:
    """Kill the sandbox's fork server while the batch reads."""
    with batch(site.world) as running:
        running.begin("reading")
        for _ in range(dice.randint(1, 2)):
            pause_then(dice, site.world.figures["seconds"] / 2)
            site.strikes += processes.kill(processes.fork_servers(running.process.pid))
        running.survive(site.world.figures)


def embedded_server(site: Site, dice: Random) -> None:
    """Kill the embedded server of Prefect in mid-run; the batch may end by that, but not hang."""
    site.world.api_url = None
    with batch(site.world) as running:
        if _moment(running, dice):
            site.strikes += processes.kill(processes.embedded_servers(running.process.pid))
        running.end()


def served_elsewhere(site: Site, dice: Random) -> None:
    """Kill Prefect's server in mid-run and start it again later; the batch may end by that, but not hang."""
    assert site.prefect is not None
    with batch(site.world) as running:
        if _moment(running, dice):
            site.prefect.kill()
            site.strikes += 1
            pause_then(dice, 6)
        site.prefect.start()
        running.end()


def two_batches(site: Site, dice: Random) -> None:
    """Run two batches over one inbox and kill one with all that it has started; the other goes on."""
    with ExitStack() as stack:
        both = [stack.enter_context(batch(site.world)) for _ in range(2)]
        victim, survivor = dice.sample(both, 2)
        if _moment(victim, dice):
            processes.kill_machine(victim.process.pid)
            site.strikes += 1
        assert survivor.end() == 0, survivor.log[-2000:]


def _during(hurt: Callable[[Site, Random], None]) -> Callable[[Site, Random], None]:
    def fault(site: Site, dice: Random) -> None:
        """The batch must live through it."""
        with batch(site.world) as running:
            for phase in sorted(
                dice.sample(("reading", "reading ", "judging"), dice.randint(1, 2)), reverse=True
            ):
                if running.reach(phase.strip(), dice):
                    hurt(site, dice)
                    site.strikes += 1
            running.survive(site.world.figures)

    return fault


def _postgres(site: Site) -> Postgres:
    assert site.postgres is not None
    return site.postgres


def _network(site: Site) -> Network:
    assert site.network is not None
    return site.network


def _kill_postgres(site: Site, dice: Random) -> None:
    _postgres(site).kill()
    pause_then(dice, 4)
    _postgres(site).start()


def _crash_postgres(site: Site, dice: Random) -> None:
    _postgres(site).crash()
    pause_then(dice, 2)
    _postgres(site).start()


def _kill_backend(site: Site, dice: Random) -> None:
    _postgres(site).kill_backend(site.database)


def _terminate(site: Site, dice: Random) -> None:
    for _ in range(dice.randint(1, 4)):
        _postgres(site).terminate(site.database)
        pause_then(dice, 0.3)


def _cut(site: Site, dice: Random) -> None:
    _network(site).cut()
    time.sleep(dice.uniform(0.2, 5))
    _network(site).mend()


def _silence(site: Site, dice: Random) -> None:
    _network(site).silence()
    time.sleep(dice.uniform(0.5, 6))
    _network(site).mend(forget=dice.random() < 0.5)


Fault = Callable[[Site, Random], None]

ON_ANY: dict[str, Fault] = {
    "the batch's process": _killing(_kill_first),
    "the batch with all its processes": _killing(processes.kill_machine),
    "a child of the sandbox": sandbox_child,
    "the sandbox's fork server": fork_server,
    "one of two batches": two_batches,
}
"""Faults of any installation."""
ON_PREFECT: dict[str, Fault] = {
    "Prefect's server": served_elsewhere,
    "Prefect's embedded server": embedded_server,
}
"""Faults of a batch that Prefect runs."""
ON_POSTGRES: dict[str, Fault] = {
    "PostgreSQL": _during(_kill_postgres),
    "PostgreSQL, stopped at once": _during(_crash_postgres),
    "a process of PostgreSQL": _during(_kill_backend),
    "connections to PostgreSQL": _during(_terminate),
}
"""Faults of one whose registry is PostgreSQL."""
ON_NETWORK: dict[str, Fault] = {
    "the network, connections reset": _during(_cut),
    "the network, silent": _during(_silence),
}
"""Faults of one whose PostgreSQL is elsewhere."""
