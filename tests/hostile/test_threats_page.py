"""The page of threats names code and tests that there are."""

import re
from pathlib import Path

import pytest

from extractors.sandbox import Wall

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threats.md").read_text("utf-8")
NAMED = sorted(
    set(re.findall(r"`((?:extractors|validators|storage|flows|review|tests|scripts)/[^`]*)`", PAGE))
)


@pytest.mark.parametrize("path", NAMED)
def test_what_is_named_is_there(path: str) -> None:
    assert list(ROOT.glob(path.rstrip("/")))


def test_every_link_leads_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists()


@pytest.mark.parametrize("wall", Wall)
def test_every_wall_has_its_line(wall: Wall) -> None:
    assert f"| `{wall}` |" in PAGE
