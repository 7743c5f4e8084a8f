"""`kanit review`: run the reviewers' web application until it is told to end."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import click
import uvicorn

from flows.deployment.children import ending
from flows.errors import AddressTaken
from flows.sandboxing import check_walls
from flows.session import Session, language_option
from review.app import create_app
from review.texts import text
from storage.errors import SettingsInvalid
from storage.settings import Settings, is_loopback

PORT = 4300
"""Where no setting says another."""
ENDING = 10
"""Seconds that requests may take to finish when this is told to end."""
IDLE = 150
"""Seconds that a connection may wait for its next request. Proxies keep theirs for a minute or two, and who asks just
as this side hangs up gets no answer; uvicorn's five seconds are about as long as an officer thinks."""


@click.command(name="review")
@click.option("--host", help="Address to listen at; by default this machine alone.")
@click.option("--port", type=click.IntRange(1, 65535), help=f"And its port; by default {PORT}.")
@click.option(
    "--behind-proxy",
    is_flag=True,
    default=None,
    help="A proxy that speaks TLS stands before it; needs KANIT_REVIEW_URL, the https address that people use.",
)
@language_option
@click.pass_context
def command(ctx: click.Context, /, **asked: Any) -> None:
    """Run the reviewers' web application until it is told to end.

    It listens to this machine alone, unless a proxy that speaks TLS stands before it. The first account is opened by
    `kanit account create`.
    """
    session: Session = ctx.obj
    settings = session.settings(**{f"review_{name}": value for name, value in asked.items()})
    check_place(settings)
    check_walls(settings)
    with _listening(settings.review_host, settings.review_port or PORT) as listener:
        server = uvicorn.Server(server_config(settings))
        click.echo(text("review.ready", session.language, url=_url(settings, listener)), err=True)
        with ending():  # uvicorn passes a signal on when all is closed; the process then ends by itself
            server.run(sockets=[listener])


def check_place(settings: Settings) -> None:
    """Refuse to send passwords over a network in plain text. Raises SettingsInvalid."""
    if settings.review_behind_proxy:
        if urlsplit(settings.review_url).scheme != "https":
            raise SettingsInvalid(text="review_url_plain")
    elif not is_loopback(settings.review_host):
        raise SettingsInvalid(text="review_host_open", host=settings.review_host)


def server_config(settings: Settings) -> uvicorn.Config:
    """Return how the application is served. Raises StorageError."""
    return uvicorn.Config(
        create_app(settings),
        proxy_headers=settings.review_behind_proxy,
        forwarded_allow_ips=settings.review_proxies,
        server_header=False,
        access_log=False,  # the audit says who saw what
        log_config=None,
        ws="none",
        timeout_graceful_shutdown=ENDING,
        timeout_keep_alive=IDLE,
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket bound to an address. Raises AddressTaken."""
    with ExitStack() as stack:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise AddressTaken(address=f"{host}:{port}", reason=reason) from error
        yield listener


def _url(settings: Settings, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return settings.review_url or f"http://{f'[{host}]' if ':' in host else host}:{port}"
