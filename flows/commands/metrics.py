"""`kanit metrics`: the registry in figures, served to Prometheus or written to a file for node_exporter."""

from contextlib import closing
from pathlib import Path

import click

from flows.metrics import LOOPBACK, serve, write
from flows.session import Session, language_option
from flows.texts import say
from storage.database import open_database


@click.command(name="metrics")
@click.option(
    "--port", default=9464, show_default=True, type=click.IntRange(1, 65535), help="Port on this machine."
)
@click.option(
    "--textfile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the metrics once to this file (NAME.prom) instead.",
)
@language_option
@click.pass_context
def command(ctx: click.Context, port: int, textfile: Path | None) -> None:
    """Serve metrics to a Prometheus on this machine until it is told to end, or write them once to a file.

    They are counted in the registry whenever somebody asks, and name nobody.
    """
    session: Session = ctx.obj
    with closing(open_database(session.settings())) as database:
        if textfile:
            write(database, textfile)
            click.echo(say("metrics.written", session.language, path=textfile), err=True)
            return
        server, thread = serve(database, port)
        url = f"http://{LOOPBACK}:{port}/metrics"
        click.echo(say("metrics.serving", session.language, url=url), err=True)
        try:
            thread.join()
        finally:
            server.shutdown()
            server.server_close()
