"""Judging what a batch has read, in the order that the registry demands, and entering the judgements."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from flows.batch import Batch
from flows.issuer.night import Night, ask_for_inbox
from flows.reading import INTERNAL_ERROR
from flows.rejudging import judge_file, kept_policies
from storage.batches import batched
from storage.cases import due_for_rejudging, load_cases, unjudged
from storage.database import UnitOfWork
from storage.judgements import Judged, save_judgements
from validators.policy_series import Policies

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some applications of a wave, and their judgements under these policies, which may still be under way.

    `anew` tells whether they were judged before.
    """

    application_keys: Sequence[int]
    policies: Policies
    judged: "Future[list[Judged]]"
    anew: bool


def chunks_to_judge(batch: Batch) -> Iterator[Chunk]:
    """Yield the applications to be judged, by chunks in the order that the registry demands.

    Each chunk must be entered by `judge_chunk` before the next one is asked for: what is due for judging anew depends
    on it. While one is entered, the next one of its wave is judged; nothing that a wave enters changes what the rest of
    it is judged on (`storage.cases`). What is judged anew is so under the policy of its last judgement.
    """
    _ask_issuer(batch)
    for wave in _waves(batch, unjudged):
        yield from _judged_ahead(batch, wave, batch.policies, anew=False)
    for _ in range(2):  # what is verified the first time can be what a removal did not find at the provider
        for wave in _waves(batch, due_for_rejudging):
            for policies, keys in kept_policies(batch.database, wave, batch.policies, batch.settings):
                yield from _judged_ahead(batch, keys, policies, anew=True)


def _ask_issuer(batch: Batch) -> None:
    """Ask the issuer about papers, where there is one to ask; the answers are part of what is judged."""
    if batch.checker is not None:
        ask_for_inbox(
            Night(
                batch.database,
                batch.name,
                batch.checker,
                batch.readers,
                batch.settings.chunk_size,
                batch.progress,
            )
        )


def _waves(
    batch: Batch, due: Callable[[UnitOfWork, str], tuple[tuple[int, ...], ...]]
) -> tuple[tuple[int, ...], ...]:
    waves = batch.database.read(lambda work: due(work, batch.name))
    if waves:
        batch.progress.begin("judging", batch.tally.judged + sum(map(len, waves)))
    return waves


def _judged_ahead(batch: Batch, wave: Sequence[int], policies: Policies, *, anew: bool) -> Iterator[Chunk]:
    ahead: deque[Chunk] = deque()
    for keys in batched(wave, batch.settings.chunk_size):
        ahead.append(Chunk(keys, policies, batch.readers.submit(_judge, batch, keys, policies), anew))
        if len(ahead) > 1:
            yield ahead.popleft()
    yield from ahead


def _judge(batch: Batch, application_keys: Sequence[int], policies: Policies) -> list[Judged]:
    files = batch.database.read(lambda work: load_cases(work, application_keys))
    judged = []
    for file in files:
        try:
            judged.append(Judged(file, judge_file(file, policies)))
        except Exception:  # a fault of one application's rules must not stop the others
            log.exception("%s: judging failed", file.application_id)
            batch.tally.add_unjudged(file.application_id, INTERNAL_ERROR)
    return judged


def judge_chunk(batch: Batch, chunk: Chunk) -> int:
    """Enter the judgements of a chunk with their effects; return how many were entered."""
    judged = chunk.judged.result()
    saved = save_judgements(batch.database, judged, chunk.policies, batch.run_id)
    entered = [item for item in judged if item.file.application_id not in saved.stale]
    for item in entered:
        batch.tally.add_judgement(item.judgement)
        log.debug("%s: %s", item.file.application_id, item.judgement.decision)
        if not chunk.anew:
            batch.tally.add_papers(item.file.uploads)
    batch.progress.advance(len(chunk.application_keys))
    return len(entered)
