"""What is kept about a person, and what an erasure left, in words: the readable half of `kanit person`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from extractors.facts import Kind
from flows.records import kind_name
from flows.texts import Language, say, spell_day, spell_day_of, spell_moment
from storage.subject.erasing import Erasure
from storage.subject.grounds import Remaining
from validators.application import ISTANBUL
from validators.finding import Code

Json: TypeAlias = Mapping[str, Any]


def person_lines(told: Json, language: Language) -> Iterator[str]:
    """Yield what is kept about a person as lines of text; the person's own number is shown in full."""
    moment = spell_moment(datetime.fromisoformat(told["made_at"]), language)
    yield say("person.title", language, number=told["national_id"], moment=moment)
    yield ""
    yield from say("person.rights", language).splitlines()
    yield ""
    yield say("person.record", language)
    yield from _record(told["record"], language)
    if told["provider"] is not None:
        yield f"  {say('person.provider', language, **told['provider'])}"
    for application in told["applications"]:
        yield ""
        yield from _application(application, language)
    yield ""
    yield from _access(told["access"], language)


def erasure_lines(erasure: Erasure, language: Language) -> Iterator[str]:
    """Yield what was destroyed and what remains, each with its ground."""
    counts = {each: count for each, count in erasure.destroyed.items() if count}
    heading = "preview" if erasure.run_id is None else "heading"
    yield say(f"retention.{heading if counts else 'nothing'}", language, run=erasure.run_id)
    for each, count in counts.items():
        what = say(f"retention.what.{each}", language)
        yield "  " + say("retention.line", language, count=count, what=what)
    if erasure.files_waiting:
        yield say("retention.waiting", language, count=erasure.files_waiting)
    yield say(f"person.{'remains' if erasure.remains else 'nothing_remains'}", language)
    for remaining in erasure.remains:
        yield f"  {_remaining(remaining, language)}"


def _remaining(remaining: Remaining, language: Language) -> str:
    what = say(f"person.what.{remaining.what}", language, name=remaining.name)
    ground = say(f"person.ground.{remaining.ground}", language)
    line = say("person.held", language, what=what, ground=ground)
    if remaining.until is None:
        return line
    return f"{line} {say('person.until', language, day=spell_day_of(remaining.until, language))}"


def _record(card: Json | None, language: Language) -> Iterator[str]:
    if card is None:
        yield f"  {say('person.no_record', language)}"
        return
    yield f"  {card['given_name']} {card['family_name']}"
    yield f"  {say('registry.state', language)}: {say('registry.states.' + card['state'], language)}"
    if card["registered_at"]:
        facts = {"day": _day(card["registered_at"], language), "application": card["registered_by"]}
        yield f"  {say('registry.registered_by', language, **facts)}"
    if card["deleted_as_of"]:
        yield f"  {say('registry.deleted_as_of', language, day=_day(card['deleted_as_of'], language))}"
    for employment in card["employments"]:
        yield f"  {employment['provider']}"
        yield f"    {say('registry.standing.' + employment['standing'], language)}"
        since = employment["since"]
        shown = _day(since, language) if since else say("registry.card.unknown", language)
        yield f"    {say('registry.card.since', language, since=shown)}"
        if employment["ended_at"]:
            facts = {
                "day": _day(employment["ended_at"], language),
                "application": employment["ended_by"] or "—",
            }
            yield f"    {say('registry.card.left', language, **facts)}"


def _application(application: Json, language: Language) -> Iterator[str]:
    procedure = say(f"procedure.{application['procedure'] or 'none'}", language)
    yield say("person.application", language, name=application["application_id"], procedure=procedure)
    for name in ("submitted_at", "read_at", "evidence_destroyed_at"):
        if application[name]:
            yield f"  {say(f'person.{name}', language)}: {_day(application[name], language)}"
    parts = ", ".join(say(f"person.part.{part}", language) for part in application["parts"])
    yield f"  {say('person.parts', language)}: {parts}"
    if application["other_people"]:
        yield f"  {say('person.others', language, count=application['other_people'])}"
    yield from _declared(application["declared"], language)
    for judgement in application["judgements"]:
        yield from _judgement(judgement, language)
    for paper in application["papers"]:
        yield from _paper(paper, language)
    for named in application["named_in"]:
        kind = kind_name(Kind(named["kind"]), language)
        yield f"  {say('person.named_in', language, kind=kind)}: {_values(named['fields'])}"
    for decision in application["decisions"]:
        yield from _decision(decision, language)


