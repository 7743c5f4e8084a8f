"""`kanit audit`: whether the audit trail of the review application is whole."""

import json
from contextlib import closing

import click

from flows.errors import Exit
from flows.session import Session, json_option, language_option
from review.audit_trail import Verification, verify_trail
from review.texts import Language, text
from storage.database import open_database
from storage.desk.audit import COMMAND_LINE


@click.group(name="audit")
def command() -> None:
    """Check the audit trail of the review application."""


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
