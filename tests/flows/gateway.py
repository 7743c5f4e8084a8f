"""A gateway to the issuer as an institution might run it, on this machine: real HTTP, answers as a test wants them."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Said:
    """One response. `drip` sends the body byte by byte, with so many seconds between two, until nobody listens."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0


Answering = Callable[[dict[str, str]], Said]


def word(status: str, original: bytes | None = None, **more: Any) -> Said:
    """A response that docs/issuer.md describes."""
    told = {"status": status, **more}
    if original is not None:
        told["original"] = base64.b64encode(original).decode()
    return Said(body=json.dumps(told).encode())


@dataclass
class FakeGateway:
    """What a running gateway was asked, and what it answers next; `answering` may be replaced at any time."""

    url: str
    answering: Answering
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def running(answering: Answering, tls: ssl.SSLContext | None = None) -> Iterator[FakeGateway]:
    """Run a gateway for the time of the block, over TLS where there is a context for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            question = json.loads(self.rfile.read(length))
            gateway.headers.append({name.lower(): text for name, text in self.headers.items()})
            gateway.asked.append(question)
            try:
                self._say(gateway.answering(question))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _say(self, said: Said) -> None:
            self.send_response(said.status)
            for name, text in {"content-length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, text)
            self.end_headers()
            if not said.drip:
                self.wfile.write(said.body)
                return
            for byte in said.body:
                self.wfile.write(bytes([byte]))
                if gateway.over.wait(said.drip):
                    return

        def log_message(self, *_: object) -> None:
            """Tests read what kanit prints."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    gateway = FakeGateway(f"{scheme}://127.0.0.1:{server.server_address[1]}/check", answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
