"""The client of clamd against a real one, and against a socket that answers what no clamd should."""

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from extractors import clamd
from extractors.clamd import Clamd, ScanLimit, ScannerUnavailable
from extractors.evidence import read_upload
from extractors.facts import FaultCode, Kind
from extractors.sandbox import Sandbox
from tests.clamav import (
    EICAR,
    EICAR_NAME,
    MARKER,
    MARKER_NAME,
    STREAM_LIMIT,
    TIMEOUT,
    ClamdServer,
    running_clamd,
)
from tests.extractors.test_layout import declaration, statement
from tests.papers import archives, with_reportlab
from tests.papers.style import Style


@pytest.fixture(scope="module")
def server() -> Iterator[ClamdServer]:
    """A real clamd that tells what it skips."""
    with running_clamd("AlertExceedsMax yes") as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2) as running:
        yield running


@contextmanager
def answering(reply: bytes | None, folder: Path) -> Iterator[Clamd]:
    """Yield the client of a socket that takes what comes and gives this answer; None: it keeps silent."""
    address = folder / "s"
    done = threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                if reply is None:
                    done.wait(TIMEOUT)
                else:
                    connection.sendall(reply)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(1 << 16):
                        pass

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield Clamd(f"unix:{address}", 0.2 if reply is None else TIMEOUT)
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize("way", ["unix", "tcp"])
def test_a_stream_is_clean_or_has_a_name(server: ClamdServer, way: str) -> None:
    client = Clamd(getattr(server, way), TIMEOUT)
    assert client.scan(io.BytesIO(b"")) is None
    assert client.scan(io.BytesIO(bytes(STREAM_LIMIT))) is None
    assert client.scan(io.BytesIO(EICAR)) == EICAR_NAME
    assert client.scan(io.BytesIO(bytes(300_000) + MARKER)) == MARKER_NAME


@pytest.mark.parametrize("way", ["unix", "tcp"])
@pytest.mark.parametrize("size", [STREAM_LIMIT + 1, 40 * STREAM_LIMIT])
def test_more_than_clamd_takes_is_no_clean_stream(server: ClamdServer, way: str, size: int) -> None:
    with pytest.raises(ScanLimit):
        Clamd(getattr(server, way), TIMEOUT).scan(io.BytesIO(bytes(size)))


def test_the_name_of_a_signature_stands_without_hash_and_foreign_signs() -> None:
    assert clamd._verdict("stream: Eicar(44d88612fea8a8f36de82e1278abb02f:68) FOUND") == "Eicar"
    assert clamd._verdict("stream: <b>\x1b[31mA B</b> FOUND") == "_b_31mA_B_/b_"


def test_clamd_tells_its_version_and_whether_it_tells_what_it_skips(server: ClamdServer) -> None:
    assert server.client.version().engine.startswith("ClamAV ")
    assert server.client.tells_what_it_skips()
    with running_clamd() as silent:
        assert not silent.client.tells_what_it_skips()


def test_number_and_day_of_the_database(tmp_path: Path) -> None:
    with answering(b"ClamAV 1.4.6/27500/Fri Jan  2 09:50:04 2026\0", tmp_path) as client:
        told = client.version()
    assert (told.engine, told.database) == ("ClamAV 1.4.6", "27500")
    assert told.dated is not None
    assert told.dated.isoformat() == "2026-01-02T09:50:04"


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\0",
        b"stream: OK",
        b"stream: ok\0",
        b"OK\0",
        b"UNKNOWN COMMAND\0",
        b"stream: Can't allocate memory ERROR\0",
        b"stream: OK\0stream: OK\0",
        b"\xff" * 5000 + b"\0",
        None,
    ],
)
def test_any_other_answer_is_none(reply: bytes | None, tmp_path: Path) -> None:
    with answering(reply, tmp_path) as client, pytest.raises(ScannerUnavailable):
        client.scan(io.BytesIO(b"%PDF-1.7"))


@pytest.mark.parametrize("address", ["unix:{}/absent", "tcp://127.0.0.1:1"])
def test_a_clamd_that_is_not_there_is_told(address: str, tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailable):
        Clamd(address.format(tmp_path), 1).scan(io.BytesIO(b"%PDF-1.7"))


def test_an_infected_upload_is_not_even_opened(server: ClamdServer, sandbox: Sandbox, tmp_path: Path) -> None:
    files = {"a.pdf": with_reportlab.draw(statement(0), Style()), "b.pdf": b"%PDF-1.7\n" + MARKER}
    path = tmp_path / "evidence.zip"
    path.write_bytes(archives.plain(files))
    read = read_upload(path, sandbox, scan=server.client.scan)
    assert read.fault is not None
    assert read.fault.code is FaultCode.MALWARE_FOUND
    assert read.fault.facts == {"reason": "upload", "signature": MARKER_NAME}
    assert read.documents == ()


def test_an_infected_file_in_an_archive_is_left_alone_and_the_others_are_read(
    server: ClamdServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A scanner need not look into every archive: what is unpacked is scanned by itself."""

    def shallow(file: BinaryIO) -> str | None:
        data = file.read()
        return None if data.startswith(b"PK") else server.client.scan(io.BytesIO(data))

    sound = {"a.pdf": with_reportlab.draw(statement(0), Style())}
    more = {"c.pdf": with_reportlab.draw(declaration(0), Style())}
    path = tmp_path / "evidence.zip"
    path.write_bytes(archives.plain({**sound, "b.pdf": b"%PDF-1.7\n" + MARKER, **more}))
    read = read_upload(path, sandbox, scan=shallow)
    assert [document.kind for document in read.documents] == [
        Kind.SERVICE_STATEMENT,
        Kind.UNKNOWN,
        Kind.ENTRY_DECLARATION,
    ]
    (fault,) = read.documents[1].faults
    assert (fault.code, fault.facts["reason"]) == (FaultCode.MALWARE_FOUND, "document")
    assert read.documents[1].readers == ()


def test_scanning_changes_nothing_of_what_is_read(
    server: ClamdServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    files = {
        "a.pdf": with_reportlab.draw(statement(0), Style()),
        "b.txt": b"no document",
        "c.pdf": b"%PDF-1.7 torn",
        "d.zip": archives.plain({"e.pdf": with_reportlab.draw(declaration(0), Style())}),
    }
    path = tmp_path / "evidence.zip"
    path.write_bytes(archives.plain(files))
    assert read_upload(path, sandbox, scan=server.client.scan) == read_upload(path, sandbox)
    path.write_bytes(archives.plain(files)[:-30])
    assert read_upload(path, sandbox, scan=server.client.scan) == read_upload(path, sandbox)


def test_what_is_too_large_to_be_opened_is_refused_without_a_scan(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.touch()
    with path.open("r+b") as file:
        file.truncate((256 << 20) + 1)
    read = read_upload(path, sandbox, scan=Clamd(f"unix:{tmp_path}/absent", 1).scan)
    assert read.fault is not None
    assert read.fault.code is FaultCode.ARCHIVE_LIMIT
