"""Spreads the reading of a night over the workers of a pool: one standing offer, taken by whichever worker is free.

While there is work for another reader, exactly one slice run is in the pool that nobody has begun; when a worker has
taken it, there is the next. So every worker of one run at a time takes one slice, one that joins in mid-night takes the
next, and of one that is killed only its claims are lost. Without any worker the offer just stands until the end.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound, PrefectException
from sqlalchemy.exc import SQLAlchemyError

from flows.batch import Batch
from storage.addresses import is_url
from storage.queue import backlog

log = logging.getLogger(__name__)

SLICE = "nightly-slice/slice"
LOOK_SECONDS = 5.0
"""How often is looked whether the offer was taken; to start a slice takes a worker as long."""
MAX_OFFERS = 200
"""Slices that one night may start: workers whose slices all fail at once would start them without end."""


class StandingOffer:
    """The one slice run that nobody has begun. `parameters` are the slice's."""

    def __init__(self, client: SyncPrefectClient, parameters: Mapping[str, Any]) -> None:
        self._client = client
        self._parameters = dict(parameters)
        self._deployment: UUID | None = None
        self._standing: UUID | None = None
        self._made = 0

    def keep(self) -> None:
        """See to it that there is an offer. Raises ObjectNotFound where the slice is not deployed."""
        if self._is_untaken() or self._made == MAX_OFFERS:
            return
        if self._deployment is None:
            self._deployment = self._client.read_deployment_by_name(SLICE).id
        run = self._client.create_flow_run_from_deployment(self._deployment, parameters=self._parameters)
        self._standing = run.id
        self._made += 1

    def withdraw(self) -> None:
        """Take the offer out of the pool, unless a worker has it by now."""
        if self._standing is not None and self._is_untaken():
            self._client.delete_flow_run(self._standing)
        self._standing = None

    def _is_untaken(self) -> bool:
        if self._standing is None:
            return False
        try:
            state = self._client.read_flow_run(self._standing).state
        except ObjectNotFound:  # somebody deleted it
            return False
        return state is not None and state.type is StateType.SCHEDULED


@contextmanager
def offered(batch: Batch, parameters: Mapping[str, Any]) -> Iterator[None]:
    """Offer slices of the batch while the block runs; `parameters` are those of the batch's own flow run."""
    ended = threading.Event()
    # Prefect's settings are in the context.
    arguments = (_offer, batch, slice_parameters(batch, parameters), ended)
    thread = threading.Thread(target=copy_context().run, args=arguments, name="offers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def slice_parameters(batch: Batch, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the batch's slices: what was asked for, the rest is as each machine's settings say.

    A folder is named in full. A URL of the settings is not told, since it may hold a secret.
    """
    asked = {name: parameters.get(name) for name in ("inbox", "workers", "policy")}
    folder = {} if is_url(batch.settings.inbox) else {"inbox": batch.name}
    until = batch.bounds.until
    return {**asked, **folder, "until": until and until.isoformat()}


def _offer(batch: Batch, parameters: Mapping[str, Any], ended: threading.Event) -> None:
    with get_client(sync_client=True) as client:
        offer = StandingOffer(client, parameters)
        while not ended.is_set():
            with _tolerated():
                if is_wanted(batch):
                    offer.keep()
                else:
                    offer.withdraw()
            ended.wait(LOOK_SECONDS)
        with _tolerated():
            offer.withdraw()


@contextmanager
def _tolerated() -> Iterator[None]:
    """Let the night go on alone where the pool cannot be asked."""
    try:
        yield
    except (PrefectException, httpx.HTTPError, SQLAlchemyError) as error:
        log.warning("no slice could be offered to other workers: %s", type(error).__name__)


def is_wanted(batch: Batch) -> bool:
    """Return whether there is work for another reader: at least a chunk that nobody has claimed."""
    free = backlog(batch.database, batch.name).free
    return not batch.bounds.reached and free >= batch.settings.chunk_size
