"""Stored facts judged again: by `kanit rejudge` under another policy, by the batch under the one that they keep.

An application keeps the policy of the judgement that counts, until its folder changes or `kanit rejudge` is asked for.
So a batch that judges one again because the registry knows more by now does not undo what was decided under another
policy, and a changed setting concerns only what is judged for the first time from then on.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flows.verification import Reading, judge_reading
from storage.batches import batched
from storage.cases import CaseFile, judged_before
from storage.database import Database
from storage.rejudging import Change, by_policy, rejudge
from storage.settings import Settings
from validators.case import Judgement
from validators.finding import Decision
from validators.policy import PolicyInvalid
from validators.policy_series import Policies, find_policies

log = logging.getLogger(__name__)


def judge_file(file: CaseFile, policies: Policies) -> Judgement:
    """Judge a stored application on its facts and on what the registry knows."""
    reading = Reading(file.application_id, file.application, file.problems, file.uploads)
    return judge_reading(reading, policies, file.registry)


def kept_policies(
    database: Database, application_keys: Sequence[int], standing: Policies, settings: Settings
) -> Sequence[tuple[Policies, Sequence[int]]]:
    """Group judged applications by the policy that they keep.

    One that cannot be found any more, for instance since it was read from a file, gives way to the standing policy, and
    the log says so.
    """
    groups = database.read(lambda work: by_policy(work, application_keys))
    return [(_kept(name, standing, settings), keys) for name, keys in groups.items()]


def _kept(name: str, standing: Policies, settings: Settings) -> Policies:
    if name == standing.name:
        return standing
    try:
        return find_policies(name, settings.policies)
    except PolicyInvalid as error:
        log.warning("applications judged under %s are judged again under %s: %s", name, standing.name, error)
        return standing


class Kind(StrEnum):
    """What changes of an application."""

    VERIFIED = "to_verified"
    FLAGGED = "to_flagged"
    PEOPLE = "people"
    """Decisions on people, while the application stays flagged."""
    REASONS = "reasons"
    """Nothing but the codes that flag."""


def kind_of(change: Change) -> Kind:
    """Say what changes of an application."""
    if change.whole.before.decision is not change.whole.after.decision:
        return Kind.VERIFIED if change.whole.after.decision is Decision.VERIFIED else Kind.FLAGGED
    return Kind.PEOPLE if change.decides else Kind.REASONS


@dataclass(slots=True)
class Rejudging:
    """Judges again what was judged before, chunk by chunk, and counts.

    `write` makes the new judgements those that count; without it nothing is written. Left out are applications whose
    folder changed meanwhile; `failed` names those on which the rules themselves failed.
    """

    database: Database
    policies: Policies
    chunk_size: int
    write: bool
    judged: int = 0
    left_out: int = 0
    failed: list[str] = field(default_factory=list)
    kinds: Counter[Kind] = field(default_factory=Counter)

    def changes(self, application_ids: Sequence[str] = ()) -> Iterator[Change]:
        """Yield what changes, for all judged applications or those with these ids, in the batch's order of judging.

        Each chunk is entered before its changes are yielded. What a wave changes in the registry, later waves see; with
        nothing written, they see the registry as it is.
        """
        with self.database.reading() as work:
            waves = judged_before(work, application_ids)
        for wave in waves:
            for keys in batched(wave, self.chunk_size):
                done = rejudge(self.database, keys, self.policies, self._judge, write=self.write)
                self.judged += done.judged
                self.left_out += done.left_out
                self.kinds.update(map(kind_of, done.changes))
                yield from done.changes

    @property
    def figures(self) -> Mapping[str, int]:
        """How many applications were judged again, and what came of them."""
        changed = {kind.value: self.kinds[kind] for kind in Kind}
        return {
            "applications": self.judged,
            **changed,
            "unchanged": self.judged - self.kinds.total(),
            "left_out": self.left_out,
            "failed": len(self.failed),
        }

    def _judge(self, file: CaseFile) -> Judgement | None:
        try:
            return judge_file(file, self.policies)
        except Exception:  # a fault of one application's rules must not stop the others
            log.exception("%s: judging failed", file.application_id)
            self.failed.append(file.application_id)
            return None
