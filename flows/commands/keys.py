"""`kanit keys`: the keys that seal personal data, and their rotation."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import click

from flows.session import Session, json_option, language_option
from flows.texts import Language, say, spell_day_of
from storage.rotation import KeyInfo, Report, Uses, drop, keys_in_use, opened, prepare, preview, rotate


@click.group(name="keys")
def command() -> None:
    """Show the keys that seal personal data, rotate them, and drop old ones.

    Keys are named by eight digits that tell nothing of them; the keys themselves are never printed.
    """


@command.command(name="list")
@json_option
@language_option
@click.pass_context
def list_keys(ctx: click.Context, as_json: bool) -> None:
    """Show the keys, since when each is current, what rests on it, and whether it can be dropped."""
    session: Session = ctx.obj
    settings = session.settings()
    period = timedelta(days=settings.retention_audit_days)
    with opened(settings) as (database, store):
        for key in keys_in_use(database, store):
            click.echo(json.dumps(_as_json(key, period)) if as_json else _line(key, period, session.language))


@command.command(name="rotate")
@click.option("--dry-run", is_flag=True, help="Count what would be sealed anew, and change nothing.")
@click.option("--prepare", "only_prepare", is_flag=True, help="Only put a new key into the key file.")
@click.option(
    "--new-key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the key comes from KANIT_KEY: write it with a new one into this file, and nothing else.",
)
@json_option
@language_option
@click.pass_context
def rotate_keys(
    ctx: click.Context, dry_run: bool, only_prepare: bool, new_key_file: Path | None, as_json: bool
) -> None:
    """Bring everything under a new key; the old ones stay in the key file.

    May be killed at any moment: run again, it goes on. Batches and the review application go on meanwhile, as far as
    they read the same key file; for other machines, copy the file there between `--prepare` and the rotation.
    """
    session: Session = ctx.obj
    settings = session.settings()
    if new_key_file is not None and settings.key is None:
        raise click.UsageError("--new-key-file is for keys that come from KANIT_KEY; leave it out.")
    with opened(settings) as (database, store):
        if only_prepare or new_key_file is not None:
            new = prepare(settings, database, new_key_file)
            told = say("keys.prepared", session.language, new=new, path=new_key_file or settings.key_file)
            click.echo(json.dumps({"prepared": new}) if as_json else told)
            return
        report = preview(database, store) if dry_run else rotate(settings, database, store)
    click.echo(json.dumps(asdict(report)) if as_json else "\n".join(_lines(report, session.language)))


@command.command(name="drop")
@click.argument("key_id", metavar="ID")
@language_option
@click.pass_context
def drop_key(ctx: click.Context, key_id: str) -> None:
    """Take the key ID out of the key file for good; refused while anything rests on it."""
    session: Session = ctx.obj
    settings = session.settings()
    with opened(settings) as (database, store):
        drop(settings, database, store, key_id)
    click.echo(say("keys.dropped", session.language, id=key_id, path=settings.key_file))


def _as_json(key: KeyInfo, period: timedelta) -> dict[str, object]:
    days = {"since": key.since, "until": key.until, "audit_lines_due": _lines_due(key, period)}
    told = {name: moment.isoformat() if moment else None for name, moment in days.items()}
    return {**asdict(key), **told, "droppable": key.droppable}


def _line(key: KeyInfo, period: timedelta, language: Language) -> str:
    since = say("keys.since", language, day=spell_day_of(key.since, language)) if key.since else ""
    uses = ", ".join(_uses(key.uses, language)) or say("keys.nothing", language)
    state = say(f"keys.state.{key.state}", language)
    droppable = say("keys.droppable", language) if key.droppable else ""
    if due := _lines_due(key, period):
        droppable = say("keys.lines_due", language, day=spell_day_of(due, language))
    return f"{key.id}  {state}{since}: {uses}{droppable}"


def _lines_due(key: KeyInfo, period: timedelta) -> datetime | None:
    """Return when the period ends of the audit lines that keep an older key from being dropped."""
    return key.until + period if key.until and key.uses.audit_lines else None


def _uses(uses: Uses, language: Language) -> Iterator[str]:
    for name, count in asdict(uses).items():
        if count:
            yield say(f"keys.uses.{name}", language, count=count)


def _lines(report: Report, language: Language) -> Iterator[str]:
    kind = "dry_run" if report.dry_run else "resumed" if report.key == report.before else "rotated"
    new = report.key or say("keys.new", language)
    yield say(f"keys.{kind}", language, new=new, before=report.before)
    done = {"indexes": report.indexes, "values": report.values.done, "files": report.files.done}
    for name, count in done.items():
        yield "  " + say(f"keys.done.{name}", language, count=count)
    if damaged := report.values.damaged + report.files.damaged:
        yield say("keys.damaged", language, count=damaged)
    if report.kept:
        yield say("keys.kept", language, what=", ".join(_uses(report.kept, language)))
