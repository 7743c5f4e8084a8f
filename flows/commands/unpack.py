"""`kanit unpack`: what the archive walk sees, or why it refuses."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from extractors.archive import Member
from flows.errors import Exit
from flows.inspection import list_members, refusal
from flows.sandboxing import open_sandbox
from flows.scanning import scan_of
from flows.session import Session, chosen_policy, existing_file, json_option, language_option
from flows.texts import Language, say
from validators.finding import Finding
from validators.identity import redact
from validators.messages import LANGUAGES, message


@click.command(name="unpack")
@click.argument("archives", metavar="ZIP...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@language_option
@click.pass_context
def command(ctx: click.Context, archives: tuple[Path, ...], as_json: bool) -> None:
    """List the files in each archive: path, size and kind by content; or say why the archive is refused.

    Writes nothing. Ends with 0 when every archive could be listed and with 10 when one is refused or empty.
    """
    session: Session = ctx.obj
    settings = session.settings()
    policy, scan = chosen_policy(settings), scan_of(settings)
    for path in archives:
        existing_file(path)
    refused = False
    with open_sandbox(settings, 1, "fork") as sandbox:
        for path in archives:
            members, fault = list_members(path, sandbox, scan)
            finding = refusal(fault, path.name, policy) if fault is not None else None
            # What a sound archive holds is told and no refusal, though as an upload it would be one.
            refused = refused or (finding is not None and not members)
            lines = (
                [_as_json(path, members, finding)]
                if as_json
                else _as_text(path, members, finding, session.language)
            )
            click.echo("\n".join(lines))
    ctx.exit(Exit.FLAGGED if refused else Exit.OK)


def _as_json(path: Path, members: Sequence[Member], finding: Finding | None) -> str:
    listed = [
        {"path": redact(m.path), "size": m.size, "kind": m.media.value, "id": m.sha256} for m in members
    ]
    told: dict[str, Any] = {"archive": redact(path.name), "code": None, "members": listed}
    if finding is not None:
        texts = {language: message(finding, language) for language in LANGUAGES}
        told |= {"code": finding.code.value, "message": texts, "facts": dict(finding.facts)}
    return json.dumps(told, ensure_ascii=False)


def _as_text(
    path: Path, members: Sequence[Member], finding: Finding | None, language: Language
) -> Iterator[str]:
    if members:
        yield from _member_lines(path, members, language)
    else:
        yield redact(say("unpack.refused", language, archive=path.name))
    if finding is not None:
        yield f"  {finding.code}: {message(finding, language.value)}"


def _member_lines(path: Path, members: Sequence[Member], language: Language) -> Iterator[str]:
    yield redact(say("unpack.members", language, archive=path.name, count=len(members)))
    for member in members:
        kind = say(f"kind_of_file.{member.media.value}", language)
        yield f"  {member.size:>12,}  {kind:<8}  {redact(member.path)}"
