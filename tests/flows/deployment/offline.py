"""`kanit serve` and a batch by its worker, in a network without a way out; prints what tried to leave.

Run by a test as a process in a network namespace of its own: `python -m tests.flows.deployment.offline INBOX FOLDER`.
"""

import json
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.flows.deployment.conftest import Served, serving, until

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def attempts() -> int:
    """Return how often this network was asked for a way that it does not have."""
    rows = [line.split() for line in Path("/proc/net/snmp").read_text("ascii").splitlines()]
    names, counts = (row for row in rows if row[0] == "Ip:")
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text("ascii").splitlines())
    return int(counts[names.index("OutNoRoutes")]) + int(six["Ip6OutNoRoutes"])


def batch(served: Served, inbox: str) -> Any:
    """Have the worker run a batch and return the state in which it ended."""
    identifier = served.ask("deployments/name/nightly/manual", method="GET")["id"]
    run = served.ask(f"deployments/{identifier}/create_flow_run", {"parameters": {"inbox": inbox}})["id"]
    until(lambda: served.ask(f"flow_runs/{run}", method="GET")["state_type"] in ENDED, served.log)
    return served.ask(f"flow_runs/{run}", method="GET")["state_type"]


def main(inbox: str, folder: str) -> None:
    """Serve, run a batch, count; then try to leave, to see that it would have been counted."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with serving(Path(folder), {}) as served:
        state = batch(served, inbox)
    quiet = attempts()
    for host in ("192.0.2.1", "2001:db8::1", "example.org"):
        with suppress(OSError):
            socket.create_connection((host, 443)).close()
    log = served.log.read_text("utf-8")
    sys.stdout.write(json.dumps({"state": state, "attempts": quiet, "seen": attempts() - quiet, "log": log}))


if __name__ == "__main__":
    main(*sys.argv[1:])
