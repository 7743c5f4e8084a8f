"""`kanit rejudge`: what is stored judged again under another policy, and what that changes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import click

from flows.errors import ApplicationNotJudged, ApplicationUnknown
from flows.rejudging import Kind, Rejudging, kind_of
from flows.session import Session, chosen_policies, json_option, language_option, reveal_option
from flows.texts import Language, say
from storage.database import Database, open_database
from storage.models import ApplicationState
from storage.rejudging import Change, Difference
from storage.verdicts import state_of
from validators.finding import Code
from validators.identity import mask_national_id
from validators.messages import question


@click.command(name="rejudge")
@click.option("--policy", required=True, help="Policy or series by name, or the path of a .toml file.")
@click.option("--dry-run", is_flag=True, help="Tell what would change and write nothing.")
@click.option(
    "--application",
    "applications",
    multiple=True,
    metavar="ID",
    help="Judge this application only; may be given again.",
)
@json_option
@reveal_option
@language_option
@click.pass_context
def command(
    ctx: click.Context, /, policy: str, applications: tuple[str, ...], as_json: bool, **chosen: bool
) -> None:
    """Judge again, under a policy, what was judged before, and tell whose decision changes and why.

    No file is read: papers are judged as they were read, the registry as it is known now. The new judgements count from
    then on, old ones stay; later batches keep to that policy until an application's folder changes. Ends with 0.
    """
    session: Session = ctx.obj
    settings = session.settings()
    policies = chosen_policies(settings, policy)
    with closing(open_database(settings)) as database:
        _check_ids(database, applications)
        rejudging = Rejudging(database, policies, settings.chunk_size, write=not chosen["dry_run"])
        codes: set[Code] = set()
        for change in rejudging.changes(applications):
            codes |= change.codes
            lines = (
                [json.dumps(change_as_json(change, reveal=chosen["reveal"]))]
                if as_json
                else change_lines(change, session.language, reveal=chosen["reveal"])
            )
            click.echo("\n".join(lines))
    if as_json:
        click.echo(json.dumps({"policy": policy, "dry_run": chosen["dry_run"], **rejudging.figures}))
    else:
        click.echo("\n".join([*_legend(codes, session.language), *_summary(rejudging, session.language)]))


def change_as_json(change: Change, *, reveal: bool) -> Mapping[str, Any]:
    """Return the line of `--json` about one application; people without a change are left out."""
    return {
        "application_id": change.application_id,
        "change": kind_of(change).value,
        "policy_before": change.policy_before,
        "policy_after": change.policy_after,
        **_difference(change.whole),
        "people": [
            {"national_id": _number(person, reveal=reveal), **_difference(person)} for person in change.people
        ],
    }


def change_lines(change: Change, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield one application's change as lines of text: the application, then each person with a change."""
    policies = f"({change.policy_before} → {change.policy_after})"
    yield f"{change.application_id}  {_told(change.whole, language)}  {policies}"
    for person in change.people:
        yield f"  {_number(person, reveal=reveal)}  {_told(person, language)}"


def _check_ids(database: Database, application_ids: Sequence[str]) -> None:
    with database.reading() as work:
        for application_id in application_ids:
            state = state_of(work, application_id)
            if state is None:
                raise ApplicationUnknown(application=application_id)
            if state is not ApplicationState.JUDGED:
                raise ApplicationNotJudged(application=application_id)


def _difference(difference: Difference) -> Mapping[str, Any]:
    return {
        "before": difference.before.decision.value,
        "after": difference.after.decision.value,
        "appeared": _names(difference.appeared),
        "vanished": _names(difference.vanished),
    }


def _told(difference: Difference, language: Language) -> str:
    before, after = (
        say(f"decision.{answer.decision}", language) for answer in (difference.before, difference.after)
    )
    codes = [f"+{name}" for name in _names(difference.appeared)]
    codes += [f"-{name}" for name in _names(difference.vanished)]
    return " ".join([f"{before} → {after}", *codes])


def _names(codes: frozenset[Code]) -> list[str]:
    return sorted(code.value for code in codes)


def _number(person: Difference, *, reveal: bool) -> str:
    number = person.national_id or ""
    return number if reveal else mask_national_id(number)


def _legend(codes: Iterable[Code], language: Language) -> Iterator[str]:
    """Say what the codes ask, once for all changes."""
    for code in sorted(codes):
        yield f"{code.value}: {question(code, language.value)}"


def _summary(rejudging: Rejudging, language: Language) -> Iterator[str]:
    figures = rejudging.figures
    key = "rejudge.heading" if rejudging.write else "rejudge.dry_heading"
    yield say(key, language, policy=rejudging.policies.name, applications=figures["applications"])
    for name in (*(kind.value for kind in Kind), "unchanged"):
        yield f"  {figures[name]:>6}  {say(f'rejudge.{name}', language)}"
    for name in ("left_out", "failed"):
        if figures[name]:
            yield f"  {figures[name]:>6}  {say(f'rejudge.{name}', language)}"
