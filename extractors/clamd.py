"""ClamAV's daemon, asked about uploaded bytes before anything here parses them: a client of its socket's protocol.

clamd reads a stream (`INSTREAM`) and answers with one line: clean, the name of what it found, or why it could not look.
Only the first two are answers; everything else is raised, so that nothing passes unscanned.

    ScanFailed               no answer about the bytes; `code` says why
    ├── ScannerUnavailable   clamd cannot be reached, keeps silent, or reports a fault of its own
    └── ScanLimit            the bytes are more than clamd's settings let it look at
"""

import io
import re
import select
import socket
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, ClassVar
from urllib.parse import urlsplit

_CHUNK_BYTES = 1 << 17
_REPLY_BYTES = 4096
_LONGEST_NAME = 120
_DATED = "%a %b %d %H:%M:%S %Y"
_FOUND = re.compile(r"stream: (.+?)(?:\([0-9a-f]+:\d+\))? FOUND")
_DEEPEST = 101
"""Archives within archives, one more than any `MaxRecursion` lets clamd open."""
_INCOMPLETE = "Heuristics.Limits.Exceeded"
"""How clamd names what it did not look through to the end, where `AlertExceedsMax` makes it tell."""


class ScanFailed(Exception):
    """The scanner gave no answer about the bytes: they count as unscanned."""

    code: ClassVar[str] = "CLAMD_UNAVAILABLE"


class ScannerUnavailable(ScanFailed):
    """clamd cannot be reached, keeps silent, or reports a fault of its own."""


class ScanLimit(ScanFailed):
    """The bytes are more than clamd's settings let it look at (`StreamMaxLength`, `MaxScanSize` and others)."""

    code = "CLAMD_LIMIT"


@dataclass(frozen=True, slots=True)
class ClamdVersion:
    """What clamd tells of itself: its version, its database's number and the database's moment in clamd's local time.

    The last two are None where it runs without an official database.
    """

    engine: str
    database: str | None
    dated: datetime | None


@dataclass(frozen=True, slots=True)
class Clamd:
    """clamd at an address, `unix:/PATH` or `tcp://HOST:PORT`. `timeout`: seconds that it may keep silent."""

    address: str
    timeout: float

    def scan(self, file: BinaryIO) -> str | None:
        """Stream a file to clamd; return the name of what was found, None where the bytes are clean. Raises ScanFailed.

        Errors in reading the file itself come out as they are (OSError).
        """
        with self._connected() as connection:
            _ask(connection, "INSTREAM")
            while chunk := file.read(_CHUNK_BYTES):
                if not _sent(connection, struct.pack("!L", len(chunk)) + chunk):
                    break
            else:
                _sent(connection, struct.pack("!L", 0))
            return _verdict(_reply(connection))

    def version(self) -> ClamdVersion:
        """Ask which version and database answer. Raises ScannerUnavailable."""
        with self._connected() as connection:
            _ask(connection, "VERSION")
            engine, _, rest = _reply(connection).partition("/")
        database, _, dated = rest.partition("/")
        try:
            moment = datetime.strptime(dated, _DATED)  # noqa: DTZ007 - clamd names no zone
        except ValueError:
            return ClamdVersion(engine, None, None)
        return ClamdVersion(engine, database, moment)

    def tells_what_it_skips(self) -> bool:
        """Tell whether clamd says so when it does not look through bytes to the end (`AlertExceedsMax`).

        Else it calls them clean. It is asked with archives in one another, too deep for it. Raises ScannerUnavailable.
        """
        try:
            return self.scan(io.BytesIO(_too_deep())) is not None
        except ScanLimit:
            return True

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        try:
            connection = self._connect()
        except OSError as error:
            raise ScannerUnavailable(_why(error)) from error
        with connection:
            yield connection

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.address)
        if parts.scheme == "tcp":
            return socket.create_connection((parts.hostname or "", parts.port or 0), self.timeout)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self.timeout)
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection


def _too_deep() -> bytes:
    data = b""
    for _ in range(_DEEPEST):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("0.zip", data)
        data = file.getvalue()
    return data


def _ask(connection: socket.socket, command: str) -> None:
    _sent(connection, b"z" + command.encode() + b"\0")


def _sent(connection: socket.socket, data: bytes) -> bool:
    """Send bytes; False where clamd has closed its ear: at its limit it answers in the middle of a stream."""
    if select.select([connection], [], [], 0)[0]:
        return False
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return False  # the reply tells why
    except OSError as error:
        raise ScannerUnavailable(_why(error)) from error
    return True


def _reply(connection: socket.socket) -> str:
    """Return clamd's one line. Raises ScannerUnavailable where it ends before the line does."""
    line = b""
    while not line.endswith(b"\0"):
        try:
            piece = connection.recv(_REPLY_BYTES)
        except OSError as error:
            raise ScannerUnavailable(_why(error)) from error
        line += piece
        if not piece or len(line) > _REPLY_BYTES:
            raise ScannerUnavailable("no answer")
    return line[:-1].decode("utf-8", "replace")


def _verdict(reply: str) -> str | None:
    if reply == "stream: OK":
        return None
    found = _FOUND.fullmatch(reply)
    if found is None:
        raise ScanLimit if "size limit exceeded" in reply else ScannerUnavailable("an error of clamd's own")
    if found[1].startswith(_INCOMPLETE):
        raise ScanLimit
    return _plain(found[1])


def _plain(name: str) -> str:
    """Return the name of a signature as it may stand in messages: databases of others are no text of ours."""
    return re.sub(r"[^A-Za-z0-9._:/-]+", "_", name)[:_LONGEST_NAME]


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
