"""`kanit letter`: the letter that returns an application to the applicant."""

import importlib
from datetime import datetime
from pathlib import Path

import click

from flows.errors import Exit, LetterUnwritable
from flows.letter import Letter, why_no_letter, write_letter
from flows.letter_text import letter_text
from flows.session import Session
from flows.texts import Language, say
from flows.verdict import find_verdict
from validators.application import ISTANBUL


@click.command(name="letter")
@click.argument("application")
@click.option("--pdf", type=click.Path(path_type=Path), help="Write the letter into this file as a PDF.")
@click.option(
    "--lang",
    "--language",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=Language.TURKISH.value,
    show_default=True,
    help="Language of the letter, whatever KANIT_LANG is.",
)
@click.pass_context
def command(ctx: click.Context, /, application: str, pdf: Path | None, language: str) -> None:
    """Write the letter on APPLICATION to the applicant: what is missing for whom, and how to mend it.

    APPLICATION is an application's id in the registry, or an application's folder, which is verified on the spot. The
    letter holds what is proposed for return or for waiting; it is a draft that an officer signs. Ends with 10 when no
    letter is due: the application is verified, or an officer has to look at it first.
    """
    session: Session = ctx.obj
    session.language = Language(language)
    verdict = find_verdict(application, session.settings())
    if reason := why_no_letter(verdict):
        facts = {"application": verdict.judgement.application_id}
        click.echo(say(f"letter.none.{reason.value}", session.language, **facts), err=True)
        ctx.exit(Exit.FLAGGED)
    letter = write_letter(verdict, session.language, datetime.now(ISTANBUL).date())
    if pdf is None:
        click.echo(letter_text(letter), nl=False)
    else:
        _write_pdf(letter, pdf)
        click.echo(say("letter.written", session.language, path=pdf), err=True)


def _write_pdf(letter: Letter, path: Path) -> None:
    # Imported only when it is asked for: setting a PDF needs a package that nothing else needs.
    data: bytes = importlib.import_module("flows.letter_pdf").letter_pdf(letter)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise LetterUnwritable(error, path=str(path)) from error
