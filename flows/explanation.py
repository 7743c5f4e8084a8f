"""Why an application was judged as it was: every question with its clause, answer, evidence and remedy.

`explain` makes plain JSON values of a verdict, with T.C. numbers masked; `explanation_lines` puts them into sentences.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from flows.texts import Language, say, spell_day, spell_day_of, spell_moment
from flows.verdict import OfficerRuling, Verdict
from flows.wording import PaperKey, decided, paper_key, paper_name, place
from validators.application import Application, Person
from validators.case import PersonJudgement
from validators.catalogue import proposal_of
from validators.clauses import clause_text, clauses_of, load_clauses
from validators.finding import Finding, Outcome
from validators.messages import LANGUAGES, answer, look, question, remedy
from validators.report import Mask, to_report

Json: TypeAlias = dict[str, Any]
Papers: TypeAlias = Mapping[PaperKey, Json]

EXPLANATION_VERSION = 1


def explain(verdict: Verdict, *, reveal: bool = False) -> Json:
    """Return the object of `kanit explain --json`: the report's people and findings, each finding in full."""
    judgement = verdict.judgement
    report = to_report(judgement, reveal=reveal)
    mask = mask_of(verdict, reveal=reveal)
    papers = {paper_key(document): document for document in report["documents"]}
    people = zip(judgement.people, report["people"], strict=True)
    return {
        "explanation": EXPLANATION_VERSION,
        "application_id": judgement.application_id,
        "procedure": judgement.procedure,
        "decision": judgement.decision.value,
        "policy": judgement.policy,
        "policy_version": verdict.policy_version,
        "pipeline_version": verdict.pipeline_version,
        "judged_at": _stamp(verdict.judged_at),
        "stored": verdict.stored,
        "rulings": [_ruled(ruling, mask) for ruling in verdict.rulings],
        "destroyed": {name: _stamp(moment) for name, moment in _destroyed(verdict) if moment},
        "findings": _findings(judgement.findings, report["findings"], papers, mask),
        "people": [_person(person, shown, papers, verdict.application, mask) for person, shown in people],
    }


def _ruled(ruling: OfficerRuling, mask: Mask) -> Json:
    return {
        "ruling": ruling.ruling,
        "state": ruling.state,
        "decided_at": _stamp(ruling.decided_at),
        "note": mask.text(ruling.note),
        **({"until": ruling.until.isoformat()} if ruling.until else {}),
    }


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _destroyed(verdict: Verdict) -> tuple[tuple[str, datetime | None], ...]:
    """What of an application retention may have destroyed, each with when it did."""
    return ("evidence", verdict.evidence_destroyed_at), ("facts", verdict.facts_destroyed_at)


def mask_of(verdict: Verdict, *, reveal: bool = False) -> Mask:
    """Return what hides the T.C. numbers of a verdict's people and papers."""
    documents = [document for document, _ in verdict.judgement.documents]
    people = [person.national_id for person in verdict.judgement.people]
    return Mask.of(documents, people, reveal=reveal)


def declared_person(national_id: str, application: Application | None) -> Person | None:
    """Return the declaration of a judged person."""
    people = application.people if application is not None else ()
    return next((person for person in people if person.national_id == national_id), None)


def _person(
    person: PersonJudgement, shown: Json, papers: Papers, application: Application | None, mask: Mask
) -> Json:
    declared = declared_person(person.national_id, application)
    return {
        **shown,
        "given_name": mask.text(declared.given_name) if declared else None,
        "family_name": mask.text(declared.family_name) if declared else None,
        "findings": _findings(person.findings, shown["findings"], papers, mask),
    }


def _findings(findings: Sequence[Finding], shown: Sequence[Json], papers: Papers, mask: Mask) -> list[Json]:
    return [_finding(finding, report, papers, mask) for finding, report in zip(findings, shown, strict=True)]


def _finding(finding: Finding, shown: Json, papers: Papers, mask: Mask) -> Json:
    document = papers.get((shown["document"], shown.get("paper")))
    return {
        "code": shown["code"],
        "question": {language: question(finding.code, language) for language in LANGUAGES},
        "legal_basis": shown["legal_basis"],
        "clauses": [_clause(clause) for clause in clauses_of(finding.legal_basis)],
        "outcome": shown["outcome"],
        "level": shown["level"],
        "flags": finding.flags,
        "answer": {language: mask.text(answer(finding, language)) for language in LANGUAGES},
        **(_mending(finding, mask) if finding.flags else {}),
        "facts": shown["facts"],
        "document": _reference(document) if document else None,
        "page": shown["page"],
        "box": shown["box"],
    }


def _mending(finding: Finding, mask: Mask) -> Json:
    """What is said of a finding that flags: its proposal, how it is mended, where an officer looks."""
    where = {language: look(finding.code, language) for language in LANGUAGES}
    return {
        "proposal": proposal_of(finding).value,
        **({"wait_until": finding.wait_until} if finding.wait_until else {}),
        "remedy": {language: mask.text(remedy(finding, language)) for language in LANGUAGES},
        **({"look": where} if all(where.values()) else {}),
    }


