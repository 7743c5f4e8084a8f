"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest

from extractors.facts import Kind
from flows.cli import Commands
from storage.settings import PREFIX, Settings
from tests.flows.codes_page import page
from validators.finding import Code, Route

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_the_page_of_codes_is_that_of_the_messages() -> None:
    assert (DOCS / "codes.md").read_text("utf-8") == page(), "run `make docs`"


def test_every_code_stands_on_the_page() -> None:
    text = (DOCS / "codes.md").read_text("utf-8")
    assert [code for code in Code if code.value not in text] == []


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


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []
