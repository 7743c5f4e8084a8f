"""`kanit serve`: server, schedule and worker on one machine, or a worker for a server elsewhere."""

import platform
from typing import Any

import click

from flows.deployment.children import Household, Told, ending
from flows.deployment.serving import Place, check_place, named_server, serve, work
from flows.session import Session, language_option
from flows.texts import Language, say
from storage.database import refuse_newer


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the server listens at.")
@click.option("--port", default=4200, show_default=True, type=click.IntRange(1, 65535), help="And its port.")
@click.option("--worker-only", is_flag=True, help="No server: work for the one of PREFECT_API_URL.")
@click.option("--name", default=platform.node(), help="Name of the worker; by default that of the machine.")
@click.option(
    "--drain",
    default=300,
    show_default=True,
    type=click.IntRange(0),
    help="Seconds that a running batch may take to finish when this is told to end.",
)
@language_option
@click.pass_context
def command(ctx: click.Context, /, worker_only: bool, **asked: Any) -> None:
    """Run Prefect's server, kanit's schedule and a worker on this machine until it is told to end.

    What dies is started again. Ctrl-C or SIGTERM ends everything in good order; a batch that does not finish in time
    is ended and taken up again by the next one. Listening to other machines needs KANIT_PREFECT_AUTH.
    """
    session: Session = ctx.obj
    settings = session.settings()
    refuse_newer(settings)
    language = session.language
    place = Place(language=language.value, **asked)
    role = "worker" if worker_only else "server"
    url = named_server() if worker_only else place.base

    def tell(told: Told) -> None:
        child = told.child and say(f"serve.child.{told.child}", language)
        text = f"{role}_{told.what}" if told.what == "ready" else told.what
        _print(language, text, url=url, worker=place.name, drain=place.drain, child=child, told=told)

    with ending() as heard:
        household = Household(heard, tell)
        if worker_only:
            work(place, settings, household)
        else:
            check_place(place, settings)
            _print(language, "starting", url=url)
            serve(place, settings, household)
    _print(language, "ended")


def _print(language: Language, text: str, **facts: object) -> None:
    click.echo(say(f"serve.{text}", language, **facts), err=True)
