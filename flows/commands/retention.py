"""`kanit retention`: destroys what has been kept as long as the settings say (KVKK m.7)."""

import json
from collections.abc import Iterator

import click

from flows.session import Session, json_option, language_option
from flows.texts import Language, say
from storage.retention import Report, destroy_due


@click.group(name="retention")
def command() -> None:
    """Destroy what has been kept as long as the settings `retention_…_days` say.

    Nothing of an open case is destroyed, nor what a running employment rests on.
    """


@command.command()
@click.option("--dry-run", is_flag=True, help="Count what is due, and destroy nothing.")
@json_option
@language_option
@click.pass_context
def run(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Destroy what is due, and say how much of which class that was.

    What is destroyed cannot be brought back: `--dry-run` first tells the same numbers. A run may be stopped at any
    moment; the next one goes on.
    """
    session: Session = ctx.obj
    report = destroy_due(session.settings(), dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        for line in _lines(report, session.language):
            click.echo(line)


def _lines(report: Report, language: Language) -> Iterator[str]:
    counts = {each: count for each, count in report.destroyed.items() if count}
    heading = "preview" if report.run_id is None else "heading"
    yield say(f"retention.{heading if counts else 'nothing'}", language, run=report.run_id)
    for each, count in counts.items():
        yield "  " + say(
            "retention.line", language, count=count, what=say(f"retention.what.{each}", language)
        )
    for name, count in (("held", report.held), ("waiting", report.files_waiting)):
        if count:
            yield say(f"retention.{name}", language, count=count)
