"""Judges stored facts again under another policy, and tells what of the judgements that count would be different.

No file is read: papers are judged as they were read then, and the registry as it is known now, as the next batch would
do. Old judgements stay. An application that waits for its first judgement, or whose folder changed, is the batch's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storage.batches import IN_VALUES, batched
from storage.cases import CaseFile, load_cases
from storage.database import Database, UnitOfWork
from storage.judgements import Judged, save_judgements
from storage.models import FindingRow, JudgedPerson, JudgementRow
from validators.case import Judgement
from validators.finding import Code, Decision, Finding, Level, Outcome
from validators.policy_series import Policies

Judge = Callable[[CaseFile], Judgement | None]
"""Judges a case file; None where that failed, which the caller has told by then."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided, on a person or on an application as a whole, and the codes that flagged it."""

    decision: Decision
    codes: frozenset[Code]


@dataclass(frozen=True, slots=True)
class Standing:
    """A judgement that counts, in short: the facts and the policy it was made on, its answer, one on each person."""

    version_key: int
    policy: str
    whole: Answer
    people: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How an answer changes; `national_id` is the person's, None for the application as a whole."""

    national_id: str | None
    before: Answer
    after: Answer

    @property
    def appeared(self) -> frozenset[Code]:
        """Codes that flag now and did not before."""
        return self.after.codes - self.before.codes

    @property
    def vanished(self) -> frozenset[Code]:
        """Codes that flagged before and do not now."""
        return self.before.codes - self.after.codes


@dataclass(frozen=True, slots=True)
class Change:
    """An application whose decision or reasons change; `people` are those with a change, in their order."""

    application_id: str
    policy_before: str
    policy_after: str
    whole: Difference
    people: tuple[Difference, ...]

    @property
    def codes(self) -> frozenset[Code]:
        """All codes that appeared or vanished."""
        return frozenset().union(*(each.appeared | each.vanished for each in (self.whole, *self.people)))

    @property
    def decides(self) -> bool:
        """Whether the decision changes, on the application or on a person, and not the reasons alone."""
        return any(each.before.decision is not each.after.decision for each in (self.whole, *self.people))


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What came of one chunk: applications judged, left out since their folder changed meanwhile, and the changes."""

    judged: int
    left_out: int
    changes: tuple[Change, ...]


def rejudge(
    database: Database, application_keys: Sequence[int], policies: Policies, judge: Judge, *, write: bool
) -> Rejudged:
    """Judge a chunk of applications again, and with `write` make the new judgements those that count.

    `judge` must judge under `policies`.
    """
    with database.reading() as work:
        standing = standing_of(work, application_keys)
        files = [file for file in load_cases(work, application_keys) if _is_of(standing, file)]
    judged = [Judged(file, made) for file in files if (made := judge(file)) is not None]
    stale = save_judgements(database, judged, policies).stale if write else frozenset()
    current = [item for item in judged if item.file.application_id not in stale]
    changes = (compare(standing[item.file.application_key], item.judgement) for item in current)
    left_out = len(application_keys) - len(files) + len(stale)
    return Rejudged(len(current), left_out, tuple(change for change in changes if change is not None))


def compare(before: Standing, after: Judgement) -> Change | None:
    """Return what a new judgement on the same facts changes; None where decisions and reasons are the same."""
    whole = Difference(None, before.whole, Answer(after.decision, _codes(after.findings)))
    people = (
        Difference(person.national_id, known, Answer(person.decision, _codes(person.findings)))
        for person, known in zip(after.people, before.people, strict=True)
    )
    changed = tuple(each for each in people if each.before != each.after)
    if whole.before == whole.after and not changed:
        return None
    return Change(after.application_id, before.policy, after.policy, whole, changed)


def standing_of(work: UnitOfWork, application_keys: Sequence[int]) -> Mapping[int, Standing]:
    """Return the judgements that count for applications, by their keys; three queries, however many they are."""
    rows = work.session.scalars(
        select(JudgementRow).where(JudgementRow.application_key.in_(application_keys), JudgementRow.current)
    ).all()
    keys = [row.id for row in rows]
    codes = _flagging_codes(work, keys)
    people: dict[int, list[Answer]] = defaultdict(list)
    for person in work.session.execute(
        select(JudgedPerson.judgement_key, JudgedPerson.position, JudgedPerson.decision)
        .where(JudgedPerson.judgement_key.in_(keys))
        .order_by(JudgedPerson.judgement_key, JudgedPerson.position)
    ):
        answer = Answer(person.decision, frozenset(codes[person.judgement_key, person.position]))
        people[person.judgement_key].append(answer)
    return {
        row.application_key: Standing(
            row.version_key,
            row.policy,
            Answer(row.decision, frozenset(codes[row.id, None])),
            tuple(people[row.id]),
        )
        for row in rows
    }


def by_policy(work: UnitOfWork, application_keys: Sequence[int]) -> Mapping[str, Sequence[int]]:
    """Group judged applications, in their order, by the name of the policy that their judgement was made under."""
    names: dict[int, str] = {}
    for keys in batched(application_keys, IN_VALUES):
        rows = select(JudgementRow.application_key, JudgementRow.policy).where(
            JudgementRow.application_key.in_(keys), JudgementRow.current
        )
        names |= {row.application_key: row.policy for row in work.session.execute(rows)}
    groups: dict[str, list[int]] = defaultdict(list)
    for key in application_keys:
        if key in names:
            groups[names[key]].append(key)
    return groups


def _is_of(standing: Mapping[int, Standing], file: CaseFile) -> bool:
    """Tell whether the judgement that counts was made on these facts; else the folder changed meanwhile."""
    known = standing.get(file.application_key)
    return known is not None and known.version_key == file.version_key


def _codes(findings: Iterable[Finding]) -> frozenset[Code]:
    return frozenset(finding.code for finding in findings if finding.flags)


def _flagging_codes(
    work: UnitOfWork, judgement_keys: Sequence[int]
) -> Mapping[tuple[int, int | None], set[Code]]:
    """Return the codes that flag, by judgement and position of the person; None: the application's own."""
    codes: dict[tuple[int, int | None], set[Code]] = defaultdict(set)
    for row in work.session.execute(
        select(FindingRow.judgement_key, FindingRow.person, FindingRow.code)
        .where(
            FindingRow.judgement_key.in_(judgement_keys),
            FindingRow.level != Level.NOTE,
            FindingRow.outcome != Outcome.PASSED,
        )
        .distinct()
    ):
        codes[row.judgement_key, row.person].add(row.code)
    return codes
