"""Every page in both lights and on a telephone: WCAG 2.2 A and AA as axe sees it, and nothing wider than the screen."""

from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it tells no types
from playwright.sync_api import Page

from tests.review.browser.application import Application
from tests.review.browser.chromium import TELEPHONE
from tests.review.browser.conftest import Visit

pytestmark = pytest.mark.slow

RULES: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
LIGHTS: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
CASE: Final = "person_no_evidence"
PAGES: Final = {
    "log-in": ("", "/login"),
    "queue": ("ayla", "/queue"),
    "watch": ("isletmen", "/queue"),
    "case": ("ayla", "/cases/{number}"),
    "history": ("ayla", "/cases/{number}/history"),
    "approve": ("ayla", "/cases/{number}/decide/approve"),
    "return": ("ayla", "/cases/{number}/decide/return"),
    "wait": ("ayla", "/cases/{number}/decide/wait"),
    "correct": ("ayla", "/cases/{number}/decide/correct"),
    "proposals": ("selin", "/proposals"),
    "statistics": ("selin", "/statistics"),
    "audit": ("denetci", "/audit"),
    "query": ("hastane", "/query"),
    "accounts": ("isletmen", "/accounts"),
    "account": ("isletmen", "/accounts/2"),
}
"""Who opens which page."""


def opened(visit: Visit, application: Application, name: str) -> Page:
    who, path = PAGES[name]
    page = visit(who)
    page.goto(path.format(number=application.numbers[CASE]))
    page.wait_for_load_state("networkidle")
    return page


def faults(page: Page) -> list[str]:
    """What axe found, a line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['target']} {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound_in_both_lights_and_on_a_telephone(
    visit: Visit, application: Application, name: str
) -> None:
    page = opened(visit, application, name)
    backgrounds = set()
    for light in LIGHTS:
        page.emulate_media(color_scheme=light)
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert faults(page) == []
    assert len(backgrounds) == len(LIGHTS)
    page.set_viewport_size(TELEPHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
    assert faults(page) == []


def test_axe_finds_what_is_wrong(visit: Visit) -> None:
    page = visit()
    page.goto("/login")
    page.locator("label").evaluate_all("labels => labels.forEach(label => label.remove())")
    assert any(fault.startswith("label:") for fault in faults(page))


def test_help_sheet_is_sound(visit: Visit, application: Application) -> None:
    page = opened(visit, application, "case")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    assert faults(page) == []
