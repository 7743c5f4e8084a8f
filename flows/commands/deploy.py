"""`kanit deploy`: schedule, deployments and automations onto the Prefect server."""

import dataclasses
import importlib
import json

import click
from rich.table import Table

from flows.console import console
from flows.prefect_settings import prepare_client
from flows.session import Session, json_option, language_option
from flows.texts import say


@click.command(name="deploy")
@json_option
@language_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Put work pool, deployments, schedule and automations on the server of PREFECT_API_URL.

    By default that is the one of `kanit serve` on this machine. What is right already stays as it is, what kanit had
    there before and no longer has is removed, and what somebody paused stays paused.
    """
    session: Session = ctx.obj
    settings = session.settings()
    server = prepare_client(settings)
    # Only now: Prefect reads its settings when it is imported.
    changes = importlib.import_module("flows.deployment.deploying").deploy(settings.notify_block)
    if as_json:
        for change in changes:
            click.echo(json.dumps(dataclasses.asdict(change), ensure_ascii=False))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for change in changes:
        words = (say(f"deploy.{key}", session.language) for key in (change.done, change.kind))
        table.add_row(*words, change.name)
    screen = console()
    screen.print(say("deploy.done", session.language, server=server))
    screen.print(table)
