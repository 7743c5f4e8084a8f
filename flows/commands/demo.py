"""`kanit demo`: the nightly batch on a sample inbox, and what came of it in plain words."""

import sys
import textwrap
from contextlib import closing
from pathlib import Path

import click

from flows.commands.batch import print_figures
from flows.console import console
from flows.demo import CASES, flagged, judgements, separate_world, write_inbox
from flows.records import person_lines
from flows.running import run_nightly
from flows.session import Session, language_option
from flows.texts import say
from flows.verification import load_declaration
from storage.database import Database, open_database
from storage.search import providers_by_title
from validators.application import Application, Procedure
from validators.case import Judgement
from validators.finding import Decision
from validators.messages import message

PROVIDER = Procedure.PROVIDER_REGISTRATION


@click.command(name="demo")
@click.option(
    "--inbox",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-inbox"),
    show_default=True,
    help="Where the sample applications are written.",
)
@language_option
@click.pass_context
def command(ctx: click.Context, inbox: Path) -> None:
    """Write a sample inbox of synthetic papers, run the nightly batch on it, and show what came of it.

    The demonstration has a registry of its own, KANIT_HOME/demo; yours is not touched.
    """
    session: Session = ctx.obj
    home = separate_world(session.settings().home)
    if inbox.exists():
        click.echo(say("demo.reusing", session.language, inbox=inbox))
    else:
        click.echo(say("demo.writing", session.language, count=len(CASES), inbox=inbox))
        write_inbox(inbox)
    settings = session.settings()
    summary = run_nightly(session, settings, str(inbox.resolve()))
    print_figures(console(), session.language, summary)
    with closing(open_database(settings)) as database:
        judged = list(judgements(database, inbox))
        _print_flagged(session, judged)
        _print_next(session, database, inbox, home, judged)


def _print_flagged(session: Session, judged: list[Judgement]) -> None:
    click.echo(f"\n{say('demo.flagged', session.language)}")
    for reasons in filter(None, map(flagged, judged)):
        click.echo(f"  {click.style(reasons.application_id, bold=True)}")
        for finding in reasons.findings:
            text = f"{finding.code}: {message(finding, session.language.value)}"
            click.echo(textwrap.indent(textwrap.fill(text, 100, break_on_hyphens=False), "    "))


def _print_next(
    session: Session, database: Database, inbox: Path, home: Path, judged: list[Judgement]
) -> None:
    """Show what the registry knows by now of one provider, and name commands to try on the samples."""
    samples = {each.decision: each.application_id for each in reversed(judged) if each.procedure == PROVIDER}
    sound, faulty = samples[Decision.VERIFIED], samples[Decision.FLAGGED]
    title = _provider_title(load_declaration(inbox / sound))
    with database.reading() as work:
        people = [person for provider in providers_by_title(work, title) for person in provider.people]
    click.echo(f"\n{say('demo.registry', session.language, provider=title)}")
    for person in people:
        click.echo(textwrap.indent("\n".join(person_lines(person, session.language, reveal=False)), "  "))
    shown = {
        "kanit": _shown(Path(sys.argv[0])),
        "home": _shown(home),
        "sound": inbox / sound,
        "faulty": inbox / faulty,
        "provider": " ".join(title.split()[:2]),
    }
    click.echo(f"\n{say('demo.next', session.language, **shown)}")


def _provider_title(application: Application) -> str:
    return application.provider.title if application.provider else ""


def _shown(path: Path) -> str:
    """Return a path as somebody in the working directory would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
