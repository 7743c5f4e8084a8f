"""`kanit letter`: the letter that returns an application to the applicant."""

import importlib
from datetime import datetime
from pathlib import Path

import click

from flows.errors import Exit, LetterUnwritable
from flows.letter import why_no_letter, write_letter
from flows.letter_kept import letter_paragraphs
from flows.letter_text import laid_text, letter_text
from flows.session import Session
from flows.texts import Language, say, spell_moment
from flows.verdict import OfficerRuling, find_verdict
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
    letter holds what is proposed for return or for waiting; it is a draft that an officer signs. Where an officer has
    decided and sent a letter, it is that one. Ends with 10 when no letter is due: the application is verified or
    approved, or an officer has to look at it first.
    """
    session: Session = ctx.obj
    session.language = Language(language)
    verdict = find_verdict(application, session.settings(), "letter")
    if verdict.stands is not None and verdict.stands.letter:
        _tell_sent(verdict.stands, verdict.judgement.application_id, pdf, session.language)
        return
    if reason := why_no_letter(verdict):
        facts = {"application": verdict.judgement.application_id}
        click.echo(say(f"letter.none.{reason.value}", session.language, **facts), err=True)
        ctx.exit(Exit.FLAGGED)
    letter = write_letter(verdict, session.language, datetime.now(ISTANBUL).date())
    if pdf is None:
        click.echo(letter_text(letter), nl=False)
    else:
        _write_pdf("letter_pdf", (letter,), pdf, session.language)


def _tell_sent(ruling: OfficerRuling, application_id: str, pdf: Path | None, language: Language) -> None:
    """Give out the letter that an officer sent, as it was sent."""
    moment = spell_moment(ruling.decided_at, language)
    click.echo(say("letter.sent", language, moment=moment), err=True)
    if pdf is None:
        click.echo(laid_text(letter_paragraphs(ruling.letter)), nl=False)
    else:
        _write_pdf("letter_as_pdf", (ruling.letter, application_id), pdf, language)


def _write_pdf(how: str, what: tuple[object, ...], path: Path, language: Language) -> None:
    # Imported only when it is asked for: setting a PDF needs a package that nothing else needs.
    data: bytes = getattr(importlib.import_module("flows.letter_pdf"), how)(*what)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise LetterUnwritable(error, path=str(path)) from error
    click.echo(say("letter.written", language, path=path), err=True)
