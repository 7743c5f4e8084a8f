"""A running review application, and somebody who visits it as a browser does: cookies kept, redirects not followed."""

import gc
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from time import sleep
from typing import Any

import httpx
import uvicorn

from review.command import server_config
from review.desk import Desk
from storage.desk.accounts import Account, Role, account_by_name, create_account
from storage.desk.sessions import open_session
from storage.settings import Settings

PASSWORD = "correct horse battery staple"
_ADDRESSES: dict[int, str] = {}


@dataclass(frozen=True)
class Served:
    """A running application."""

    desk: Desk
    url: str


@contextmanager
def running(settings: Settings) -> Iterator[Served]:
    """Serve the application of the settings by a thread."""
    config = server_config(settings)
    config.port = 0
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    gc.freeze()  # what a long session of tests has by now need not be gone through at the end
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the application did not start"
            sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        assert not isinstance(config.app, str)
        desk = config.app.state.desk  # type: ignore[union-attr]  # uvicorn's type of applications is wider
        _ADDRESSES[id(desk)] = f"http://127.0.0.1:{port}"
        yield Served(desk, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join()
        # Pools of sandboxes end in cycles: freed here, not within a call of multiprocessing's resource tracker, which
        # a finalizer must not enter again (gh-109629).
        gc.collect()
        gc.unfreeze()


class Visitor:
    """A browser: `get` and `post` by path; `post` brings the token of the page it was shown last."""

    def __init__(self, desk: Desk, url: str = "") -> None:
        self.desk = desk
        self.url = url or _ADDRESSES[id(desk)]
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        self.account: Account | None = None
        self.token = ""

    def log_in(self, role: Role, name: str) -> "Visitor":
        """Log in without the page for it; the account is made where there is none of that name."""
        database = self.desk.database
        self.account = database.read(lambda work: account_by_name(work, name))
        if self.account is None:
            self.account = create_account(database, name, f"Deneme {role.value}", role, PASSWORD)
        session = open_session(database, self.account, "127.0.0.1")
        self.http.cookies.set("kanit_session", session.token, domain="127.0.0.1", path="/")
        self.token = session.csrf
        return self

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask for a page."""
        return self._seen(self.http.get(path, **options))

    def post(self, path: str, /, csrf: str | None = None, **fields: Any) -> httpx.Response:
        """Send a form; `fields` may hold lists."""
        data = {"csrf": self.token if csrf is None else csrf, **fields}
        return self._seen(self.http.post(path, data=data, headers={"Origin": self.url}))

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if found := re.search(r'name="csrf" value="([^"]*)"', answer.text):
            self.token = unescape(found[1])
        return answer
