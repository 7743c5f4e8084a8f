"""A real clamd for tests: started in a folder of its own, with signatures of the tests' own, gone afterwards.

ClamAV's official database comes from the internet; that of the tests knows two things, so that nothing is fetched: the
harmless test file of the EICAR, and `MARKER`. Neither text stands in a file of this repository in one piece.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from extractors.clamd import Clamd, ScannerUnavailable

MARKER = b"kanit-test-" + b"signature-" + b"0123456789abcdef"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
MARKER_NAME = "Kanit.Test.Marker.UNOFFICIAL"
EICAR_NAME = "Kanit.Eicar.UNOFFICIAL"
STREAM_LIMIT = 4 << 20
"""Bytes that this clamd takes in one stream."""
TIMEOUT = 30.0

_PROGRAM = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_STARTS_WITHIN = 60  # seconds


@dataclass(frozen=True)
class ClamdServer:
    """A running clamd by both of its addresses."""

    unix: str
    tcp: str

    @property
    def client(self) -> Clamd:
        """The client of the Unix socket."""
        return Clamd(self.unix, TIMEOUT)


@contextmanager
def running_clamd(*more: str) -> Iterator[ClamdServer]:
    """Start clamd with lines `more` of configuration; skip the test where Debian's clamav-daemon is not installed."""
    if _PROGRAM is None:
        pytest.skip("clamd is not installed (clamav-daemon)")
    with tempfile.TemporaryDirectory(prefix="clamd") as name:
        folder, port = Path(name), _free_port()
        _write_signatures(folder)
        configuration = folder / "clamd.conf"
        configuration.write_text("\n".join((*_settings(folder, port), *more, "")))
        process = subprocess.Popen(
            [_PROGRAM, "--config-file", str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server = ClamdServer(f"unix:{folder}/s", f"tcp://127.0.0.1:{port}")
        try:
            _wait_for(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(_STARTS_WITHIN)


def _settings(folder: Path, port: int) -> tuple[str, ...]:
    return (
        "Foreground yes",
        f"LocalSocket {folder}/s",
        f"TCPSocket {port}",
        "TCPAddr 127.0.0.1",
        f"DatabaseDirectory {folder}",
        f"TemporaryDirectory {folder}",
        f"StreamMaxLength {STREAM_LIMIT}",
    )


def _write_signatures(folder: Path) -> None:
    # NAME:KIND OF FILE (any):PLACE (anywhere):BYTES
    lines = (f"Kanit.Test.Marker:0:*:{MARKER.hex()}", f"Kanit.Eicar:0:0:{EICAR.hex()}")
    (folder / "tests.ndb").write_text("".join(f"{line}\n" for line in lines))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(server: ClamdServer, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while process.poll() is None and time.monotonic() < until:
        try:
            server.client.version()
        except ScannerUnavailable:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"clamd does not start (exit code {process.poll()})")