def _declared(declared: Json | None, language: Language) -> Iterator[str]:
    if declared is None:
        return
    for person in declared["people"]:
        facts = f"{person['national_id']} {person['given_name']} {person['family_name']}"
        yield f"  {say('person.declared', language)}: {facts}"
    if declared["provider"]:
        yield f"  {say('person.declared_provider', language)}: {declared['provider']['title']}"
    if declared["reason"]:
        yield f"  {say('person.removal', language)}: {declared['reason']}"


def _judgement(judgement: Json, language: Language) -> Iterator[str]:
    facts = {
        "moment": spell_moment(datetime.fromisoformat(judgement["judged_at"]), language),
        "decision": say(f"decision.{judgement['decision']}", language),
    }
    yield f"  {say('person.judgement', language, **facts)}"
    person = judgement["person"]
    findings = [*(person["findings"] if person else ()), *judgement["findings"]]
    for finding in findings:
        yield f"    {finding['question'][language]}"
        yield f"      {finding['answer'][language]}"


def _paper(paper: Json, language: Language) -> Iterator[str]:
    facts = {
        "number": paper["number"],
        "kind": kind_name(Kind(paper["kind"]), language),
        "name": paper["name"],
    }
    yield f"  {say('person.paper', language, **facts)}"
    enclosed = say(f"person.enclosure.{paper['enclosed']}", language, file=paper["file"])
    yield f"    {enclosed}"
    if paper["fields"]:
        yield f"    {say('person.read', language)}: {_values(paper['fields'])}"
    if paper["barcodes"]:
        yield f"    {say('person.barcodes', language)}: {', '.join(paper['barcodes'])}"
    for record in paper["records"]:
        yield f"    {_values(record)}"
    for workplace in paper["workplaces"]:
        yield f"    {workplace['number']}: {workplace['title']}"
    if paper["rows_not_kept"]:
        yield f"    {say('person.rows_not_kept', language, count=paper['rows_not_kept'])}"
    if paper["issuer_answered"]:
        answered = say(f"person.issuer.{paper['issuer_answered']}", language)
        yield f"    {say('person.issuer_asked', language)}: {answered}"


def _decision(decision: Json, language: Language) -> Iterator[str]:
    day = spell_moment(datetime.fromisoformat(decision["decided_at"]), language)
    codes = ", ".join(code for code in decision["codes"] if code in set(Code))
    kind = say(f"person.decision.{decision['kind']}", language)
    yield f"  {say('person.decided', language, kind=kind, moment=day, codes=codes or '—')}"
    written = decision["written"] or {}
    for text in (written.get("letter"), decision["reason"], decision["second_reason"]):
        yield from (f"    {line}" for line in (text or "").splitlines())


def _access(access: Json, language: Language) -> Iterator[str]:
    yield say("person.access", language, count=access["lines"])
    for query in access["queries_by_providers"]:
        moment = spell_moment(datetime.fromisoformat(query["at"]), language)
        yield f"  {say('person.query', language, moment=moment, account=query['account'] or '—')}"


def _values(values: Json) -> str:
    """Return values as `name: value`; the names are those of the contract."""
    return "; ".join(f"{name}: {_value(value)}" for name, value in values.items() if value not in (None, ""))


def _value(value: Any) -> str:
    return " ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)


def _day(text: str, language: Language) -> str:
    moment = datetime.fromisoformat(text)
    return spell_day((moment.astimezone(ISTANBUL) if moment.tzinfo else moment).date(), language)
