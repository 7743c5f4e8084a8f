"""`kanit doctor`: what is missing on this machine, what is lost by that, and how to get it."""

import dataclasses
import json
from collections.abc import Iterator

import click

from flows.console import console
from flows.doctor import Check, State, examine
from flows.errors import Exit
from flows.session import Session, json_option, language_option
from flows.texts import Language, say

_STYLES = {State.OK: "green", State.MISSING: "bold red", State.OPTIONAL: "yellow"}


@click.command(name="doctor")
@json_option
@language_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Tell what is missing on this machine, what is lost by that and how to get it. Changes nothing.

    Ends with 0 when nothing essential is missing and with 10 otherwise.
    """
    session: Session = ctx.obj
    checks = list(examine())
    missing = sum(check.state is State.MISSING for check in checks)
    if as_json:
        for check in checks:
            click.echo(
                json.dumps(dataclasses.asdict(check) | _advice(check, session.language), ensure_ascii=False)
            )
    else:
        screen = console()
        for check in checks:
            for line in _lines(check, session.language):
                screen.print(line, style=_STYLES[check.state], soft_wrap=True)
        key = "not_well" if missing else "all_well"
        screen.print(say(f"doctor.{key}", session.language, count=missing), style="bold")
    ctx.exit(Exit.FLAGGED if missing else Exit.OK)


def _advice(check: Check, language: Language) -> dict[str, str]:
    names = ("lost", "remedy") if check.state is not State.OK else ()
    return {name: say(f"doctor.checks.{check.name}.{name}", language) for name in names}


def _lines(check: Check, language: Language) -> Iterator[str]:
    title = say(f"doctor.checks.{check.name}.title", language)
    later = f" ({say('doctor.new', language)})" if check.new else ""
    yield f"{say(f'doctor.{check.state}', language):<8} {title}: {check.detail}{later}"
    for name, text in _advice(check, language).items():
        yield f"{'':<8}   {say(f'doctor.{name}', language, **{name: text})}"
