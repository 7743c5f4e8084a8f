"""`kanit audit`: whether the audit trail of the review application is whole, and who opened what by it."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import click

from flows.errors import Exit, NationalIdInvalid, NumberMissing, QueryMissing
from flows.records import kind_name
from flows.session import Session, from_standard_input, json_option, language_option, reveal_option
from flows.texts import spell_moment
from review.account_command import AccountUnusable
from review.audit_trail import Answered, Question, Verification, ask_access_log, verify_trail
from review.exports import Cell, Form, Table, exported
from review.texts import Language, catalogue, text
from storage.database import Database, open_database
from storage.desk.accounts import AccountFault, account_by_name
from storage.desk.audit import COMMAND_LINE
from storage.subject.access import Access
from validators.application import ISTANBUL
from validators.identity import is_national_id, mask_national_id, redact


@click.group(name="audit")
def command() -> None:
    """Check the audit trail of the review application, and ask it who opened what."""


@command.command(name="verify")
@json_option
@language_option
@click.pass_context
def verify(ctx: click.Context, /, as_json: bool) -> int:
    """Find lines that were altered, taken out, put in or moved; the end that was written is known by its seal.

    Ends with 0 when the trail is whole, with 10 when it is not. That it was verified, and with what result, becomes a
    line of the trail.
    """
    session: Session = ctx.obj
    with closing(open_database(session.settings())) as database:
        found = verify_trail(database, COMMAND_LINE)
    click.echo(_json(found) if as_json else _told(found, session.language))
    return Exit.FLAGGED if found.faults else Exit.OK


_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
_COLUMNS = ("number", "at", "account", "address", "action", "object", "tie", "paper", "reason", "details")


@command.command(name="access")
@click.option("--account", help="Log-in name of an account: what it opened.")
@click.option("--person", "of_person", is_flag=True, help="Ask for a T.C. number: who opened anything of it.")
@click.option(
    "--since", type=_MOMENT, help="Day, or day and time, in Istanbul; by default from the beginning."
)
@click.option("--until", type=_MOMENT, help="Day, or day and time, before which; by default until now.")
@click.option("--people", "name_people", is_flag=True, help="List the people concerned, to notify them.")
@click.option("--csv", "as_csv_file", is_flag=True, help="Print CSV for spreadsheets.")
@json_option
@reveal_option
@language_option
@click.pass_context
def access(ctx: click.Context, /, as_json: bool, as_csv_file: bool, **asked: Any) -> int:
    """Tell which papers an account opened, or who opened anything of a person, or both, the newest first.

    A T.C. number is asked for on the terminal or read from standard input, never taken from the command line. A line
    names the person, or is about an application that names the person (a dossier, say): `tie` tells which. What was
    asked becomes a line of the trail. Ends with 10 when nothing was found.
    """
    session: Session = ctx.obj
    if as_json and as_csv_file:
        raise click.UsageError("--json or --csv, not both")
    number = _asked_number(session) if asked["of_person"] else None
    if number is None and asked["account"] is None:
        raise QueryMissing(options="--account, --person")
    with closing(open_database(session.settings())) as database:
        question = Question(
            _account_id(database, asked["account"]), number, _moment(asked["since"]), _moment(asked["until"])
        )
        answered = ask_access_log(database, question, COMMAND_LINE)
    people = answered.people if asked["reveal"] else tuple(map(mask_national_id, answered.people))
    if as_json:
        _print_json(answered, people if asked["name_people"] else None)
    elif as_csv_file:
        _print_csv(answered, session.language)
    else:
        _print_lines(answered, people if asked["name_people"] else (), session.language)
    return Exit.OK if answered.found else Exit.FLAGGED


def _asked_number(session: Session) -> str:
    """Return one T.C. number. Raises NumberMissing, NationalIdInvalid."""
    typed = from_standard_input(text("audit_command.ask", session.language), hidden=True)
    numbers = ["".join(line.split()) for line in typed.splitlines() if line.strip()]
    if len(numbers) != 1:
        raise NumberMissing
    if not is_national_id(numbers[0]):
        raise NationalIdInvalid
    return numbers[0]


def _account_id(database: Database, name: str | None) -> int | None:
    """Return the id of an account. Raises AccountUnusable."""
    if name is None:
        return None
    account = database.read(lambda work: account_by_name(work, name))
    if account is None:
        raise AccountUnusable(fault=AccountFault.UNKNOWN.value)
    return account.id


def _moment(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=ISTANBUL) if day is not None else None


def _print_json(answered: Answered, people: Sequence[str] | None) -> None:
    for each in answered.found:
        line = each.line
        told = {
            "number": line.id,
            "at": line.at.astimezone(ISTANBUL).isoformat(timespec="seconds"),
            "account": line.account,
            "address": line.address,
            "action": line.action,
            "object": line.object,
            "tie": each.tie.value,
            "paper": each.paper.value if each.paper is not None else None,
            "reason": redact(line.reason),
            "details": line.details,
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    if people is not None:
        click.echo(json.dumps({"people": list(people)}))


def _print_csv(answered: Answered, language: Language) -> None:
    columns = tuple(text(f"audit_command.columns.{column}", language) for column in _COLUMNS)
    rows = tuple(_row(each, language) for each in answered.found)
    # As bytes: the mark of the encoding in front, by which Excel knows it, is no text to be shown.
    click.echo(exported(Table("", columns, rows), Form.CSV), nl=False)


def _row(each: Access, language: Language) -> tuple[Cell, ...]:
    line = each.line
    return (
        line.id,
        line.at,
        line.account or line.address,
        line.address,
        _action(line.action, language),
        line.object,
        text(f"audit_command.tie.{each.tie}", language),
        kind_name(each.paper, language) if each.paper is not None else "",
        redact(line.reason),
        json.dumps(line.details, ensure_ascii=False),
    )


def _print_lines(answered: Answered, people: Sequence[str], language: Language) -> None:
    for each in answered.found:
        line = each.line
        parts = [
            spell_moment(line.at, language),
            line.account or "—",
            line.address,
            _action(line.action, language),
            line.object,
            kind_name(each.paper, language) if each.paper is not None else "",
            text(f"audit_command.tie.{each.tie}", language),
        ]
        click.echo(" · ".join(part for part in parts if part))
    click.echo(text("audit_command.found", language, lines=len(answered.found), people=len(answered.people)))
    for number in people:
        click.echo(f"  {number}")


def _action(action: str, language: Language) -> str:
    key = f"audit.actions.{action}"
    return text(key, language) if key in catalogue(language) else action


def _json(found: Verification) -> str:
    faults = [{"line": fault.line, "fault": fault.kind.value} for fault in found.faults]
    return json.dumps({"lines": found.lines, "whole": not faults, "faults": faults})


def _told(found: Verification, language: Language) -> str:
    if not found.faults:
        return text("audit_command.whole", language, lines=found.lines)
    told = [
        text(
            "audit_command.fault",
            language,
            line=fault.line,
            fault=text(f"audit.faults.{fault.kind}", language),
        )
        for fault in found.faults
    ]
    told.append(text("audit_command.broken", language, lines=found.lines, faults=len(found.faults)))
    return "\n".join(told)
