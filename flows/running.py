"""Runs the nightly flow from the command line: Prefect's settings first, then Prefect, then progress."""

import importlib
from contextlib import ExitStack
from pathlib import Path

import click

from flows.console import console
from flows.prefect_settings import prepare_prefect
from flows.progress import shown
from flows.session import Session, chosen_policy
from flows.summary import Summary
from flows.texts import say
from storage.database import open_database
from storage.settings import Settings


def run_nightly(session: Session, settings: Settings, inbox: Path) -> Summary:
    """Run the nightly flow over an inbox and return its summary. Raises KanitError, StorageError."""
    # What cannot work is told before the server starts, and without Prefect's words about it.
    chosen_policy(settings)
    open_database(settings).close()
    embedded = prepare_prefect(settings.home)
    with ExitStack() as stack:
        if embedded:
            click.echo(say("batch.starting", session.language), err=True)
            # Imported only now: Prefect reads its settings when it is imported, and `kanit verify` must not load it.
            stack.enter_context(importlib.import_module("flows.embedded").embedded_server())
        nightly = importlib.import_module("flows.nightly")
        stack.enter_context(shown(console(stderr=True)))
        try:
            summary: Summary = nightly.nightly(str(inbox.resolve()), workers=settings.workers)
        except nightly.StepFailed as failure:
            raise failure.error from failure.error.__cause__
    return summary
