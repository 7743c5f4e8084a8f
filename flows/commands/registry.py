"""`kanit registry`: the queries of Kılavuz m.8."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from typing import Any

import click

from flows.errors import Exit, QueryMissing
from flows.session import Session, json_option, language_option, reveal_option
from flows.texts import Language, say
from storage.database import UnitOfWork, open_database
from storage.search import (
    PersonRecord,
    ProviderRecord,
    people_by_name,
    person_by_national_id,
    provider_by_tax_number,
    providers_by_title,
)
from validators.application import ISTANBUL
from validators.identity import mask_national_id, redact

Query = Callable[[UnitOfWork], Sequence[PersonRecord | ProviderRecord]]


@click.group(name="registry")
def command() -> None:
    """Query the registry: who is recorded, and who works where (Kılavuz m.8)."""


@command.command()
@click.option("--national-id", is_flag=True, help="Ask for a T.C. number on the terminal or standard input.")
@click.option("--name", help="Given and family name.")
@click.option("--provider", help="Part of a provider's title: lists its people.")
@click.option("--tax-number", help="Tax number of a provider: lists its people.")
@json_option
@reveal_option
@language_option
@click.pass_context
def search(ctx: click.Context, /, as_json: bool, reveal: bool, **asked: Any) -> None:
    """Show the six facts of m.8(1)(c): T.C. number, name, state, day of record, provider, certificates.

    A T.C. number is never taken from the command line, which other users of the machine can read.
    Ends with 10 when nothing was found.
    """
    session: Session = ctx.obj
    query = _query(session, **asked)
    with closing(open_database(session.settings())) as database, database.reading() as work:
        records = query(work)
    if as_json:
        for record in records:
            click.echo(json.dumps(_as_json(record, reveal), ensure_ascii=False))
    else:
        people = list(_people(records))
        for person in people:
            click.echo("\n".join(person_lines(person, session.language, reveal=reveal)))
        if not people:
            click.echo(say("registry.found_nobody", session.language))
    ctx.exit(Exit.OK if records else Exit.FLAGGED)


def _query(
    session: Session, national_id: bool, name: str | None, provider: str | None, tax_number: str | None
) -> Query:
    if national_id:
        number = _asked_number(session)
        return lambda work: _some(person_by_national_id(work, number))
    if name:
        return lambda work: people_by_name(work, name)
    if provider:
        return lambda work: providers_by_title(work, provider)
    if tax_number:
        return lambda work: _some(provider_by_tax_number(work, tax_number))
    raise QueryMissing


def _asked_number(session: Session) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    answer: str = click.prompt(say("registry.ask", session.language), err=True, hide_input=True)
    return answer.strip()


def _some(record: PersonRecord | ProviderRecord | None) -> Sequence[PersonRecord | ProviderRecord]:
    return () if record is None else (record,)


def _people(records: Sequence[PersonRecord | ProviderRecord]) -> Iterator[PersonRecord]:
    for record in records:
        yield from record.people if isinstance(record, ProviderRecord) else (record,)


def _as_json(record: PersonRecord | ProviderRecord, reveal: bool) -> Any:
    return _plain(dataclasses.asdict(record), reveal)


def _plain(value: Any, reveal: bool) -> Any:
    if isinstance(value, dict):
        return {
            name: mask_national_id(part) if name == "national_id" and not reveal else _plain(part, reveal)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(part, reveal) for part in value]
    if isinstance(value, str):
        return value if reveal else redact(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def person_lines(person: PersonRecord, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield the six facts of m.8(1)(c) about a person as lines of text."""
    number = person.national_id if reveal else mask_national_id(person.national_id)
    yield f"{number}  {person.given_name} {person.family_name}"
    state = say(f"registry.states.{person.state if person.registered_at else 'none'}", language)
    recorded = (
        person.registered_at and f" · {say('registry.registered_at', language)}: {_day(person, language)}"
    )
    yield f"  {say('registry.state', language)}: {state}{recorded or ''}"
    for place in person.works_at:
        since = say("registry.since", language, since=shown_day(place.since, language)) if place.since else ""
        yield f"  {say('registry.works_at', language)}: {place.title} {since}".rstrip()
    for certificate in person.certificates:
        yield f"  {say('registry.certificates', language)}: {redact(certificate.name)}"


def _day(person: PersonRecord, language: Language) -> str:
    return (
        shown_day(person.registered_at.astimezone(ISTANBUL).date(), language) if person.registered_at else ""
    )


def shown_day(day: date, language: Language) -> str:
    """Return a day as people of the language write it."""
    return f"{day:%d.%m.%Y}" if language is Language.TURKISH else day.isoformat()
