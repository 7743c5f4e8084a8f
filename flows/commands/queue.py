"""`kanit queue`: what waits to be read, what was parked and why; `kanit queue retry` lets it be tried afresh."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing

import click

from flows.errors import Exit, NothingToRetry, RetryUnclear
from flows.session import Session, json_option, language_option
from flows.summary import LISTED
from flows.texts import Language, catalogue, say, spell_moment
from storage.columns import now
from storage.database import Database, open_database
from storage.queued import Place, Queued, queued, retry, retry_all


@click.group(name="queue", invoke_without_command=True)
@json_option
@language_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Show the applications that were not read yet: waiting, in work, resting after a failure, or parked; oldest first.

    Ends with 10 when any of them is parked: it is not tried again until its folder changes, or by `kanit queue retry`.
    """
    if ctx.invoked_subcommand is not None:
        return
    session: Session = ctx.obj
    with closing(open_database(session.settings())) as database:
        rows = database.read(queued)
    lines = _as_json(rows) if as_json else _as_text(rows, session.language)
    for line in lines:
        click.echo(line)
    ctx.exit(Exit.FLAGGED if any(row.place is Place.PARKED for row in rows) else Exit.OK)


@command.command(name="retry")
@click.argument("applications", nargs=-1)
@click.option("--all-parked", is_flag=True, help="Try every parked application afresh.")
@json_option
@language_option
@click.pass_context
def again(ctx: click.Context, applications: tuple[str, ...], all_parked: bool, as_json: bool) -> None:
    """Let APPLICATIONS that were parked, or rest after a failure, be tried afresh by the next batch."""
    session: Session = ctx.obj
    if bool(applications) == all_parked:
        raise RetryUnclear
    with closing(open_database(session.settings())) as database:
        if all_parked:
            freed = retry_all(database)
        else:
            _refuse_others(database, applications)
            freed = retry(database, applications)
    if as_json:
        click.echo(json.dumps({"retried": sorted(freed)}))
    else:
        click.echo(say("queue.retried", session.language, count=len(freed)))


def _refuse_others(database: Database, applications: Sequence[str]) -> None:
    """Refuse what is neither parked nor resting before anything is changed."""
    stuck = {
        row.application_id for row in database.read(queued) if row.place in (Place.PARKED, Place.RESTING)
    }
    for application_id in applications:
        if application_id not in stuck:
            raise NothingToRetry(application=application_id)


def _as_json(rows: Sequence[Queued]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(
            {
                "application_id": row.application_id,
                "inbox": row.inbox,
                "state": row.place.value,
                "reason": row.reason,
                "failures": row.failures,
                "since": row.since.isoformat(),
                "age_days": _age_days(row),
                "not_before": row.not_before and row.not_before.isoformat(),
            }
        )


def _as_text(rows: Sequence[Queued], language: Language) -> Iterator[str]:
    if not rows:
        yield say("queue.empty", language)
    for place in Place:
        placed = [row for row in rows if row.place is place]
        if placed:
            yield say(f"queue.{place}", language, count=len(placed))
            yield from (_line(row, language) for row in placed[:LISTED])
        if len(placed) > LISTED:
            yield "  " + say("batch.more", language, count=len(placed) - LISTED)


def _line(row: Queued, language: Language) -> str:
    about = [say("queue.since", language, moment=spell_moment(row.since, language), days=_age_days(row))]
    if row.reason:
        about.append(_reason(row.reason, language))
    if row.place is Place.RESTING and row.not_before:
        about.append(say("queue.not_before", language, moment=spell_moment(row.not_before, language)))
    return f"  {row.application_id}  {'; '.join(about)}"


def _reason(code: str, language: Language) -> str:
    """Return the sentence of a code with the code itself; one of another version has its code alone."""
    sentence = catalogue(language).get(f"queue.reason.{code}")
    return f"{sentence} ({code})" if sentence else code


def _age_days(row: Queued) -> int:
    return max(0, (now() - row.since).days)
