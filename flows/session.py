"""What the commands of one invocation share: language, debugging, settings; and the options that set them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from flows.errors import AddressWithPassword, FileMissing, FolderMissing, InputUnreadable, PolicyUnusable
from flows.logs import set_up_logging
from flows.texts import Language
from storage.addresses import file_system, has_password, is_url
from storage.settings import Settings, load_settings
from validators.policy import Policy, PolicyInvalid
from validators.policy_series import Policies, find_policies

F = TypeVar("F", bound=Callable[..., Any])


class Session:
    """State of one invocation of `kanit`."""

    def __init__(self) -> None:
        self.language = Language.TURKISH
        self.debug = False

    def settings(self, **options: Any) -> Settings:
        """Load the settings, options first, and let the log be as talkative as they say."""
        settings = load_settings(**options)
        set_up_logging("DEBUG" if self.debug else settings.log_level)
        return settings


def chosen_policies(settings: Settings, name: str | None = None) -> Policies:
    """Load the policy or series of the settings, or another one by its name. Raises PolicyUnusable."""
    try:
        return find_policies(name or settings.policy, settings.policies)
    except PolicyInvalid as error:
        raise PolicyUnusable(error.fault, **error.facts) from error


def chosen_policy(settings: Settings) -> Policy:
    """Load the policy for what is of no day, such as a single file: the newest. Raises PolicyUnusable."""
    return chosen_policies(settings).on(None)


def language_option(command: F) -> F:
    """Add `--lang` (`--language`) to a command whose output people read."""
    option = click.option(
        "--lang",
        "--language",
        type=click.Choice([language.value for language in Language]),
        envvar="KANIT_LANG",
        default=Language.TURKISH.value,
        show_default=True,
        expose_value=False,
        is_eager=True,
        callback=_remember_language,
        help="Language of what is printed for people.",
    )
    return option(command)


def json_option(command: F) -> F:
    """Add `--json`: one JSON object a line on standard output and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")(command)


def reveal_option(command: F) -> F:
    """Add `--reveal`: print T.C. numbers in full."""
    return click.option("--reveal", is_flag=True, help="Print T.C. numbers in full.")(command)


ASK = "-"
"""Stands for what is asked for or read from standard input: a command line can be read by others, and is remembered."""


def from_standard_input(prompt: str, *, hidden: bool = False) -> str:
    """Return standard input to its end; on a terminal, the answer to a prompt. Raises InputUnreadable."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, err=True, hide_input=hidden))
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise InputUnreadable from error


def existing_folder(path: Path) -> Path:
    """Return the folder. Raises FolderMissing."""
    if not path.is_dir():
        raise FolderMissing(path=str(path))
    return path


def existing_inbox(address: str) -> str:
    """Return the address of an inbox: a URL as it is, or the absolute path of a folder that is there.

    Raises FolderMissing, AddressWithPassword, AddressUnusable.
    """
    if not is_url(address):
        return str(existing_folder(Path(address)).resolve())
    if has_password(address):
        raise AddressWithPassword
    file_system(address)
    return address


def existing_file(path: Path) -> Path:
    """Return the file. Raises FileMissing."""
    if not path.is_file():
        raise FileMissing(path=str(path))
    return path


def _remember_language(ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    session: Session = ctx.find_root().obj
    session.language = Language(value)
    return value
