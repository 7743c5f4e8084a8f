"""What Prefect's pages show of a run: its name and tags, how far it is, its summary, and the way to the review.

All of it is for the eyes alone: where the server does not take it, the log says so and the work goes on. No personal
data in here: ids, counts, and the name of the inbox without its path.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from urllib.parse import urlencode
from uuid import UUID

import httpx
from prefect.artifacts import create_link_artifact, create_markdown_artifact
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run
from sqlalchemy.exc import SQLAlchemyError

from flows.batch import Batch
from flows.night_report import counted_name, headline, report
from flows.summary import Summary
from storage.nights import LookBack, ToDo, to_do

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often is looked how far a night is. A call and an event of it go to the server for a whole percent more only."""


def name_run(applications: int, *tags: str) -> None:
    """Add to the run's name how many applications it has, and to its tags these."""
    with _tolerated(), get_client(sync_client=True) as client:
        name = counted_name(flow_run.get_name() or "", applications)
        all_tags = sorted({*flow_run.get_tags(), *tags})
        client.update_flow_run(UUID(flow_run.get_id()), name=name, tags=all_tags)


def tags_of(batch: Batch, role: str) -> tuple[str, ...]:
    """Return the tags of a run over a batch's inbox; `role` is `coordinator` or `slice`."""
    folder = batch.name.rstrip("/").rpartition("/")[2]
    return f"inbox: {folder}", f"policy: {batch.policies.name}", role


@contextmanager
def shown_progress(batch: Batch, work: ToDo) -> Iterator[None]:
    """Show how much of the work is done while the block runs, whoever does it; ending well, it shows all of it."""
    ended, finished = threading.Event(), threading.Event()
    # Prefect's settings and the flow run are in the context.
    arguments = (_show_progress, batch, work, ended, finished)
    thread = threading.Thread(target=copy_context().run, args=arguments, name="progress", daemon=True)
    thread.start()
    try:
        yield
        finished.set()
    finally:
        ended.set()
        thread.join()


def show_end(summary: Summary, back: LookBack, review_url: str) -> None:
    """Show the summary of a night, and the way to what it flagged where there is a review application."""
    with _tolerated():
        create_markdown_artifact(report(summary, back), key="nightly", description=headline(summary))
        if review_url:
            link = f"{review_url}/queue?{urlencode({'run': summary.run})}"
            title = f"{summary.counts.flagged:,} flagged, in the review application"
            create_link_artifact(link, link_text=title, key="nightly-review", description=title)


class _Bar:
    """The progress artifact of a run."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self._client = client
        self._id: UUID | None = None
        self._shown = -1

    def show(self, done: int, description: str) -> None:
        """Show so many percent, unless they are shown."""
        if done == self._shown:
            return
        if self._id is None:
            self._id = self._create(done, description)
        else:
            self._client.update_artifact(self._id, ArtifactUpdate(data=done, description=description))
        self._shown = done

    def _create(self, done: int, description: str) -> UUID:
        run = flow_run.get_id()
        artifact = ArtifactCreate(
            key="nightly-progress",
            type="progress",
            data=done,
            description=description,
            flow_run_id=UUID(run) if run else None,
        )
        return self._client.create_artifact(artifact).id


def _show_progress(batch: Batch, work: ToDo, ended: threading.Event, finished: threading.Event) -> None:
    with _tolerated(), get_client(sync_client=True) as client:
        bar = _Bar(client)
        while not ended.is_set():
            with _tolerated():
                left = _left(batch)
                done = work.percent_done(left)
                bar.show(done, f"{done} %: {left.unread:,} to read, {left.unjudged:,} to judge")
            ended.wait(LOOK_SECONDS)
        if finished.is_set():
            with _tolerated():
                bar.show(100, "100 %")


def _left(batch: Batch) -> ToDo:
    # Not `batch.database.read`, which would wait for a database that is away.
    with batch.database.reading() as work:
        return to_do(work, batch.name)


@contextmanager
def _tolerated() -> Iterator[None]:
    try:
        yield
    except (PrefectException, httpx.HTTPError, SQLAlchemyError) as error:
        log.warning("Prefect does not show how the run goes: %s", type(error).__name__)
