"""`kanit verify`: one application, nothing stored, no server."""

import importlib
import json
from pathlib import Path

import click

from extractors.sandbox import Sandbox, SandboxLimits
from flows.errors import Exit
from flows.rendering import Renderer
from flows.session import (
    Session,
    chosen_policies,
    existing_folder,
    json_option,
    language_option,
    reveal_option,
)
from flows.verification import NOT_ASKED, Reading, judge_reading, read_application
from storage.settings import Settings
from validators.case import RegistryFacts
from validators.finding import Decision
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
    settings = session.settings()
    policies = chosen_policies(settings)
    existing_folder(folder)
    with Sandbox(settings.workers, SandboxLimits(seconds=settings.document_timeout), "fork") as sandbox:
        reading = read_application(folder.resolve(), sandbox, policies, ocr=settings.ocr)
        facts = _registry_facts(settings, reading) if chosen["asked"] else NOT_ASKED
        if settings.issuer_url:
            facts = _with_issuer(settings, reading, facts, sandbox)
    judgement = judge_reading(reading, policies, facts)
    report = to_report(judgement, reveal=chosen["reveal"])
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        renderer = Renderer(session.language, everything=chosen["everything"])
        renderer.application(report, reading.application)
    ctx.exit(Exit.OK if judgement.decision is Decision.VERIFIED else Exit.FLAGGED)


def _registry_facts(settings: Settings, reading: Reading) -> RegistryFacts:
    if reading.application is None:
        return NOT_ASKED
    # Imported only when it is asked for: without it, the command does not load the database.
    facts: RegistryFacts = importlib.import_module("flows.registered").registry_facts(
        settings, reading.application, reading.uploads
    )
    return facts


def _with_issuer(
    settings: Settings, reading: Reading, facts: RegistryFacts, sandbox: Sandbox
) -> RegistryFacts:
    # Imported only where an issuer is configured: without it, the command does not load an HTTP client.
    answered: RegistryFacts = importlib.import_module("flows.issuer.single").with_issuer(
        settings, reading, facts, sandbox
    )
    return answered
