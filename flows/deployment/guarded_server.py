"""Prefect's server, started so that no page of another site can use it through the browser of somebody on this machine.

Whoever may make deployments runs code on the worker. Prefect's own server answers any page (CORS `*`), takes bodies
without a type, which browsers send from anywhere without asking, and does not look at the name by which it is asked, so
that a name pointed at this machine passes for its own (DNS rebinding). Here a request that changes something, or
opens a WebSocket, must come from the server's own pages or from no browser; and a server without a password, which
listens to this machine alone, answers to the machine's own names only.
"""

import os
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import uvicorn
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from storage.settings import is_loopback

_SAFE: Final = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Refuses what other sites ask for; `named`: only what asks by a name of this machine gets an answer."""

    def __init__(self, app: ASGIApp, *, named: bool) -> None:
        self._app = app
        self._named = named

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or refuse it with 403."""
        if scope["type"] == "lifespan" or self._may_pass(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            refused = JSONResponse({"exception_message": "Another site asked for this."}, 403)
            await refused(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._named and not is_loopback(urlsplit(f"//{host}").hostname or ""):
            return False
        reads = scope["type"] == "http" and scope["method"] in _SAFE
        return reads or origin is None or urlsplit(origin).netloc == host


def guarded(run: Callable[..., None]) -> Callable[..., None]:
    """Return what runs an application as `run` does, with the guard before all of it.

    The guard stands at the door, not in the application: Prefect's own services call that within the process, by a name
    that no machine has.
    """

    def run_guarded(app: ASGIApp, **options: Any) -> None:
        run(Guard(app, named=not os.environ.get("PREFECT_SERVER_API_AUTH_STRING")), **options)

    return run_guarded


def main() -> None:
    """Run `prefect` with the arguments of this process."""
    from prefect.cli import app  # noqa: PLC0415 - takes a second, and only this process needs it

    # `prefect server start` offers no place for a guard; this is where it hands its application over.
    uvicorn.run = guarded(uvicorn.run)
    app()


if __name__ == "__main__":
    main()
