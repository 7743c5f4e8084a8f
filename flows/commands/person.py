"""`kanit person`: a data subject's requests, what is kept about the person and its erasure (KVKK m.11, m.7)."""

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath

import click

from flows.errors import (
    Exit,
    ExportUnwritable,
    FileMissing,
    InputUnreadable,
    NationalIdInvalid,
    NumberMissing,
)
from flows.person_text import erasure_lines, person_lines
from flows.sandboxing import open_sandbox
from flows.session import Session, existing_file, from_standard_input, json_option, language_option
from flows.texts import say
from storage.columns import now
from storage.database import Database, open_database
from storage.desk.audit import COMMAND_LINE, Action, about, record
from storage.evidence import EvidenceStore
from storage.retention import periods_of
from storage.settings import Settings
from storage.subject.erasing import erase as erase_person
from storage.subject.export import Subject, subject_of
from storage.subject.papers import Enclosure, file_of
from validators.identity import is_national_id

_SUFFIXES = frozenset({".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".heic"})

_number_file = click.option(
    "--number-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File that holds the T.C. number, instead of the terminal or standard input.",
)
_reference = click.option(
    "--reference", required=True, help="Number of the request in your files; sealed in the audit trail."
)


@click.group(name="person")
def command() -> None:
    """Answer a data subject's request: what is kept about a person, and its erasure.

    The T.C. number is asked for on the terminal, or read from standard input or a file: a command line can be read by
    others, and is remembered. Make sure first that it is the person who asks, and answer within thirty days.
    """


@command.command()
@_number_file
@_reference
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="Zip file to write.")
@click.option("--evidence", is_flag=True, help="Enclose the files of the person's papers in the zip.")
@json_option
@language_option
@click.pass_context
def export(  # noqa: PLR0913, PLR0917 - its options
    ctx: click.Context,
    number_file: Path | None,
    reference: str,
    target: Path | None,
    evidence: bool,
    as_json: bool,
) -> int:
    """Put together all that is kept about a person, for that person (KVKK m.11).

    Prints it as text (--json: as JSON); with --to it goes into a zip, as both. Other people's data are left out or
    masked. Ends with 10 when nothing is kept.
    """
    if evidence and target is None:
        raise click.UsageError("--evidence needs --to FILE")
    session: Session = ctx.obj
    settings, number = session.settings(), _number(session, number_file)
    with closing(open_database(settings)) as database:
        subject = subject_of(database, number)
        enclosed = _enclosed(settings, database, subject) if subject is not None and evidence else {}
        _note(database, number, reference, found=subject is not None, files=len(enclosed))
    if subject is None:
        click.echo(json.dumps(None) if as_json else say("person.nothing", session.language))
        return Exit.FLAGGED
    text = "\n".join(person_lines(subject.told, session.language)) + "\n"
    if target is not None:
        _write(target, _packed(subject, text, enclosed))
        click.echo(say("person.written", session.language, path=target), err=True)
    else:
        click.echo(json.dumps(subject.told, ensure_ascii=False) if as_json else text, nl=as_json)
    return Exit.OK


@command.command()
@_number_file
@_reference
@click.option("--dry-run", is_flag=True, help="Tell what would go and what remains, and destroy nothing.")
@json_option
@language_option
@click.pass_context
def erase(ctx: click.Context, number_file: Path | None, reference: str, dry_run: bool, as_json: bool) -> int:
    """Destroy what may go of a person, and tell what remains with its ground (KVKK m.7).

    Nothing of an open case goes, nor what a running employment or the certificates in force rest on, nor anything
    before the term for a court action is over. What is destroyed cannot be brought back: `--dry-run` first tells the
    same. Ends with 10 when nothing is kept, or when something remains that still tells about the person.
    """
    session: Session = ctx.obj
    settings, number = session.settings(), _number(session, number_file)
    with closing(open_database(settings)) as database:
        periods = periods_of(settings, now())
        erasure = erase_person(database, settings, periods, number, reference=reference, dry_run=dry_run)
    if erasure is None:
        click.echo(json.dumps(None) if as_json else say("person.nothing", session.language))
        return Exit.FLAGGED
    if as_json:
        click.echo(json.dumps(erasure.as_json()))
    else:
        click.echo("\n".join(erasure_lines(erasure, session.language)))
    return Exit.FLAGGED if erasure.is_held else Exit.OK


def _number(session: Session, file: Path | None) -> str:
    """Return the T.C. number. Raises NumberMissing, NationalIdInvalid, FileMissing."""
    typed = (
        _content(existing_file(file))
        if file is not None
        else from_standard_input(say("registry.ask", session.language), hidden=True)
    )
    numbers = ["".join(line.split()) for line in typed.splitlines() if line.strip()]
    if len(numbers) != 1:
        raise NumberMissing
    if not is_national_id(numbers[0]):
        raise NationalIdInvalid
    return numbers[0]


def _content(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputUnreadable from error
    except OSError as error:
        raise FileMissing(path=str(file)) from error


def _note(database: Database, number: str, reference: str, *, found: bool, files: int) -> None:
    details = {"found": found, "files": files}
    database.transact(
        lambda work: record(
            work, COMMAND_LINE, Action.PERSON_EXPORTED, about("person", "request"), number, reference, details
        )
    )


def _enclosed(settings: Settings, database: Database, subject: Subject) -> dict[str, bytes]:
    """Return the files of the person's papers by their names in the zip, and tell of each whether it is there."""
    store = EvidenceStore(settings.evidence_url, database.keys)
    files: dict[str, bytes] = {}
    with open_sandbox(settings, 1) as sandbox:
        for each in subject.papers:
            enclosure, data = file_of(each.paper, each.mention, store, sandbox)
            each.entry["enclosed"] = enclosure.value
            if enclosure is Enclosure.ENCLOSED and data is not None:
                name = _name(files, data, each.paper.document.name)
                each.entry["file"] = name
                files[name] = data
    return files


def _name(files: dict[str, bytes], data: bytes, name: str) -> str:
    """Return a name for a file; one that is there already has the name that it has."""
    known = next((path for path, content in files.items() if content == data), None)
    suffix = PurePosixPath(name).suffix.lower()
    return known or f"belgeler/{len(files) + 1:02}{suffix if suffix in _SUFFIXES else '.bin'}"


def _packed(subject: Subject, text: str, files: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("veriler.txt", text)
        archive.writestr("veriler.json", json.dumps(subject.told, ensure_ascii=False, indent=2))
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _write(target: Path, data: bytes) -> None:
    """Write a new file for its owner alone. Raises ExportUnwritable."""
    try:
        with _new_file(target) as descriptor, os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ExportUnwritable(error, path=str(target)) from error


@contextmanager
def _new_file(target: Path) -> Iterator[int]:
    """Open a file that is not there yet, and remove it where it does not come to be whole."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield descriptor
    except BaseException:
        target.unlink(missing_ok=True)
        raise
