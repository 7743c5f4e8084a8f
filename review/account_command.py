"""`kanit account`: accounts of the review application, the first of them too."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from flows.errors import SettingUnusable, UsageFault
from flows.session import Session, from_standard_input, language_option
from flows.texts import spell_moment
from review.texts import Language, text
from storage.database import Database, open_database
from storage.desk.accounts import (
    Account,
    AccountFault,
    AccountImpossible,
    Role,
    accounts,
    create_account,
    disable,
    enable,
    link_subject,
    set_password,
    set_role,
)
from storage.desk.common_passwords import is_breached
from storage.desk.passwords import LONGEST, SHORTEST
from storage.desk.second_factor import remove
from storage.errors import SettingsInvalid
from storage.settings import Settings

_ROLE = click.Choice([role.value for role in Role])


class AccountUnusable(UsageFault):
    """An account cannot be made or changed so; `fault` says why."""

    code = "ACCOUNT_UNUSABLE"

    def message(self, language: Language) -> str:
        """Say in one sentence what is wrong."""
        return text(f"account_command.faults.{self.facts['fault']}", language, least=SHORTEST, most=LONGEST)

    def remedy(self, language: Language) -> str:
        """Say what to do about it."""
        return text("account_command.remedy", language)


@click.group(name="account")
def command() -> None:
    """Open, list and close accounts of the review application.

    Whoever may run this on the machine keeps the accounts; what is done is written into the audit trail. Passwords are
    asked for, or read from standard input: a command line can be read by others.
    """


@command.command(name="create")
@click.argument("name")
@click.option("--display", required=True, help="Name of the person, as pages show it.")
@click.option("--role", required=True, type=_ROLE, help="What the account may do.")
@click.option(
    "--subject", help="Subject (sub) at the OpenID Connect provider of the settings; then no password."
)
@language_option
@click.pass_context
def create(ctx: click.Context, name: str, display: str, role: str, subject: str | None) -> None:
    """Open the account NAME."""
    session: Session = ctx.obj
    if subject and not session.settings().oidc_issuer:
        raise SettingsInvalid(text="oidc_issuer_missing")
    password = None if subject else _password(session)
    with _registry(session) as (database, settings):
        account = create_account(database, name, display, Role(role), password)
        if subject:
            link_subject(database, account.name, settings.oidc_issuer, subject)
    _told(session, "created", name=account.name)


@command.command(name="list")
@language_option
@click.pass_context
def list_accounts(ctx: click.Context) -> None:
    """List the accounts."""
    session: Session = ctx.obj
    with _registry(session) as (database, _):
        for account in database.read(accounts):
            click.echo(_line(account, session.language))


@command.command(name="password")
@click.argument("name")
@language_option
@click.pass_context
def give_password(ctx: click.Context, name: str) -> None:
    """Give the account NAME a new password; it is unlocked and its sessions end."""
    session: Session = ctx.obj
    password = _password(session)
    with _registry(session) as (database, _):
        set_password(database, name, password)
    _told(session, "password", name=name)


@command.command(name="second-factor")
@click.argument("name")
@language_option
@click.pass_context
def take_factor(ctx: click.Context, name: str) -> None:
    """Take the second factor from the account NAME, whose owner lost it; its sessions end."""
    session: Session = ctx.obj
    with _registry(session) as (database, _):
        remove(database, name)
    _told(session, "second_factor", name=name)


@command.command(name="role")
@click.argument("name")
@click.argument("role", type=_ROLE)
@language_option
@click.pass_context
def give_role(ctx: click.Context, name: str, role: str) -> None:
    """Give the account NAME another role; its sessions end."""
    session: Session = ctx.obj
    with _registry(session) as (database, _):
        set_role(database, name, Role(role))
    _told(session, "role", name=name, role=text(f"roles.{role}", session.language))


@command.command(name="disable")
@click.argument("name")
@language_option
@click.pass_context
def close(ctx: click.Context, name: str) -> None:
    """Let the account NAME in no more; what it did stays on record."""
    session: Session = ctx.obj
    with _registry(session) as (database, _):
        disable(database, name)
    _told(session, "disabled", name=name)


@command.command(name="enable")
@click.argument("name")
@language_option
@click.pass_context
def reopen(ctx: click.Context, name: str) -> None:
    """Let the closed or locked account NAME in again."""
    session: Session = ctx.obj
    with _registry(session) as (database, _):
        enable(database, name)
    _told(session, "enabled", name=name)


@contextmanager
def _registry(session: Session) -> Iterator[tuple[Database, Settings]]:
    settings = session.settings()
    with closing(open_database(settings)) as database:
        try:
            yield database, settings
        except AccountImpossible as error:
            raise AccountUnusable(fault=error.fault.value) from error


def _password(session: Session) -> str:
    """Return the first line: who types a password twice, as other programs ask for it, means no line end in it."""
    typed = from_standard_input(text("account_command.ask", session.language), hidden=True)
    password = typed.partition("\n")[0].rstrip("\r")
    leaked = session.settings().breached_passwords
    try:
        if is_breached(password, leaked):
            raise AccountUnusable(fault=AccountFault.PASSWORD_BREACHED.value)
    except OSError as error:
        raise SettingUnusable(reason=f"breached_passwords: {error.strerror}", remedy="") from error
    return password


def _told(session: Session, key: str, **facts: str) -> None:
    click.echo(text(f"account_command.{key}", session.language, **facts), err=True)


def _line(account: Account, language: Language) -> str:
    state = "active" if account.active else "disabled"
    if account.active and account.locked_until:
        state = "locked"
    seen = account.last_login_at
    last = spell_moment(seen, language) if seen else text("accounts.never", language)
    role = text(f"roles.{account.role}", language)
    return "\t".join((account.name, account.display, role, text(f"accounts.{state}", language), last))
