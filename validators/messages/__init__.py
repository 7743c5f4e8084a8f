"""Questions and answers of every code, in Turkish and English, from message files: rules never build sentences."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any, Literal, TypeAlias

from extractors.facts import Value
from validators.finding import Code, Finding, Outcome
from validators.identity import redact

Language: TypeAlias = Literal["tr", "en"]
LANGUAGES: tuple[Language, ...] = ("tr", "en")

_NOTHING = "—"
_PLACE = re.compile(r"\\\{(\w+)\\\}")
_PAGES = re.compile(r"^pages? (?=[0-9])")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


@cache
def load_messages(language: Language) -> Mapping[str, Any]:
    """Load the message file of a language."""
    return tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text("utf-8"))


def question(code: Code, language: Language) -> str:
    """Return the question that a code answers."""
    return str(load_messages(language)[code.value]["question"])


def look(code: Code, language: Language) -> str | None:
    """Return what an officer should look at where a code flags, or None where nothing special is said."""
    said = load_messages(language)[code.value].get("look")
    return None if said is None else str(said)


def message(finding: Finding, language: Language) -> str:
    """Return a finding's answer with its remedy where it flags, and the clause it rests on.

    T.C. numbers in it are masked; a place that the finding does not fill shows a dash.
    """
    frames = load_messages(language)["frame"]
    parts = {"answer": answer(finding, language), "basis": finding.legal_basis}
    if finding.flags:
        return str(frames["flagged"].format_map({**parts, "remedy": remedy(finding, language)}))
    return str(frames["passed" if finding.outcome is Outcome.PASSED else "noted"].format_map(parts))


def answer(finding: Finding, language: Language) -> str:
    """Return the sentence of a finding's outcome with its places filled and T.C. numbers masked."""
    return redact(template(finding, language).format_map(_facts(finding, language)))


def remedy(finding: Finding, language: Language) -> str:
    """Return how a finding that flags is mended, with its places filled and T.C. numbers masked."""
    return redact(_remedy(finding, language).format_map(_facts(finding, language)))


def template(finding: Finding, language: Language) -> str:
    """Return the sentence of a finding's outcome; the fact `reason` chooses where there are several."""
    return _choose(load_messages(language)[finding.code.value][finding.outcome.value], finding)


def places(text: str) -> frozenset[str]:
    """Return the names of the places in a sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def _facts(finding: Finding, language: Language) -> "_Shown":
    facts = {**finding.facts, "page": finding.page}
    shown = _Shown({name: _shown(name, value, language) for name, value in facts.items()})
    if "doubts" in shown:
        shown["doubts"] = "; ".join(_doubt(part, language) for part in shown["doubts"].split("; "))
    if "differences" in shown:
        shown["differences"] = _thing(shown["differences"], language)
    return shown


def _remedy(finding: Finding, language: Language) -> str:
    remedy = load_messages(language)[finding.code.value]["remedy"]
    return str(remedy if isinstance(remedy, str) else remedy[finding.outcome.value])


def _choose(sentences: str | Mapping[str, str], finding: Finding) -> str:
    if isinstance(sentences, str):
        return sentences
    return sentences[str(finding.facts.get("reason", "default"))]


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _NOTHING


def _shown(name: str, value: Value, language: Language) -> str:
    """Spell out a fact: machine values in words, days and months as Turkish papers print them."""
    if value is None or value == "":
        return _NOTHING
    if not isinstance(value, str):
        return str(value)
    words = load_messages(language)["words"].get(name, {})
    parts = value.split(", ")
    if all(part in words for part in parts):
        return ", ".join(words[part] for part in parts)
    if language == "tr":
        if day := _DAY.fullmatch(value):
            return "{2}.{1}.{0}".format(*day.groups())
        if month := _MONTH.fullmatch(value):
            return "{}/{}".format(*month.groups())
    return value


def _doubt(text: str, language: Language) -> str:
    """Say a doubt of the extractors, which they write in English, in a language; an unknown one as it is."""
    for code, pattern in _doubt_patterns():
        if found := pattern.fullmatch(text):
            shown = {name: _thing(part, language) for name, part in found.groupdict().items()}
            return str(load_messages(language)["words"]["doubt"][code]).format_map(shown)
    return text


@cache
def _doubt_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    forms = load_messages("en")["words"]["doubt"].items()
    return tuple((code, re.compile(_PLACE.sub(r"(?P<\1>.+)", re.escape(form)))) for code, form in forms)


def _thing(text: str, language: Language) -> str:
    """Name pages, fields and kinds of papers."""
    words = load_messages(language)["words"]
    if _PAGES.match(text):
        return _PAGES.sub("sayfa ", text) if language == "tr" else text
    return ", ".join(words["thing"].get(part) or words["kind"].get(part) or part for part in text.split(", "))
