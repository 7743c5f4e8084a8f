"""Prefect's embedded server, so that it ends with the batch that started it, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.server.api.server import SubprocessASGIServer

from flows.deployment.watch import watched
from flows.errors import PrefectUnusable


@contextmanager
def embedded_server() -> Iterator[None]:
    """Run the embedded server that Prefect's client will find in this process. Raises PrefectUnusable."""
    server = SubprocessASGIServer()
    try:
        server.start()
    except RuntimeError as error:
        raise PrefectUnusable(reason=str(error).splitlines()[0]) from error
    assert server.server_process is not None  # noqa: S101 - it has been started
    try:
        with watched(server.server_process.pid):  # Prefect would leave it running for ever
            yield
    finally:
        server.stop()
