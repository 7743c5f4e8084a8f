"""The keyboard in a real browser: two keys for a decision, and none by accident."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from review.desk import Desk
from storage.desk.accounts import Role
from storage.models import CaseState
from tests.review.browser.chromium import chromium
from tests.review.decided import events_on, inbox_of, line_of
from tests.review.visiting import PASSWORD, Visitor
from tests.storage.desk.cases import put_blocked, put_for_review
from tests.storage.samples import ISIL

pytestmark = pytest.mark.slow


@pytest.fixture
def page(visit: Callable[..., Visitor], desk: Desk, tmp_path: Path) -> Iterator[Page]:
    """The page of a reviewer, with a case for review (A-1) and one with a block (A-2)."""
    inbox = inbox_of(desk, tmp_path)
    put_for_review(inbox)
    put_blocked(inbox, "A-2", ISIL)
    visitor = visit(Role.REVIEWER, "ayla")
    with chromium() as browser:
        found = browser.new_page(base_url=visitor.url, viewport={"width": 1280, "height": 900})
        found.set_default_timeout(15_000)
        found.goto("/login?next=/cases/A-1")
        found.get_by_label("Kullanıcı adı").fill("ayla")
        found.get_by_label("Parola").fill(PASSWORD)
        found.get_by_role("button", name="Giriş yap").click()
        found.wait_for_url("**/cases/A-1")
        yield found


def test_two_keys_approve_and_a_third_takes_the_next_case(page: Page, desk: Desk) -> None:
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.keyboard.press("a")
    page.keyboard.press("a")  # pressed while the form is on its way
    page.wait_for_url("**/cases/A-1/decisions/*")
    expect(page.get_by_text("Başvuru onaylandı ve sicile yazıldı.")).to_be_visible()
    page.keyboard.press("n")
    page.wait_for_url("**/cases/A-2")
    line = line_of(desk, "A-1")
    assert line.state is CaseState.APPROVED
    assert told == []


def test_a_key_that_is_held_down_decides_nothing(page: Page, desk: Desk) -> None:
    page.keyboard.down("a")
    expect(page.locator("#decide-form form")).to_be_visible()
    page.keyboard.down("a")  # the browser repeats it
    page.keyboard.down("a")
    page.keyboard.up("a")
    expect(page.locator("#decide-form form")).to_be_visible()
    assert events_on(desk, "A-1") == ()


def test_opening_a_form_claims_the_case_and_says_so(page: Page) -> None:
    expect(page.get_by_text("Bu başvuruya şu anda kimse bakmıyor.")).to_be_visible()
    page.keyboard.press("b")
    expect(page.get_by_label("Bekletilecek gün")).to_be_focused()
    expect(page.get_by_text("Başvuru sizde")).to_be_visible()
    expect(page.locator("#decide-form form")).to_be_visible()


def test_escape_leaves_the_field_and_then_the_form(page: Page) -> None:
    page.goto("/cases/A-2")
    page.keyboard.press("a")
    reason = page.get_by_label("Engele rağmen neden onaylanmalı?")
    expect(reason).to_be_focused()
    page.keyboard.type("aa gg")
    expect(reason).to_have_value("aa gg")
    page.keyboard.press("Escape")
    expect(reason).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#decide-form form")).to_have_count(0)


def test_escape_puts_away_a_form_that_is_still_on_its_way(page: Page) -> None:
    held: list[Route] = []
    page.goto("/cases/A-2")
    page.route("**/decide/approve*", lambda route, _: held.append(route))
    with page.expect_request("**/decide/approve*"):
        page.keyboard.press("a")
    page.keyboard.press("Escape")
    held[0].continue_()
    expect(
        page.get_by_text("Başvuru sizde")
    ).to_be_visible()  # which the page asks for when the form has come
    expect(page.locator("#decide-form form")).to_have_count(0)


TWICE = """
document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
  for (const _ of [1, 2]) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  }
  document.body.dataset.pressed = "";
}), { once: true });
"""


def test_escape_leaves_a_form_that_has_come_this_moment(page: Page) -> None:
    page.goto("/cases/A-2")
    page.evaluate(TWICE)
    page.keyboard.press("a")
    expect(page.locator("body[data-pressed]")).to_have_count(1)
    expect(page.locator("#decide-form form")).to_have_count(0)


def test_an_override_needs_its_reason_and_is_sent_from_within_the_field(page: Page, desk: Desk) -> None:
    page.goto("/cases/A-2")
    page.keyboard.press("a")
    page.keyboard.press("a")
    reason = page.get_by_label("Engele rağmen neden onaylanmalı?")
    expect(reason).to_be_focused()
    assert events_on(desk, "A-2") == ()
    reason.fill("Çıkış iptal edilmiş.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/cases/A-2/decisions/*")
    expect(page.get_by_text("Onay önerisi kaydedildi.")).to_be_visible()


def test_the_help_sheet_lists_the_keys_of_the_page_and_switches_them_off(page: Page) -> None:
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Klavye kısayolları")
    expect(sheet).to_be_visible()
    for keys in ("a Onayla", "g Başvurana iade et", "o Okunan bilgiyi düzelt"):
        expect(
            sheet.locator("dl > div").filter(has_text=re.compile(rf"^\s*{keys[0]}\s*{keys[2:]}$"))
        ).to_be_visible()
    sheet.get_by_label("Tek tuşlu kısayollar açık").uncheck()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.reload()
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(sheet.get_by_label("Tek tuşlu kısayollar açık")).not_to_be_checked()
    expect(page.locator("#decide-form form")).to_have_count(0)


def test_a_letter_edited_in_the_panel_is_returned_by_its_key(page: Page, desk: Desk) -> None:
    page.goto("/cases/A-2")
    page.keyboard.press("g")
    page.get_by_label("Yazının metni").fill("Belgeniz eksiktir.")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.wait_for_url("**/cases/A-2/decisions/*")
    expect(page.get_by_text("Belgeniz eksiktir.")).to_be_visible()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Yazıyı PDF olarak indir").click()
    assert downloaded.value.suggested_filename == "A-2.pdf"


def test_a_field_is_corrected_in_the_panel(page: Page) -> None:
    page.keyboard.press("o")
    page.get_by_role("link", name="Düzelt: soyadı").click()
    page.get_by_label("Yeni değer").fill("ÖRNEK")
    page.get_by_label("Neden düzeltiliyor?").fill("Satır kaymış.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/cases/A-1/decisions/*")
    expect(page.get_by_text("Başvuru doğrulandı; açık bulgu kalmadı.")).to_be_visible()


def test_the_help_sheet_is_seen_whole_while_a_form_is_open_and_tells_each_key_once(page: Page) -> None:
    page.goto("/cases/A-2")
    page.keyboard.press("g")
    expect(page.get_by_label("Yazının metni")).to_be_visible()
    page.keyboard.press("?")
    sheet = page.locator("#keys")
    expect(sheet).to_be_visible()
    assert sheet.evaluate("sheet => sheet.scrollHeight <= sheet.clientHeight")
    told = [text.split("\n")[0].strip() for text in sheet.locator("#keys-here dt").all_inner_texts()]
    assert len(told) == len(set(told))
    expect(sheet.locator("#keys-here > div").first).to_contain_text("Kaydetmek için aynı tuşa bir daha basın")


def test_a_letter_is_previewed_beside_the_papers(page: Page) -> None:
    page.goto("/cases/A-2")
    page.keyboard.press("g")
    letter = page.get_by_label("Yazının metni")
    letter.fill("Belgeniz eksiktir.")
    page.get_by_role("button", name="Önizle").last.click()
    expect(page.locator("#decide-form .letter")).to_contain_text("Belgeniz eksiktir.")
    assert page.url.endswith("/cases/A-2")
    page.get_by_role("button", name="Yazıyı seçilenlere göre yeniden hazırla").click()
    expect(letter).not_to_have_value("Belgeniz eksiktir.")
    assert page.url.endswith("/cases/A-2")


def test_a_panel_fits_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for key, deed in (("a", "approve"), ("g", "return"), ("o", "correct"), ("t", "kind")):
        page.goto("/cases/A-2")
        page.keyboard.press(key)
        expect(page.locator("#decide-form .decide-title")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), deed
        page.goto(f"/cases/A-2/decide/{deed}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), deed
