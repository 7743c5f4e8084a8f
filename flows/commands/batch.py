"""`kanit batch`: the nightly flow over an inbox, into the registry."""

import json
from collections.abc import Mapping

import click
from rich.console import Console

from flows.console import console
from flows.running import run_nightly
from flows.session import Session, existing_inbox, json_option, language_option
from flows.summary import LISTED, Summary
from flows.texts import Language, say


@click.command(name="batch")
@click.argument("inbox")
@json_option
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Processes that read documents at the same time."
)
@language_option
@click.pass_context
def command(ctx: click.Context, inbox: str, as_json: bool, workers: int | None) -> None:
    """Verify every application of INBOX that is new or changed, into the registry. A second run does nothing twice.

    INBOX is a folder or a URL such as s3://bucket/inbox.

    Ends with 0 when the batch ran to its end, whatever it flagged.
    """
    session: Session = ctx.obj
    settings = session.settings(workers=workers)
    summary = run_nightly(session, settings, existing_inbox(inbox))
    if as_json:
        click.echo(json.dumps(summary.as_json()))
    else:
        print_summary(console(), session.language, summary)


def print_summary(screen: Console, language: Language, summary: Summary) -> None:
    """Print the figures of a run, and what was flagged for which reasons."""
    print_figures(screen, language, summary)
    reasons = [(code.value, applications) for code, applications in summary.tally.by_reason()]
    _print_list(screen, language, say("batch.reasons", language), reasons)
    failures = sorted((summary.tally.failures | summary.tally.unjudged).items())
    listed = [(code, [application_id]) for application_id, code in failures]
    _print_list(screen, language, say("batch.failures", language), listed)
    sources = summary.tally.sources
    _print_counts(
        screen,
        say("batch.texts", language),
        {say(f"batch.text.{source}", language): count for source, count in sources.texts.items()},
    )
    _print_counts(screen, say("batch.decoders", language), sources.decoders)


def print_figures(screen: Console, language: Language, summary: Summary) -> None:
    """Print how many applications there were and what became of them."""
    counts = summary.counts
    heading = say(
        "batch.heading", language, applications=counts.applications, seconds=round(summary.seconds, 1)
    )
    screen.print(heading, style="bold")
    for name in ("verified", "flagged", "unchanged", "failed"):
        screen.print(f"  {getattr(counts, name):>6}  {say(f'batch.{name}', language)}")
    if counts.waiting:
        screen.print(f"  {counts.waiting:>6}  {say('batch.waiting', language)}")


def _print_counts(screen: Console, heading: str, counts: Mapping[str, int]) -> None:
    if not counts:
        return
    screen.print(f"\n{heading}", style="bold")
    for name, count in counts.items():
        screen.print(f"  {count:>6}  {name}")


def _print_list(screen: Console, language: Language, heading: str, rows: list[tuple[str, list[str]]]) -> None:
    if not rows:
        return
    screen.print(f"\n{heading}", style="bold")
    for name, applications in rows:
        more = len(applications) - LISTED
        tail = [say("batch.more", language, count=more)] if more > 0 else []
        screen.print(f"  {len(applications):>6}  {name}: {', '.join([*applications[:LISTED], *tail])}")
