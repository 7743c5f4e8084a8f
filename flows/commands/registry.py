"""`kanit registry`: the queries of Kılavuz m.8 for health-service providers, and the cards of officers."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import click

from flows.ageing import AgeingCounts
from flows.errors import (
    Exit,
    FolderUnwritable,
    NameIncomplete,
    NationalIdInvalid,
    NumberMissing,
    QueryMissing,
)
from flows.looks import Look, enter
from flows.records import (
    ageing_lines,
    counts_lines,
    person_card_lines,
    provider_card_lines,
    record_lines,
    registration_lines,
    to_json,
)
from flows.running import run_recheck
from flows.session import ASK, Session, from_standard_input, json_option, language_option, reveal_option
from flows.texts import Language, say
from storage.cards import ProviderCard, person_card, provider_card, provider_cards
from storage.database import UnitOfWork, open_database
from storage.desk.audit import Action
from storage.evidence import EvidenceStore
from storage.matching import NameQuery
from storage.recheck import due_for_recheck, today
from storage.search import (
    PersonRecord,
    ProviderRecord,
    people_by_name,
    person_by_national_id,
    provider_by_tax_number,
    providers_by_title,
    registration_of,
)
from validators.identity import is_national_id

T = TypeVar("T")
Written_contra = TypeVar("Written_contra", contravariant=True)


class Lines(Protocol[Written_contra]):
    """Writes a record as lines of text."""

    def __call__(self, record: Written_contra, language: Language, /, *, reveal: bool) -> Iterator[str]:
        """Yield the lines; T.C. numbers are masked unless revealed."""


@click.group(name="registry")
def command() -> None:
    """Query the registry: who is recorded, and who works where (Kılavuz m.8).

    `search` and `check` show what m.8 lets health-service providers see. `card`, `person` and `recheck` are for the
    officers of the agency.
    """


@dataclass(frozen=True, slots=True)
class _Query(Generic[T]):
    """What is asked of the registry: by what, the words or the number, and how."""

    by: str
    typed: str
    ask: Callable[[UnitOfWork], Sequence[T]]

    def looks(self, action: Action, found: Sequence[T]) -> list[Look]:
        """Return what is entered of it. Who asks by a tax number sees what a query by that provider's title shows."""
        if self.by == "person":
            return [_look_at_person(action, self.typed)]
        if self.by != "tax_number":
            return [Look(action, "registry", self.by, words=self.typed)]
        titles = [str(getattr(each, "title", "")) for each in found]
        return [Look(action, "registry", "provider", words=title) for title in titles or [self.typed]]


_BY_NATIONAL_ID = "--national-id"
_BY_PROVIDER = "--provider, --tax-number"

_national_id = click.option(
    "--national-id", is_flag=True, help="Ask for a T.C. number on the terminal or standard input."
)
_tax_number = click.option(
    "--tax-number", help="Tax number of a provider; - asks for it, as a sole trader's is a T.C. number."
)


@command.command()
@_national_id
@click.option("--name", help="Given and family name; further names may be left out.")
@click.option("--provider", help="A provider's title or a part of it: lists its people.")
@_tax_number
@click.option(
    "--certificates",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder into which the certificate files are written, each named by its SHA-256.",
)
@json_option
@reveal_option
@language_option
@click.pass_context
def search(ctx: click.Context, /, folder: Path | None, as_json: bool, reveal: bool, **asked: Any) -> None:
    """Show the six facts of m.8(1)(c): T.C. number, name, state, day of record, provider, certificates.

    A T.C. number is never taken from the command line, which other users of the machine can read.
    Ends with 10 when nothing was found.
    """
    session: Session = ctx.obj
    query = _query(session, **asked)
    records = _read(session, query.ask)
    _enter(session, query.looks(Action.QUERY, records), reveal=reveal)
    _print(session, records, record_lines, as_json=as_json, reveal=reveal)
    if folder is not None:
        _write_certificates(session, records, folder)
    ctx.exit(Exit.OK if records else Exit.FLAGGED)


