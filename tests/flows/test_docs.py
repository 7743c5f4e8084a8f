"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest

from extractors.facts import Kind
from flows.cli import Commands
from storage.settings import PREFIX, Settings
from tests.clauses.law import clauses
from tests.flows.citations import bases, cited, citing
from tests.flows.codes_page import pages, said, write
from validators.clauses import load_clauses
from validators.finding import Code, Route
from validators.messages import LANGUAGES, Language

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("path", sorted(pages()))
def test_the_pages_on_codes_and_clauses_are_those_of_the_catalogue(path: str) -> None:
    assert (DOCS / path).is_file(), "run `make docs`"
    assert (DOCS / path).read_text("utf-8") == pages()[path], "run `make docs`"


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    written = {path.stem for path in (DOCS / "codes").glob("*.md")}
    assert written == {code.value for code in said()}, "run `make docs`"
    assert [code for code in Code if code.value not in pages()["codes.md"]] == []


def test_a_page_says_what_an_officer_needs() -> None:
    page = pages()["codes/EMPLOYMENT_ENDED.md"]
    for words in (
        "Kişi teknik servis sağlayıcısında çalışmayı sürdürüyor mu?",
        "**block**",
        "return to the applicant",
        "[Kılavuz m.6(3)(d)](../clauses.md#madde-6)",
        "## When the answer is no",
        "güncel hizmet dökümü yüklenmelidir",
        "## What an officer looks at",
    ):
        assert words in page


def test_writing_the_pages_removes_those_of_codes_that_are_no_more(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "GONE.md").write_text("# GONE\n", "utf-8")
    write(tmp_path)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.md")}
    assert written == set(pages())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clause_of_the_guide_has_a_short_text(language: Language) -> None:
    """Kılavuz m.4 to m.8, clause by clause, and whatever else a code cites of the guide."""
    wanted = {f"Kılavuz {clause}" for clause in clauses()}
    wanted |= {clause for clause in cited() if clause.startswith("Kılavuz")}
    assert sorted(wanted - load_clauses(language).keys()) == []
    assert list(load_clauses(language)) == list(load_clauses("tr"))


def test_clauses_and_codes_name_each_other() -> None:
    """Every clause that a code cites names the code, and a code stands with no clause that it does not cite."""
    page = pages()["clauses.md"]
    rows = {
        line.split(" | ")[0].removeprefix("| "): line for line in page.splitlines() if line.startswith("| ")
    }
    assert {f"Kılavuz {clause}" for clause in clauses()} | cited() <= set(rows)
    for clause, row in rows.items():
        assert set(re.findall(r"\[([A-Z_]+)\]", row)) == {code for code in citing(clause) if code in said()}


def test_every_code_cites_a_clause_where_it_is_asked() -> None:
    """Kılavuz m.6(3)(d) and m.7(1)(e): the same question rests on the clause of the procedure."""
    assert [code for code, by_procedure in bases().items() if not by_procedure] == []
    assert Code.QR_MISSING in citing("Kılavuz m.6(3)(d)")
    assert Code.QR_MISSING in citing("Kılavuz m.7(1)(e)")
    assert Code.QR_MISSING not in citing("Kılavuz m.4(3)")
    assert Code.APPLICATION_INVALID in citing("Kılavuz m.4-7")


@pytest.mark.parametrize("where", ["README.md", "docs/contract.md"])
def test_every_command_is_named(where: str) -> None:
    text = (ROOT / where).read_text("utf-8")
    assert [name for name in Commands.SUMMARIES if f"`kanit {name}" not in text] == []


def test_the_contract_names_every_code_kind_and_route() -> None:
    text = (DOCS / "contract.md").read_text("utf-8")
    words = {each.value for group in (Code, Kind, Route) for each in group}
    assert [word for word in sorted(words) if f"`{word}`" not in text] == []


def test_every_setting_is_described() -> None:
    text = (DOCS / "operations.md").read_text("utf-8")
    assert [name for name in Settings.model_fields if f"`{PREFIX}{name.upper()}`" not in text] == []


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name
)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []
