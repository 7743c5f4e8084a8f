"""`kanit store`: whether all that is kept is sound, and copies of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from flows.errors import Exit
from flows.session import Session, json_option, language_option
from flows.texts import Language, say, spell_moment
from storage.upkeep.backup import Backup, back_up
from storage.upkeep.faults import SHOWN, FaultKind, Report
from storage.upkeep.restoring import restore
from storage.upkeep.verifying import verify_store


@click.group(name="store")
def command() -> None:
    """Look whether registry and evidence are sound; copy them, and bring a copy back.

    None of it changes a registry that is there, nor makes one where there is none.
    """


@command.command()
@click.option("--quick", is_flag=True, help="Look whether files of evidence are there, and open none.")
@json_option
@language_option
@click.pass_context
def verify(ctx: click.Context, quick: bool, as_json: bool) -> None:
    """Look at everything that is kept, and tell what is wrong with it.

    Files of evidence: opened, hashed, compared with the rows that name them. The database: its schema, what must hold
    of its rows, whether all that is sealed opens and fits its indexes, the audit trail. Nothing is changed, and a batch
    may be at work meanwhile.

    Ends with 0 when all is well and with 10 when something was found.
    """
    session: Session = ctx.obj
    report = verify_store(session.settings(), quick=quick)
    _print_report(report, session.language, as_json=as_json)
    ctx.exit(Exit.OK if report.sound else Exit.FLAGGED)


@command.command()
@click.argument("dest", type=click.Path(path_type=Path))
@json_option
@language_option
@click.pass_context
def backup(ctx: click.Context, dest: Path, as_json: bool) -> None:
    """Copy database and evidence into DEST, a folder that does not exist yet or is empty.

    The copy is of one moment, whatever a batch does meanwhile, and sealed as the original is. The key is not in it:
    without the key, which must be kept elsewhere, a backup is worth nothing.

    Ends with 10 when files were missing that the registry names: all else was copied.
    """
    session: Session = ctx.obj
    made = back_up(session.settings(), dest)
    if as_json:
        click.echo(json.dumps(made.as_json()))
    else:
        for line in _backup_lines(made, session.language):
            click.echo(line)
    ctx.exit(Exit.FLAGGED if made.missing else Exit.OK)


@command.command(name="restore")
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@json_option
@language_option
@click.pass_context
def restore_command(ctx: click.Context, source: Path, as_json: bool) -> None:
    """Bring the backup SRC back, to where the settings say, and look whether all of it is sound.

    KANIT_HOME, database and evidence store must be empty; the key of the backup must be there. Every file is compared
    with the manifest before anything is written.

    Ends as `kanit store verify`, which is part of it.
    """
    session: Session = ctx.obj
    manifest, report = restore(session.settings(), source)
    if not as_json:
        moment = spell_moment(manifest.made_at, session.language)
        click.echo(say("store.restored", session.language, moment=moment, files=manifest.evidence))
    _print_report(report, session.language, as_json=as_json)
    ctx.exit(Exit.OK if report.sound else Exit.FLAGGED)


def _print_report(report: Report, language: Language, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        for line in _report_lines(report, language):
            click.echo(line)


def _report_lines(report: Report, language: Language) -> Iterator[str]:
    counts = report.findings.counts
    looked_at = {
        "applications": report.applications,
        "values": report.values,
        "lines": report.audit_lines,
        "files": report.files,
    }
    yield say(f"store.looked_at.{'quick' if report.quick else 'all'}", language, **looked_at)
    for kind in FaultKind:
        if count := counts.get(kind, 0):
            yield say("store.fault", language, count=count, what=say(f"store.faults.{kind}", language))
            for fault in report.findings.shown[kind]:
                yield f"    {fault.place}{f' ({fault.detail})' if fault.detail else ''}"
            if count > SHOWN:
                yield "    …"
    if report.unsettled:
        yield say("store.unsettled", language, count=report.unsettled)
    yield say("store.sound" if report.sound else "store.unsound", language, kinds=len(counts))


def _backup_lines(made: Backup, language: Language) -> Iterator[str]:
    manifest = made.manifest
    yield say(
        "store.backed_up", language, path=made.folder, files=manifest.evidence, bytes=manifest.total_bytes
    )
    yield say("store.key_apart", language, keys=", ".join(manifest.key_ids))
    for name in made.missing[:SHOWN]:
        yield f"    {name}"
    if made.missing:
        yield say("store.not_copied", language, count=len(made.missing))
