"""Records of the registry as text and as JSON: six facts for the queries of m.8, all else on the cards of officers."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from extractors.facts import Kind
from flows.ageing import NO_PAPER, AgeingCounts
from flows.texts import Language, say, spell_day, spell_day_of
from storage.cards import EmploymentCard, PersonCard, ProviderCard
from storage.models import Standing
from storage.proofs import Proof
from storage.recheck import Ageing
from storage.search import PersonRecord, ProviderRecord, Registration
from validators.application import ISTANBUL
from validators.identity import is_national_id, mask_national_id, redact
from validators.messages import load_messages

_NATIONAL_ID_DIGITS = 11
_NATURAL_PERSON_MERSIS = "123456789"
"""A MERSİS number begins with 0 and a tax number, or with the T.C. number of a merchant, which begins with no 0."""


def to_json(record: Any, *, reveal: bool) -> Any:
    """Return a record (a dataclass) as JSON values: T.C. numbers masked unless revealed, moments in Istanbul's time."""
    return _plain("", dataclasses.asdict(record), reveal)


def person_lines(person: PersonRecord, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield the six facts of m.8(1)(c) about a person as lines of text."""
    yield _heading(person, reveal)
    yield _standing_of_record(person, language)
    for place in person.works_at:
        yield f"  {say('registry.works_at', language)}: {_masked('title', place.title, reveal)}"
    for certificate in person.certificates:
        yield f"  {say('registry.certificates', language)}: {_masked('name', certificate.name, reveal)}"


def provider_lines(provider: ProviderRecord, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield a provider's people with their six facts (m.8(1)(e)) as lines of text."""
    yield _masked("title", provider.title, reveal)
    if not provider.people:
        yield f"  {say('registry.nobody_works', language)}"
    for person in provider.people:
        yield from (f"  {line}" for line in person_lines(person, language, reveal=reveal))


def record_lines(record: PersonRecord | ProviderRecord, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield what a search found, a person or a provider, as lines of text."""
    if isinstance(record, ProviderRecord):
        yield from provider_lines(record, language, reveal=reveal)
    else:
        yield from person_lines(record, language, reveal=reveal)


def registration_lines(found: Registration, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield the answer of m.8(2): the provider under which a person is recorded."""
    if found.state is None:
        yield _masked("national_id", found.national_id, reveal)
        known = "registry.states.none" if is_national_id(found.national_id) else "registry.check.invalid"
        yield f"  {say(known, language)}"
        return
    yield _heading(found, reveal)
    yield _standing_of_record(found, language)
    for place in found.works_at:
        yield f"  {say('registry.check.recorded', language)}: {_masked('title', place.title, reveal)}"
    if not found.works_at:
        yield f"  {say('registry.check.nowhere', language)}"
    if found.asked is not None:
        asked = _masked("title", found.asked, reveal)
        yield f"  {say(f'registry.check.{found.recorded_there}', language, asked=asked)}"


def provider_card_lines(card: ProviderCard, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield the registry card of a provider: who, since when, on what evidence; then who has left."""
    yield _masked("title", card.title, reveal)
    yield f"  {say('registry.tax_number', language)}: {_masked('tax_number', card.tax_number, reveal)}"
    if card.mersis_number:
        yield f"  {say('registry.mersis', language)}: {_masked('mersis_number', card.mersis_number, reveal)}"
    for number in card.workplace_numbers:
        yield f"  {say('registry.workplace', language)}: {number}"
    yield _registered(card, language)
    yield from _employments(card.employments, language, reveal, of_person=False)


def person_card_lines(card: PersonCard, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield the card of a person: the record, where the person works and worked, and on what evidence."""
    yield _heading(card, reveal)
    yield f"  {say('registry.state', language)}: {say(f'registry.states.{card.state}', language)}"
    yield _registered(card, language)
    if card.deleted_as_of:
        yield f"  {say('registry.deleted_as_of', language, day=spell_day_of(card.deleted_as_of, language))}"
    yield from _employments(card.employments, language, reveal, of_person=True)


def ageing_lines(ageing: Ageing, language: Language, *, reveal: bool) -> Iterator[str]:
    """Yield two lines about a running employment whose evidence is old: who and where, then the evidence."""
    yield f"{_heading(ageing, reveal)} · {_masked('title', ageing.provider, reveal)}"
    facts = {
        "day": spell_day(ageing.day, language),
        "age": ageing.age_days,
        "evidence": kind_name(ageing.kind, language),
        "application": ageing.application_id,
    }
    of = "judgement" if ageing.by_judgement else "paper"
    yield f"  {say(f'registry.recheck.{of}', language, **facts)}"


def counts_lines(counts: AgeingCounts, language: Language) -> Iterator[str]:
    """Yield a line for each kind of paper and basis: how many employments, how old the oldest paper is."""
    for group in counts.groups:
        kind = None if group.evidence == NO_PAPER else Kind(group.evidence)
        yield "  " + say(
            "registry.recheck.group",
            language,
            count=group.employments,
            evidence=kind_name(kind, language),
            basis=say(f"registry.basis.{group.basis}", language),
            age=group.oldest_days,
        )


def kind_name(kind: Kind | None, language: Language) -> str:
    """Return what people call a kind of paper; for None, that no paper is known."""
    if kind is None:
        return say("registry.no_paper", language)
    return str(load_messages(language.value)["words"]["kind"][kind.value])


_Named: TypeAlias = PersonRecord | Registration | PersonCard | EmploymentCard | Ageing


def _heading(person: _Named, reveal: bool) -> str:
    number = _masked("national_id", person.national_id, reveal)
    return f"{number}  {person.given_name} {person.family_name}"


def _standing_of_record(person: PersonRecord | Registration, language: Language) -> str:
    state = say(f"registry.states.{person.state if person.registered_at else 'none'}", language)
    line = f"  {say('registry.state', language)}: {state}"
    if person.registered_at is None:
        return line
    return (
        f"{line} · {say('registry.registered_at', language)}: {spell_day_of(person.registered_at, language)}"
    )


def _registered(card: ProviderCard | PersonCard, language: Language) -> str:
    if card.registered_at is None:
        return f"  {say('registry.not_registered', language)}"
    facts = {"day": spell_day_of(card.registered_at, language), "application": card.registered_by}
    return f"  {say('registry.registered_by', language, **facts)}"


def _employments(
    employments: Sequence[EmploymentCard], language: Language, reveal: bool, *, of_person: bool
) -> Iterator[str]:
    ended = [each for each in employments if each.standing is Standing.ENDED]
    for heading, group in (("running", employments[: len(employments) - len(ended)]), ("ended", ended)):
        yield f"  {say(f'registry.card.{heading}', language, count=len(group))}"
        for each in group:
            who = _masked("title", each.provider, reveal) if of_person else _heading(each, reveal)
            yield f"    {who}"
            yield from (f"      {line}" for line in _employment(each, language))


def _employment(card: EmploymentCard, language: Language) -> Iterator[str]:
    yield say(f"registry.standing.{card.standing}", language)
    since = spell_day(card.since, language) if card.since else say("registry.card.unknown", language)
    yield say("registry.card.since", language, since=since)
    if card.evidence or not card.evidence_destroyed_at:
        yield say("registry.card.evidence", language, evidence=_evidence(card.evidence, language))
    if card.evidence_destroyed_at:
        day = spell_day_of(card.evidence_destroyed_at, language)
        yield say("registry.card.destroyed", language, day=day)
    yield say(
        "registry.card.ground",
        language,
        application=card.application_id,
        basis=say(f"registry.basis.{card.basis}", language),
        day=spell_day_of(card.judged_at, language),
        policy=card.policy,
        version=card.policy_version,
    )
    if card.ended_at:
        facts = {"day": spell_day_of(card.ended_at, language), "application": card.ended_by or "—"}
        yield say("registry.card.left", language, **facts)


def _evidence(proof: Proof | None, language: Language) -> str:
    if proof is None:
        return kind_name(None, language)
    day = f", {spell_day(proof.day, language)}" if proof.day else ""
    return f"{kind_name(proof.kind, language)}{day}, sha256 {proof.sha256}"


def _plain(name: str, value: Any, reveal: bool) -> Any:
    if isinstance(value, dict):
        return {key: _plain(key, part, reveal) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(name, part, reveal) for part in value]
    if isinstance(value, datetime):
        return value.astimezone(ISTANBUL).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return _masked(name, value, reveal) if isinstance(value, str) else value


def _masked(name: str, value: str, reveal: bool) -> str:
    """Mask the T.C. number that a text is or holds; a sole trader's tax and MERSİS number is one."""
    if reveal:
        return value
    is_number = name == "national_id" or (name == "tax_number" and len(value) == _NATIONAL_ID_DIGITS)
    if is_number or (name == "mersis_number" and value[:1] in _NATURAL_PERSON_MERSIS):
        return mask_national_id(value[:_NATIONAL_ID_DIGITS])
    return redact(value)
