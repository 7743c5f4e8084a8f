"""`kanit config`: every setting with its value and origin."""

import dataclasses
import json

import click
from rich.console import Console
from rich.table import Table

from flows.session import json_option
from storage.settings import SettingOrigin, settings_with_origin


@click.command(name="config")
@json_option
def command(as_json: bool) -> None:
    """Print the settings and where each comes from.

    Asked in this order: options, the environment (KANIT_...), kanit.toml in the working directory, the default.
    Passwords and keys are not shown.
    """
    settings = settings_with_origin()
    if as_json:
        for setting in settings:
            click.echo(json.dumps(dataclasses.asdict(setting), ensure_ascii=False))
    else:
        Console(highlight=False).print(_table(settings))


def _table(settings: tuple[SettingOrigin, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("setting", "value", "origin"):
        table.add_column(heading, overflow="fold")
    for setting in settings:
        table.add_row(setting.name, setting.value, setting.origin)
    return table
