"""Message files: every answer that a rule can give has its sentence, and every sentence is some rule's."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractors.archive.limits import Limits
from extractors.archive.refusal import Reason
from extractors.facts import Kind, Media, TextSource
from tests.validators import factory as f
from tests.validators.cases import ROWS
from validators.application import Problem, ProblemKind, Procedure
from validators.catalogue import CATALOGUE
from validators.finding import Code, Finding, Outcome
from validators.judgement import judge, judge_invalid
from validators.messages import LANGUAGES, Language, load_messages, message, places, question, template
from validators.rules.application import BY_HAND
from validators.subjects import Ask

LATER: frozenset[Code] = frozenset()
"""Codes of the contract that no rule raises yet."""

INVALID = judge_invalid(
    "TS-1", [Problem("people.0.national_id", "Field required", ProblemKind.MISSING)], f.POLICY
)
FINDINGS: dict[str, list[Finding]] = {"invalid": list(INVALID.findings)}
for _row in ROWS:
    _judgement = judge(_row.case)
    FINDINGS[_row.name] = [*_judgement.findings, *(x for p in _judgement.people for x in p.findings)]
EVERY = [finding for findings in FINDINGS.values() for finding in findings]

both = pytest.mark.parametrize("language", LANGUAGES)


def sentences(language: Language) -> Iterator[tuple[str, str, str]]:
    """Every sentence of a file with its code and outcome."""
    for code in set(Code) - LATER:
        for outcome, said in load_messages(language)[code.value].items():
            if outcome in set(Outcome):
                for text in [said] if isinstance(said, str) else said.values():
                    yield code.value, outcome, text


@both
def test_every_code_that_is_raised_has_its_section(language: Language) -> None:
    sections = set(load_messages(language)) - {"frame", "words"}
    assert sections == {code.value for code in set(Code) - LATER}


@both
def test_a_faulty_declaration_is_told_once_and_in_one_language(language: Language) -> None:
    """The reader's own words of the fault, not the parser's beside them."""
    (finding,) = INVALID.findings
    assert "Field required" not in message(finding, language)


@both
def test_no_sentence_is_dead(language: Language) -> None:
    said = {(x.code.value, x.outcome.value, template(x, language)) for x in EVERY}
    assert set(sentences(language)) == said


@both
def test_rules_fill_every_place(language: Language) -> None:
    for finding in EVERY:
        assert places(template(finding, language)) <= {*finding.facts, "page"}
        assert "{" not in message(finding, language)


@both
def test_what_flags_has_a_remedy_and_what_does_not_has_none(language: Language) -> None:
    for finding in EVERY:
        said = load_messages(language)[finding.code.value].get("remedy")
        if finding.flags:
            remedy = said if isinstance(said, str) else said[finding.outcome.value]
            assert remedy.split("{")[0] in message(finding, language)


def test_both_languages_have_the_same_shape() -> None:
    def shape(value: Any) -> Any:
        return {key: shape(part) for key, part in value.items()} if isinstance(value, dict) else None

    assert shape(dict(load_messages("tr"))) == shape(dict(load_messages("en")))


@both
@pytest.mark.parametrize("code", sorted(set(Code) - LATER))
def test_every_code_asks_a_question(code: Code, language: Language) -> None:
    assert question(code, language).endswith("?")


@both
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("kind", set(Kind)),
        ("nearest", set(Kind)),
        ("media", set(Media)),
        ("source", set(TextSource) - {TextSource.NONE}),
        ("procedure", set(BY_HAND)),
        ("limit", set(Limits.__dataclass_fields__) - {"ratio_floor_bytes"}),
    ],
)
def test_machine_values_are_spelled_out(language: Language, name: str, values: set[str]) -> None:
    assert set(load_messages(language)["words"][name]) == {str(value) for value in values}


@both
def test_reasons_of_faults_are_spelled_out(language: Language) -> None:
    words = load_messages(language)["words"]["reason"]
    assert words.keys() >= {*Reason, *ProblemKind, "timeout", "memory", "crash", "damaged", "unknown"}


ANSWERS = tomllib.loads(Path(__file__).with_name("answers_tr.toml").read_text("utf-8"))["answer"]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a['code']}-{a['row']}")
def test_what_a_case_is_told_in_turkish(answer: dict[str, str]) -> None:
    said = [
        message(finding, "tr")
        for finding in FINDINGS[answer["row"]]
        if (finding.code, finding.outcome) == (answer["code"], answer["outcome"])
    ]
    assert answer["text"] in said


def test_every_code_that_is_raised_is_told_in_turkish() -> None:
    assert {answer["code"] for answer in ANSWERS} == {code.value for code in set(Code) - LATER}


def test_days_are_written_as_turkish_papers_write_them() -> None:
    finding = Ask(f.POLICY, Procedure.PROVIDER_REGISTRATION).passed(
        Code.START_DATE_MISSING, start_date="2026-11-09"
    )
    assert message(finding, "tr") == "İşe başlama tarihi: 09.11.2026. Dayanak: Kılavuz m.6(3)(d)."
    assert message(finding, "en") == "Start date: 2026-11-09. Basis: Kılavuz m.6(3)(d)."


def test_a_number_that_slipped_into_a_fact_is_masked() -> None:
    finding = Ask(f.POLICY, None).failed(
        Code.APPLICATION_INVALID, place=f.AYSE["national_id"], reason="wrong_form", problem=""
    )
    assert f.AYSE["national_id"] not in message(finding, "en")


@pytest.mark.parametrize(
    ("doubt", "said"),
    [
        ("page 3: rows without the person's name", "sayfa 3: satırlarda kişinin adı yok"),
        (
            "pages 2-4: of two papers, not known which",
            "sayfa 2-4: iki belgeden hangisine ait olduğu belli değil",
        ),
        ("national_id: two values", "T.C. kimlik no: iki ayrı değer"),
        (
            "pages titled as different papers: service_statement, entry_declaration",
            "sayfalar ayrı belgelerin başlığını taşıyor: SGK Hizmet Dökümü, Sigortalı İşe Giriş Bildirgesi",
        ),
        ("pages not read: 21, 22", "okunmayan sayfalar: 21, 22"),
        ("a doubt that has no words yet", "a doubt that has no words yet"),
    ],
)
def test_doubts_of_the_extractors_are_told_in_the_reader_s_language(doubt: str, said: str) -> None:
    finding = Ask(f.POLICY, None).unclear(
        Code.DOCUMENT_UNREADABLE, reason="doubts", doubts=f"readers disagree: records; {doubt}"
    )
    assert f"okunamadı: iki okuyucu çelişiyor: satırlar; {said}. " in message(finding, "tr")


def test_pages_of_a_doubt_stay_english_for_an_english_reader() -> None:
    doubts = "pages 2-4: of two papers, not known which"
    finding = Ask(f.POLICY, None).unclear(Code.DOCUMENT_UNREADABLE, reason="doubts", doubts=doubts)
    assert doubts in message(finding, "en")


def test_every_doubt_is_put_in_other_words_in_turkish() -> None:
    english, turkish = (load_messages(language)["words"]["doubt"] for language in ("en", "tr"))
    for code, form in english.items():
        filled = form.format_map(dict.fromkeys(places(form), "X"))
        finding = Ask(f.POLICY, None).unclear(Code.DOCUMENT_UNREADABLE, reason="doubts", doubts=filled)
        assert turkish[code].format_map(dict.fromkeys(places(form), "X")) in message(finding, "tr")
        assert filled in message(finding, "en")


def test_a_place_that_nobody_filled_shows_a_dash() -> None:
    finding = Ask(f.POLICY, Procedure.PROVIDER_REGISTRATION).failed(Code.ARCHIVE_NOT_ZIP, upload="a.zip")
    assert "“a.zip” bu hâliyle açılamıyor; dosyanın türü: —." in message(finding, "tr")


def test_catalogue_covers_the_messages() -> None:
    assert {code.value for code in CATALOGUE} >= set(load_messages("tr")) - {"frame", "words"}
