"""What every page needs from a browser: switches, the skip link, errors of HTMX, a session that ended meanwhile."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from review.desk import Desk
from storage.desk.accounts import Role
from storage.models import SessionRow
from tests.review.browser.chromium import chromium
from tests.review.visiting import PASSWORD, Visitor

pytestmark = pytest.mark.slow

PATHS = ("/account", "/accounts", "/accounts/new", "/accounts/1", "/nowhere")


@pytest.fixture
def page(visit: Callable[..., Visitor]) -> Iterator[Page]:
    """A page of 390 pixels of an operator who has logged in by the log-in page."""
    visit(Role.REVIEWER, "ayse")
    visitor = visit(Role.OPERATOR, "isletmen")
    with chromium() as browser:
        found = browser.new_page(base_url=visitor.url, viewport={"width": 390, "height": 844})
        found.set_default_timeout(15_000)
        found.goto("/login?next=/account")
        found.get_by_label("Kullanıcı adı").fill("isletmen")
        found.get_by_label("Parola").fill(PASSWORD)
        found.get_by_role("button", name="Giriş yap").click()
        found.wait_for_url("**/account")
        yield found


def test_nothing_breaks_the_policy_and_nothing_is_wider_than_a_telephone(page: Page) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in PATHS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("Boolean(window.htmx)")
    assert [text for text in told if "404" not in text] == []


def test_switches_come_back_to_the_page(page: Page) -> None:
    page.goto("/accounts/1")
    page.get_by_role("button", name="Görünüm: Otomatik. Değiştir: Koyu").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Görünüm: Koyu. Değiştir: Açık").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Change the role")).to_be_visible()
    assert page.url.endswith("/accounts/1")


def test_switch_on_a_page_that_answers_to_a_form_goes_back_to_the_form(page: Page) -> None:
    page.goto("/accounts/1")
    page.get_by_label("Yeni parola", exact=True).fill("short")
    page.get_by_label("Yeni parola, bir kez daha").fill("short")
    page.get_by_role("button", name="Yeni parola ver").click()
    expect(page.get_by_text("Parola en az 12 karakter olmalı.")).to_be_visible()
    expect(page.get_by_label("Yeni parola", exact=True)).to_be_focused()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Change the role")).to_be_visible()


def test_skip_link_is_first_and_leads_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="İçeriğe geç")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_error_of_a_part_is_told_above_and_gets_the_focus(page: Page) -> None:
    page.evaluate("htmx.ajax('GET', '/accounts/99', {target: 'main h1'})")
    told = page.locator("#notices [role=alert]")
    expect(told).to_contain_text("Böyle bir sayfa yok")
    expect(told).to_be_focused()
    expect(page.get_by_role("heading", name="Deneme operator")).to_be_visible()


def test_session_that_ended_while_somebody_writes_is_told(page: Page, desk: Desk) -> None:
    page.clock.install()
    page.reload()
    desk.database.transact(lambda work: work.session.execute(delete(SessionRow)))
    page.get_by_label("Şimdiki parola").fill("x")
    expect(page.locator("#notices")).to_be_empty()
    page.clock.fast_forward("06:00")
    page.get_by_label("Şimdiki parola").fill("xy")
    expect(page.locator("#notices [role=alert]")).to_contain_text("Oturumunuz kapandı")
    page.evaluate("htmx.ajax('GET', '/accounts', {target: 'main h1'})")
    page.wait_for_url("**/login")
