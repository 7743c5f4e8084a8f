"""A network of the test's own: a TCP port that leads to PostgreSQL's socket, and that can lose its connections."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PIECE = 65536


class Network:
    """Carries bytes between its port and a Unix socket, unless it is cut or silent."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = threading.Event()
        self._open.set()
        self._refusing = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """The port at 127.0.0.1."""
        port: int = self._listener.getsockname()[1]
        return port

    def cut(self) -> None:
        """Reset every connection, and each new one, until `mend`."""
        self._refusing = True
        self._drop()

    def silence(self) -> None:
        """Carry nothing any more, and say nothing of it, until `mend`."""
        self._open.clear()

    def mend(self, *, forget: bool = False) -> None:
        """Carry again. What stood before is reset if `forget`, as by a router that lost its memory."""
        if forget:
            self._drop()
        self._refusing = False
        self._open.set()

    def close(self) -> None:
        """End everything."""
        self._listener.close()
        self.mend(forget=True)

    def _drop(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            _reset(pair)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                _reset((client,))
            else:
                self._join(client)

    def _join(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            server.connect(str(self._target))
        except OSError:  # PostgreSQL is not there
            _reset((client, server))
            return
        with self._lock:
            self._pairs.append((client, server))
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_PIECE):
                self._open.wait()
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _reset(sockets: tuple[socket.socket, ...]) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextmanager
def network_to(socket_folder: Path) -> Iterator[Network]:
    """Run a network that leads to the PostgreSQL whose socket is in a folder."""
    network = Network(socket_folder / ".s.PGSQL.5432")
    try:
        yield network
    finally:
        network.close()
