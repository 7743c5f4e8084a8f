"""`kanit decide`: an officer's decision on an application that kanit leaves to officers (Kılavuz m.4(3))."""

import json
from contextlib import closing

import click

from flows.errors import (
    AlreadyDecided,
    DecisionIncomplete,
    DecisionNotForeseen,
    NothingToDecide,
    PetitionerNotCreator,
    RecordChanged,
    RecordNotFound,
    UsageFault,
)
from flows.session import ASK, Session, from_standard_input, json_option, language_option
from flows.texts import say
from storage.database import open_database
from storage.decisions import Decided, decide
from storage.errors import DecisionImpossible, Obstacle
from storage.models import Ruling
from validators.identity import redact

_RULINGS = {"approve": Ruling.APPROVED, "refuse": Ruling.REFUSED}
_ERRORS: dict[Obstacle, type[UsageFault]] = {
    Obstacle.NOT_JUDGED: NothingToDecide,
    Obstacle.NOT_FORESEEN: DecisionNotForeseen,
    Obstacle.ALREADY_DECIDED: AlreadyDecided,
    Obstacle.NOT_CREATOR: PetitionerNotCreator,
    Obstacle.NO_RECORD: RecordNotFound,
    Obstacle.RECORD_CHANGED: RecordChanged,
}


@click.command(name="decide")
@click.argument("application")
@click.argument("decision", type=click.Choice(list(_RULINGS)))
@click.option("--officer", required=True, help="Name of the officer who decides.")
@click.option(
    "--note", required=True, help="Why; kept sealed with the decision. - reads it from standard input."
)
@json_option
@language_option
@click.pass_context
def command(ctx: click.Context, /, application: str, decision: str, as_json: bool, **said: str) -> None:
    """Decide APPLICATION, a petition for the deletion of a record: approve or refuse.

    An approval makes the record a tombstone: it is no longer found and no longer counts, the person's employments end,
    and the history stays. An application is decided once.

    What stands on the command line is remembered by the shell and can be read by other users of the machine: a note
    with personal data in it belongs on standard input, `--note -`.
    """
    session: Session = ctx.obj
    officer, note = said["officer"].strip(), _note(said["note"], session)
    if not (officer and note):
        raise DecisionIncomplete
    with closing(open_database(session.settings())) as database:
        try:
            decided = decide(database, application, _RULINGS[decision], officer, note)
        except DecisionImpossible as error:
            raise _ERRORS[error.obstacle](application=application) from error
    if as_json:
        click.echo(json.dumps(_as_json(decided), ensure_ascii=False))
    else:
        text = say(f"decide.{decided.decision}", session.language, application=decided.application_id)
        click.echo(redact(text))


def _note(given: str, session: Session) -> str:
    return (from_standard_input(say("decide.ask", session.language)) if given == ASK else given).strip()


def _as_json(decided: Decided) -> dict[str, str]:
    return {
        "application_id": decided.application_id,
        "decision": decided.decision.value,
        "officer": redact(decided.officer),
        "decided_at": decided.decided_at.isoformat(),
    }