@command.command()
@_national_id
@click.option("--provider", help="Also tell whether the person is recorded under the provider of this title.")
@json_option
@reveal_option
@language_option
@click.pass_context
def check(ctx: click.Context, national_id: bool, provider: str | None, as_json: bool, reveal: bool) -> None:
    """Show under which provider a person is recorded: in subcontracting, that provider counts (m.8(2)).

    Takes T.C. numbers, one a line, from standard input, or asks for one on the terminal. What --provider names is only
    compared: another provider than the bidder is no obstacle. Ends with 10 when somebody is recorded nowhere.
    """
    if not national_id:
        raise QueryMissing(options=_BY_NATIONAL_ID)
    session: Session = ctx.obj
    numbers = _asked_numbers(session)
    if not numbers:
        raise NumberMissing
    found = _read(session, lambda work: [registration_of(work, number, provider) for number in numbers])
    _enter(
        session, [_look_at_person(Action.QUERY, number, provider or "") for number in numbers], reveal=reveal
    )
    _print(session, found, registration_lines, as_json=as_json, reveal=reveal)
    ctx.exit(Exit.OK if all(each.works_at for each in found) else Exit.FLAGGED)


@command.command()
@click.option("--provider", help="A provider's title or a part of it.")
@_tax_number
@json_option
@reveal_option
@language_option
@click.pass_context
def card(
    ctx: click.Context, provider: str | None, tax_number: str | None, as_json: bool, reveal: bool
) -> None:
    """Show the registry card of a provider: who, since when, on what evidence, and who has left. For officers.

    Ends with 10 when nothing was found.
    """
    session: Session = ctx.obj
    query = _card_query(session, provider, tax_number)
    cards = _read(session, query.ask)
    _enter(session, query.looks(Action.VIEW_RECORD, cards), reveal=reveal)
    _print(session, cards, provider_card_lines, as_json=as_json, reveal=reveal)
    ctx.exit(Exit.OK if cards else Exit.FLAGGED)


@command.command()
@_national_id
@json_option
@reveal_option
@language_option
@click.pass_context
def person(ctx: click.Context, national_id: bool, as_json: bool, reveal: bool) -> None:
    """Show a person's record with where the person works and worked, on what evidence. For officers.

    A record that was deleted on petition (m.4(3)) is shown as deleted. Ends with 10 when nothing was found.
    """
    if not national_id:
        raise QueryMissing(options=_BY_NATIONAL_ID)
    session: Session = ctx.obj
    number = _asked_number(session)
    cards = _read(session, lambda work: _of_person(number, person_card(work, number)))
    _enter(session, [_look_at_person(Action.VIEW_RECORD, number)], reveal=reveal)
    _print(session, cards, person_card_lines, as_json=as_json, reveal=reveal)
    ctx.exit(Exit.OK if cards else Exit.FLAGGED)


@command.command()
@click.option(
    "--older-than",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Age in days that the evidence exceeds; by default the setting recheck_days.",
)
@click.option(
    "--flow", "as_flow", is_flag=True, help="Run as a Prefect flow, which tells counts and ages only."
)
@json_option
@reveal_option
@language_option
@click.pass_context
def recheck(ctx: click.Context, older_than: int | None, as_flow: bool, as_json: bool, reveal: bool) -> None:
    """List who works where on old evidence, oldest first. For officers.

    The day is that of the paper itself, else that of the judgement. Somebody who left a provider stays recorded there
    until the provider removes the person (m.7(1)(g)-(ı)). Ends with 10 when there is anything to look at.
    """
    session: Session = ctx.obj
    settings = session.settings()
    days = older_than if older_than is not None else settings.recheck_days
    if as_flow:
        counts = run_recheck(session, settings, days)
        _print_counts(session, counts, as_json=as_json)
        ctx.exit(Exit.FLAGGED if counts.employments else Exit.OK)
    due = _read(session, lambda work: due_for_recheck(work, days, today()))
    _enter(session, [Look(Action.VIEW_RECORD, "registry", "recheck")], reveal=reveal)
    if not as_json:
        click.echo(say("registry.recheck.heading", session.language, count=len(due), days=days))
    if due:
        _print(session, due, ageing_lines, as_json=as_json, reveal=reveal)
    ctx.exit(Exit.FLAGGED if due else Exit.OK)


