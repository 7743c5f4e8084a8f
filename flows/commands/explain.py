"""`kanit explain`: every question that was asked of an application, with clause, answer and evidence."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import click

from flows.errors import Exit
from flows.explanation import explain, explanation_lines
from flows.rendering import BOLD, CYAN, DIM, GREEN, PLAIN, RED, YELLOW, Style, print_paragraph
from flows.session import Session, json_option, language_option, reveal_option
from flows.verdict import find_verdict

STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "plain": PLAIN,
        "heading": BOLD,
        "group": BOLD,
        "small": DIM,
        "verified": GREEN,
        "passed": GREEN,
        "flagged": RED,
        "block": RED,
        "review": YELLOW,
        "note": CYAN,
    }
)
"""How paragraphs are shown on a terminal, by their style."""


@click.command(name="explain")
@click.argument("application")
@json_option
@reveal_option
@language_option
@click.pass_context
def command(ctx: click.Context, /, application: str, as_json: bool, reveal: bool) -> None:
    """Explain the judgement on APPLICATION: what was asked, on which clause, the answer, the evidence.

    APPLICATION is an application's id in the registry, whose stored judgement is read, or an application's folder,
    which is verified on the spot as `kanit verify` does it. Ends with 0 when it is verified and with 10 when it is
    flagged.
    """
    session: Session = ctx.obj
    verdict = find_verdict(application, session.settings(), "view_case", reveal=reveal)
    explanation = explain(verdict, reveal=reveal)
    if as_json:
        click.echo(json.dumps(explanation, ensure_ascii=False))
    else:
        for line in explanation_lines(explanation, session.language):
            print_paragraph(line.text, line.indent, STYLES[line.style])
    ctx.exit(Exit.OK if verdict.is_verified else Exit.FLAGGED)