def _clause(clause: str) -> Json:
    return {"clause": clause, "text": {language: clause_text(clause, language) for language in LANGUAGES}}


def _reference(document: Json) -> Json:
    return {key: document[key] for key in ("id", "name", "paper", "papers") if key in document}


class Line(NamedTuple):
    """One paragraph of text: how far it is indented, and how it is meant (a key of the printer's styles)."""

    text: str
    indent: int = 0
    style: str = "plain"


def explanation_lines(explanation: Json, language: Language) -> Iterator[Line]:
    """Yield an explanation as paragraphs for people to read."""
    yield from _heading(explanation, language)
    if explanation["findings"]:
        yield Line("")
        yield Line(say("explain.application", language), 0, "heading")
        yield from _groups(explanation["findings"], language)
    for person in explanation["people"]:
        yield Line("")
        yield Line(_name(person), 0, "heading")
        yield Line(decided(person, language), 2, person["decision"])
        yield from _groups(person["findings"], language)
    yield from _clauses(explanation, language)


def _heading(explanation: Json, language: Language) -> Iterator[Line]:
    procedure = say(f"procedure.{explanation['procedure'] or 'none'}", language)
    yield Line(f"{explanation['application_id']} · {procedure}", 0, "heading")
    decision = say(f"decision.{explanation['decision']}", language)
    yield Line(say("verify.decision", language, decision=decision), 0, explanation["decision"])
    for ruling in explanation["rulings"]:
        yield Line(_told_ruling(ruling, language))
    moment = _moment(explanation["judged_at"], language)
    how = "stored" if explanation["stored"] else "on_the_spot"
    yield Line(say(f"explain.{how}", language, moment=moment))
    versions = {"policy": explanation["policy"], "version": explanation["policy_version"]}
    yield Line(say("explain.policy", language, **versions, kanit=explanation["pipeline_version"]))
    for what, stamp in explanation["destroyed"].items():
        day = spell_day_of(datetime.fromisoformat(stamp), language)
        yield Line(say(f"explain.destroyed.{what}", language, day=day))


def _told_ruling(ruling: Json, language: Language) -> str:
    facts = {"moment": _moment(ruling["decided_at"], language)}
    if "until" in ruling:
        facts["until"] = spell_day(date.fromisoformat(ruling["until"]), language)
    told = say(f"explain.ruling.{ruling['ruling']}", language, **facts)
    if ruling["state"] != "effective":
        told += f" {say('explain.ruling_state.' + ruling['state'], language)}"
    return f"{told} {say('explain.ruling_note', language, note=ruling['note'])}" if ruling["note"] else told


def _moment(stamp: str, language: Language) -> str:
    return spell_moment(datetime.fromisoformat(stamp), language)


def _name(person: Json) -> str:
    name = " ".join(filter(None, (person["given_name"], person["family_name"])))
    return f"{name} ({person['national_id']})" if name else str(person["national_id"])


def _groups(findings: Sequence[Json], language: Language) -> Iterator[Line]:
    """Yield the questions that flag, then the notes, then those that were answered well."""
    for name, chosen in (
        ("flagging", [finding for finding in findings if finding["flags"]]),
        ("noted", [f for f in findings if not f["flags"] and f["outcome"] != Outcome.PASSED]),
        ("passed", [finding for finding in findings if finding["outcome"] == Outcome.PASSED]),
    ):
        if chosen:
            yield Line(say(f"explain.{name}", language), 2, "group")
            yield from chain.from_iterable(_question(finding, language) for finding in chosen)


def _question(finding: Json, language: Language) -> Iterator[Line]:
    style = "passed" if finding["outcome"] == Outcome.PASSED else finding["level"]
    yield Line(finding["question"][language.value], 4, style)
    outcome = say(f"explain.outcome.{finding['outcome']}", language)
    yield Line(say("explain.answer", language, outcome=outcome, answer=finding["answer"][language.value]), 6)
    if finding["flags"]:
        yield Line(say("explain.remedy", language, remedy=finding["remedy"][language.value]), 6)
    if "look" in finding:
        yield Line(say("explain.look", language, look=finding["look"][language.value]), 6)
    if finding["document"]:
        evidence = place(finding, paper_name(finding["document"], language), language)
        yield Line(say("explain.evidence", language, evidence=evidence), 6, "small")
    facts = {"basis": finding["legal_basis"], "code": finding["code"]}
    yield Line(say("explain.basis", language, **facts), 6, "small")


def _clauses(explanation: Json, language: Language) -> Iterator[Line]:
    """Yield the text of each clause that was cited, once, in the order of the law."""
    cited = {clause["clause"] for finding in _every_finding(explanation) for clause in finding["clauses"]}
    texts = [(clause, text) for clause, text in load_clauses(language.value).items() if clause in cited]
    if texts:
        yield Line("")
        yield Line(say("explain.clauses", language), 0, "heading")
        yield from (Line(f"{clause}: {text}", 2) for clause, text in texts)


def _every_finding(explanation: Json) -> Iterable[Json]:
    return chain(explanation["findings"], *(person["findings"] for person in explanation["people"]))
