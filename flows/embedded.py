"""Prefect's embedded server, so that it ends with the batch that started it, however that ends."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.server.api.server import SubprocessASGIServer

from flows.errors import PrefectUnusable

# Killed by SIGKILL, a batch cannot stop its server, and Prefect leaves it running for ever. The shell waits for the end
# of its standard input, which comes when the batch is gone.
_WATCH = 'read -r _; kill "$0"'


@contextmanager
def embedded_server() -> Iterator[None]:
    """Run the embedded server that Prefect's client will find in this process. Raises PrefectUnusable."""
    server = SubprocessASGIServer()
    try:
        server.start()
    except RuntimeError as error:
        raise PrefectUnusable(reason=str(error).splitlines()[0]) from error
    assert server.server_process is not None  # noqa: S101 - it has been started
    command = ["/bin/sh", "-c", _WATCH, str(server.server_process.pid)]
    watch = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - fixed text
    try:
        yield
    finally:
        watch.kill()
        watch.communicate()
        server.stop()
