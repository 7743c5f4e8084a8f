"""Every error of the storage package says in Turkish and English what is wrong and what to do."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import flows
import review
import storage
from flows.errors import (
    BackupImpossible,
    Exit,
    RegistryUnusable,
    RestoreImpossible,
    SettingUnusable,
)
from flows.foreign_errors import error_of
from flows.texts import Language
from storage import errors
from storage.errors import StorageError, texts
from storage.settings import load_settings

LANGUAGES = [language.value for language in Language]


def _nodes() -> Iterator[ast.AST]:
    for package in (storage, flows, review):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text("utf-8")))


NODES = list(_nodes())
NAMED = {str(node.value) for node in NODES if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _raised() -> Iterator[tuple[str, set[str | None]]]:
    """Yield the texts that errors are raised with, and the names of the facts given; None stands for any."""
    for node in NODES:
        if isinstance(node, ast.Call):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            text = given.pop("text", None)
            if isinstance(text, ast.Constant) and text.value in texts("en"):
                yield str(text.value), set(given)


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_some_error_s_and_has_a_message_and_a_remedy(language: str) -> None:
    said = {name: parts for name, parts in texts(language).items() if name != "words"}
    assert set(said) == set(texts("en")) - {"words"}
    assert set(said) <= NAMED
    for name, parts in said.items():
        assert set(parts) == {"message", "remedy"}, name
        assert all(part.strip() for part in parts.values()), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_raised_with_every_fact_that_their_texts_tell(language: str) -> None:
    raised = list(_raised())
    assert len(raised) > 40
    for name, given in raised:
        told = set().union(*map(_places, texts(language)[name].values()))
        assert None in given or told <= given, name


def test_the_languages_have_the_same_words_for_facts() -> None:
    """English ones that stand in the code as they are need no second wording."""
    turkish, english = (texts(language)["words"] for language in LANGUAGES)
    assert set(english) <= set(turkish)
    assert all(" " in word for word in set(turkish) - set(english))
    for word in english:
        assert _places(turkish[word]) == _places(english[word])


@pytest.mark.parametrize(
    ("variable", "value", "turkish", "english"),
    [
        ("WORKERS", "0", "en az 1 olmalıdır", "must be at least 1"),
        ("WORKERS", "many", "tam sayı olmalıdır", "must be a whole number"),
        ("NIGHT_UNTIL", "25:00", "biçiminde olmalıdır", "must be of the form"),
        ("LOG_LEVEL", "LOUD", "şunlardan biri olmalıdır", "must be one of"),
        ("OCR", "perhaps", "true ya da false olmalıdır", "must be true or false"),
        ("ISSUER_URL", "http://far.example", "https adresi olmalıdır", "must be an https address"),
        ("REVIEW_URL", "ftp://x", "http ya da https adresi olmalıdır", "must be an http or https address"),
    ],
)
def test_a_setting_is_refused_in_the_reader_s_language(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, turkish: str, english: str
) -> None:
    monkeypatch.setenv(f"KANIT_{variable}", value)
    with pytest.raises(errors.SettingsInvalid) as refused:
        load_settings()
    problem = error_of(refused.value)
    assert isinstance(problem, SettingUnusable)
    for language, told in ((Language.TURKISH, turkish), (Language.ENGLISH, english)):
        assert told in problem.message(language)
        assert f"KANIT_{variable}: {variable.lower()}: " in problem.message(language)
        assert "kanit config" in problem.remedy(language)


def test_an_error_is_told_in_the_reader_s_language() -> None:
    problem = error_of(errors.SchemaTooNew(text="schema_too_new", found="9999"))
    assert isinstance(problem, RegistryUnusable)
    assert "Veritabanının şeması 9999" in problem.message(Language.TURKISH)
    assert "has the schema 9999" in problem.message(Language.ENGLISH)
    assert "sürümünü" in problem.remedy(Language.TURKISH)
    assert "Install" in problem.remedy(Language.ENGLISH)


def test_the_reason_of_the_machine_is_told_in_the_reader_s_language() -> None:
    error = errors.DatabaseUnusable(text="database_file_unopened", path="/r.db", reason="Permission denied")
    assert error.message_in("tr") == "/r.db veritabanı dosyası açılamıyor: erişim izni yok."
    assert error.message_in("en") == "The database file /r.db cannot be opened: Permission denied."


def test_backups_have_codes_of_their_own() -> None:
    problems = {
        error_of(errors.BackupImpossible(text="backup_retention_runs")): BackupImpossible,
        error_of(
            errors.RestoreImpossible(text="backup_damaged", file="x", reason="altered")
        ): RestoreImpossible,
    }
    for problem, kind in problems.items():
        assert isinstance(problem, kind)
        assert problem.exit_code == Exit.INTERNAL
        assert problem.message(Language.TURKISH).startswith("Yedek ")


def test_a_sentence_without_a_text_is_told_as_it_is() -> None:
    error = StorageError("It rains.", "Wait.")
    assert (error.message_in("tr"), error.remedy_in("tr"), str(error)) == ("It rains.", "Wait.", "It rains.")
