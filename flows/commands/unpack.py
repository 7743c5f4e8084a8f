"""`kanit unpack`: what the archive walk sees, or why it refuses."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from extractors.archive import Member
from extractors.facts import Fault
from extractors.sandbox import Sandbox
from flows.errors import Exit
from flows.inspection import list_members, refusal
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

    Writes nothing. Ends with 0 when every archive is acceptable and with 10 when one is refused.
    """
    session: Session = ctx.obj
    policy = chosen_policy(session.settings())
    for path in archives:
        existing_file(path)
    refused = False
    with Sandbox(1, start_method="fork") as sandbox:
        for path in archives:
            found = list_members(path, sandbox)
            if isinstance(found, Fault):
                refused = True
                finding = refusal(found, path.name, policy)
                lines = (
                    [_refusal_json(path, finding)]
                    if as_json
                    else _refusal_lines(path, finding, session.language)
                )
            else:
                lines = (
                    [_members_json(path, found)] if as_json else _member_lines(path, found, session.language)
                )
            click.echo("\n".join(lines))
    ctx.exit(Exit.FLAGGED if refused else Exit.OK)


def _members_json(path: Path, members: Sequence[Member]) -> str:
    listed = [
        {"path": redact(m.path), "size": m.size, "kind": m.media.value, "id": m.sha256} for m in members
    ]
    return _dump({"archive": redact(path.name), "code": None, "members": listed})


def _refusal_json(path: Path, finding: Finding) -> str:
    texts = {language: message(finding, language) for language in LANGUAGES}
    facts = dict(finding.facts)
    return _dump(
        {
            "archive": redact(path.name),
            "code": finding.code.value,
            "message": texts,
            "facts": facts,
            "members": [],
        }
    )


def _member_lines(path: Path, members: Sequence[Member], language: Language) -> Iterator[str]:
    yield redact(say("unpack.members", language, archive=path.name, count=len(members)))
    for member in members:
        kind = say(f"kind_of_file.{member.media.value}", language)
        yield f"  {member.size:>12,}  {kind:<8}  {redact(member.path)}"


def _refusal_lines(path: Path, finding: Finding, language: Language) -> Iterator[str]:
    yield redact(say("unpack.refused", language, archive=path.name))
    yield f"  {finding.code}: {message(finding, language.value)}"


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
