"""`kanit schema`: the JSON Schemas of the public contract."""

import json

import click

from validators.application import application_schema
from validators.schema import document_schema, report_schema

_SCHEMAS = {"application": application_schema, "report": report_schema, "document": document_schema}


@click.command(name="schema")
@click.argument("name", type=click.Choice(list(_SCHEMAS)))
def command(name: str) -> None:
    """Print the JSON Schema of application.json, of the report of `kanit verify`, or of a document of `kanit read`."""
    click.echo(json.dumps(_SCHEMAS[name](), ensure_ascii=False, indent=2))
