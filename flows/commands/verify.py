"""`kanit verify`: one application, nothing stored, no server."""

import json
from pathlib import Path

import click

from flows.errors import Exit
from flows.rendering import Renderer
from flows.session import Session, json_option, language_option, reveal_option
from flows.verdict import judge_folder
from validators.report import to_report


@click.command(name="verify")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@reveal_option
@click.option("--all", "everything", is_flag=True, help="Show the questions that passed, too.")
@click.option(
    "--registry",
    "asked",
    is_flag=True,
    help="Ask the registry for personnel records and for papers used before.",
)
@language_option
@click.pass_context
def command(ctx: click.Context, /, folder: Path, as_json: bool, **chosen: bool) -> None:
    """Verify the application in FOLDER: application.json and the uploaded files beside it.

    Nothing is stored. Ends with 0 when the application is verified and with 10 when it is flagged.
    """
    session: Session = ctx.obj
    verdict = judge_folder(folder, session.settings(), registry=chosen["asked"])
    report = to_report(verdict.judgement, reveal=chosen["reveal"])
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        renderer = Renderer(session.language, everything=chosen["everything"])
        renderer.application(report, verdict.application)
    ctx.exit(Exit.OK if verdict.is_verified else Exit.FLAGGED)
