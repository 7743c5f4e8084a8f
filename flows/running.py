"""Runs flows from the command line: Prefect's settings first, then Prefect, then progress."""

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from flows.ageing import AgeingCounts
from flows.console import console
from flows.prefect_settings import prefect_auth, prepare_prefect
from flows.progress import shown
from flows.session import Session, chosen_policies
from flows.steps import step_errors
from flows.summary import Summary
from flows.texts import say
from storage.database import open_database
from storage.settings import Settings


def run_nightly(session: Session, settings: Settings, inbox: str) -> Summary:
    """Run the nightly flow over an inbox (a path or URL) and return its summary. Raises KanitError, StorageError."""
    # What cannot work is told before the server starts, and without Prefect's words about it.
    chosen_policies(settings)
    open_database(settings).close()
    with _prefect(session, settings):
        nightly = importlib.import_module("flows.nightly")
        with shown(console(stderr=True)), step_errors():
            summary: Summary = nightly.nightly(inbox, workers=settings.workers)
    return summary


def run_recheck(session: Session, settings: Settings, older_than: int) -> AgeingCounts:
    """Run the flow of the re-check and return its counts. Raises KanitError, StorageError."""
    open_database(settings).close()
    with _prefect(session, settings):
        flow = importlib.import_module("flows.recheck")
        with step_errors():
            counts: AgeingCounts = flow.recheck(older_than)
    return counts


@contextmanager
def _prefect(session: Session, settings: Settings) -> Iterator[None]:
    """Make Prefect ready to be imported; it reads its settings then, and `kanit verify` must not load it."""
    embedded = prepare_prefect(settings.home, prefect_auth(settings))
    with ExitStack() as stack:
        if embedded:
            click.echo(say("batch.starting", session.language), err=True)
            stack.enter_context(importlib.import_module("flows.embedded").embedded_server())
        yield
