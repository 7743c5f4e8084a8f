"""Metrics for Prometheus, counted in the registry whenever somebody asks. No personal data in names or labels."""

import logging
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from flows.errors import AddressTaken, FolderUnwritable
from storage.columns import now
from storage.database import Database
from storage.figures import Figures, figures
from storage.models import ApplicationState
from storage.nights import Night

log = logging.getLogger(__name__)

T = TypeVar("T", bound=str)

LOOPBACK = "127.0.0.1"


class RegistryCollector(Collector):
    """Reads the registry at every scrape. Where it is away, `kanit_registry_up` is 0 and nothing else is told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        try:
            found: Figures | None = self._database.read(figures)
        except SQLAlchemyError as error:
            log.warning("the registry cannot be read: %s", type(error).__name__)
            found = None
        yield _gauge("registry_up", "Whether the registry could be read", float(found is not None))
        if found is not None:
            yield from _metrics(found)


def registry_of(database: Database) -> CollectorRegistry:
    """Return the metrics of a database, and no others."""
    registry = CollectorRegistry()
    registry.register(RegistryCollector(database))
    return registry


def serve(database: Database, port: int) -> tuple[WSGIServer, threading.Thread]:
    """Serve the metrics to this machine, by a thread. Raises AddressTaken."""
    try:
        return start_http_server(port, LOOPBACK, registry_of(database))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AddressTaken(address=f"{LOOPBACK}:{port}", reason=reason) from error


def write(database: Database, path: Path) -> None:
    """Write the metrics to a file for node_exporter's textfile collector, all at once. Raises FolderUnwritable."""
    try:
        write_to_textfile(str(path), registry_of(database))
    except OSError as error:
        raise FolderUnwritable(error, path=str(path.parent)) from error


def _metrics(found: Figures) -> Iterator[Metric]:
    yield _labelled(
        "applications", "Applications by the state of the work on them", "state", found.applications
    )
    parked = found.applications[ApplicationState.FAILED]
    yield _gauge("parked_applications", "Applications whose reading failed too often", parked)
    yield _labelled("decisions", "Applications by their current judgement", "decision", found.decisions)
    age = (now() - found.oldest_waiting).total_seconds() if found.oldest_waiting else 0.0
    yield _gauge("oldest_waiting_seconds", "Age of the oldest application not yet read and not parked", age)
    yield _labelled("runs", "Batches by how they ended", "ended", found.runs)
    if found.last_start is not None:
        started = found.last_start.timestamp()
        yield _gauge("last_start_timestamp_seconds", "Start of the newest batch, however it went", started)
    if found.last is not None:
        yield from _last(found.last, found.last_reasons)


def _last(night: Night, reasons: Mapping[str, int]) -> Iterator[Metric]:
    of = "of the newest batch that ended in good order"
    yield _gauge("last_run_start_timestamp_seconds", f"Start {of}", night.started_at.timestamp())
    yield _gauge("last_run_end_timestamp_seconds", f"End {of}", night.finished_at.timestamp())
    yield _gauge("last_run_duration_seconds", f"Wall time {of}", night.seconds)
    outcomes = {name: getattr(night.counts, name) for name in type(night.counts).__slots__}
    total = outcomes.pop("applications")
    yield _gauge("last_run_inbox_applications", f"Applications in the inbox {of}", total)
    yield _labelled("last_run_applications", f"Applications {of} by what became of them", "outcome", outcomes)
    yield _labelled("last_run_flagged", f"Flagged applications {of} by reason", "code", reasons)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"kanit_{name}", f"{meaning}.", value=value)


def _labelled(name: str, meaning: str, label: str, values: Mapping[T, int]) -> Metric:
    metric = GaugeMetricFamily(f"kanit_{name}", f"{meaning}.", labels=[label])
    for key, value in values.items():
        metric.add_metric([str(key)], value)
    return metric