def _print_counts(session: Session, counts: AgeingCounts, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts.as_json()))
        return
    facts = {"count": counts.employments, "days": counts.older_than_days}
    click.echo(say("registry.recheck.heading", session.language, **facts))
    for line in counts_lines(counts, session.language):
        click.echo(line)


def _query(
    session: Session, national_id: bool, name: str | None, provider: str | None, tax_number: str | None
) -> _Query[PersonRecord | ProviderRecord]:
    if [national_id, bool(name), bool(provider), bool(tax_number)].count(True) != 1:
        raise QueryMissing(options=f"{_BY_NATIONAL_ID}, --name, {_BY_PROVIDER}")
    if name:
        if not NameQuery.of(name).is_whole:
            raise NameIncomplete
        return _Query("name", name, lambda work: people_by_name(work, name))
    if provider:
        return _Query("provider", provider, lambda work: providers_by_title(work, provider))
    number = _asked_number(session) if national_id else _number(session, tax_number)
    if national_id:
        return _Query("person", number, lambda work: _of_person(number, person_by_national_id(work, number)))
    return _Query("tax_number", number, lambda work: _some(provider_by_tax_number(work, number)))


def _card_query(session: Session, provider: str | None, tax_number: str | None) -> _Query[ProviderCard]:
    if bool(provider) == bool(tax_number):
        raise QueryMissing(options=_BY_PROVIDER)
    if provider:
        return _Query("provider", provider, lambda work: provider_cards(work, provider))
    number = _number(session, tax_number)
    return _Query("tax_number", number, lambda work: _some(provider_card(work, number)))


def _look_at_person(action: Action, number: str, words: str = "") -> Look:
    return Look(action, "registry", "person", number, words)


def _number(session: Session, given: str | None) -> str:
    return _asked_number(session) if given == ASK else "".join(str(given).split())


def _asked_number(session: Session) -> str:
    numbers = _asked_numbers(session)
    if len(numbers) != 1:
        raise NumberMissing
    return numbers[0]


def _asked_numbers(session: Session) -> list[str]:
    """Take numbers from standard input, one a line, or ask for one on the terminal; spaces in them do not count."""
    typed = from_standard_input(say("registry.ask", session.language), hidden=True)
    return ["".join(line.split()) for line in typed.splitlines() if line.strip()]


def _read(session: Session, query: Callable[[UnitOfWork], T]) -> T:
    with closing(open_database(session.settings())) as database, database.reading() as work:
        return query(work)


def _enter(session: Session, looks: Sequence[Look], *, reveal: bool) -> None:
    with closing(open_database(session.settings())) as database:
        database.transact(lambda work: enter(work, looks, reveal=reveal))


def _write_certificates(
    session: Session, records: Sequence[PersonRecord | ProviderRecord], folder: Path
) -> None:
    people = [p for r in records for p in (r.people if isinstance(r, ProviderRecord) else (r,))]
    settings = session.settings()
    with closing(open_database(settings)) as database:
        files_of = [(person, file.sha256) for person in people for file in person.certificates]
        looks = [Look(Action.QUERY, "certificate", sha256, who.national_id) for who, sha256 in files_of]
        database.transact(lambda work: enter(work, looks, reveal=False))
        store = EvidenceStore(settings.evidence_url, database.keys)
        files = {sha256: store.open(sha256) for _, sha256 in files_of}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sha256, data in files.items():
            (folder / f"{sha256}.zip").write_bytes(data)
    except OSError as error:
        raise FolderUnwritable(error, path=str(folder)) from error


def _of_person(number: str, record: T | None) -> Sequence[T]:
    """Return what was found by a T.C. number. Raises NationalIdInvalid where it was nothing, and could be no number."""
    if record is None and not is_national_id(number):
        raise NationalIdInvalid
    return _some(record)


def _some(record: T | None) -> Sequence[T]:
    return () if record is None else (record,)


def _print(session: Session, records: Sequence[T], lines: Lines[T], *, as_json: bool, reveal: bool) -> None:
    for record in records:
        if as_json:
            click.echo(json.dumps(to_json(record, reveal=reveal), ensure_ascii=False))
        else:
            click.echo("\n".join(lines(record, session.language, reveal=reveal)))
    if not records and not as_json:
        click.echo(say("registry.found_nobody", session.language))
