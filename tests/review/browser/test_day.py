"""The day of an officer, from the first log-in to the log-out."""

import io
import re
from datetime import date, timedelta

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.review.browser.application import Application
from tests.review.browser.conftest import Visit

pytestmark = pytest.mark.slow


def claim(page: Page) -> None:
    page.keyboard.press("c")
    expect(page.get_by_text("Başvuru sizde")).to_be_visible()


def told(page: Page) -> str:
    page.wait_for_url("**/decisions/*")
    return page.locator("main").inner_text()


def test_the_day_of_an_officer(visit: Visit, application: Application) -> None:
    page = visit("ayla")
    filters_the_queue(page, application.numbers["person_no_evidence"])
    pages_through(page)
    returns_a_case_with_a_letter(page, application)
    approves_one_in_two_keystrokes(page, application)
    lets_one_wait(page, application)
    corrects_what_was_misread(page, application)
    sees_what_is_done(page, application)
    page.get_by_role("button", name="Çıkış").click()
    expect(page.get_by_text("Çıkış yaptınız.")).to_be_visible()
    page.goto("/queue")
    expect(page.get_by_role("heading", name="Giriş")).to_be_visible()


def filters_the_queue(page: Page, number: str) -> None:
    expect(page.get_by_role("heading", name="Başvurular")).to_be_visible()
    page.get_by_role("checkbox", name="Kişinin belgesi yok").check()
    expect(page.locator("#found")).to_have_text("1 başvuru")
    page.get_by_role("link", name=number).click()
    expect(page.get_by_role("heading", name=number)).to_be_visible()


def returns_a_case_with_a_letter(page: Page, application: Application) -> None:
    page.goto(application.case("no_link"))
    claim(page)
    page.keyboard.press("g")
    letter = page.get_by_label("Yazının metni")
    expect(letter).to_contain_text("Kılavuz")
    letter.fill(f"{letter.input_value()}\n\nSorularınız için başvuru numaranızla bize yazınız.")
    page.get_by_role("button", name="İade et").click()
    assert "Sorularınız için" in told(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("PDF")).click()
    paper = pypdfium2.PdfDocument(io.BytesIO(download.value.path().read_bytes()))
    assert "Sorularınız için" in " ".join(leaf.get_textpage().get_text_range() for leaf in paper)


def pages_through(page: Page) -> None:
    """Turn a page by its key and by the strip."""
    now = page.locator("[data-page-now]")
    page.get_by_role("link", name="Sayfa 1", exact=True).click()
    expect(now).to_have_text("1")
    page.keyboard.press("n")
    expect(now).to_have_text("2")
    expect(page.locator("#page-2 img")).to_be_in_viewport()
    page.keyboard.press("p")
    expect(now).to_have_text("1")


def approves_one_in_two_keystrokes(page: Page, application: Application) -> None:
    page.goto(application.case("declaration_not_foreseen"))
    claim(page)
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Başvuruyu onayla")).to_be_visible()
    page.keyboard.press("a")
    assert "onaylandı" in told(page)


def lets_one_wait(page: Page, application: Application) -> None:
    page.goto(application.case("not_started"))
    claim(page)
    page.keyboard.press("b")
    until = date.today() + timedelta(days=9)  # noqa: DTZ011 - the field of a browser on this machine
    page.get_by_label("Bekletilecek gün").fill(until.isoformat())
    page.get_by_role("button", name=re.compile("^Beklet")).last.click()
    assert f"{until:%d.%m.%Y}" in told(page)


def corrects_what_was_misread(page: Page, application: Application) -> None:
    page.goto(application.case("person_name_differs"))
    sees_the_places_of_what_was_read(page)
    declared = page.locator("tr.different td").first.inner_text()
    claim(page)
    page.keyboard.press("o")
    page.get_by_role("link", name=re.compile("Düzelt: soyadı")).click()
    page.get_by_label("Yeni değer").fill(declared.split()[-1])
    page.get_by_label("Neden düzeltiliyor?").fill("Tarama soluk; aslında beyandaki soyadı yazıyor.")
    page.get_by_role("button", name="Düzelt ve yeniden değerlendir").click()
    assert "Ad ya da soyad farklı" in told(page)


def sees_the_places_of_what_was_read(page: Page) -> None:
    """From a row and from a finding to its box on the paper, and from the box back."""
    pointed = page.locator(".mark.pointed")
    page.get_by_role("link", name=re.compile("T.C. kimlik no: belgede göster")).click()
    expect(pointed).to_have_attribute("data-told", re.compile("T.C. kimlik no"))
    page.get_by_role("link", name=re.compile("Yerini göster")).first.click()
    expect(pointed).to_have_attribute("data-told", re.compile("Ad, soyad"))
    expect(pointed).to_be_in_viewport()
    pointed.click()
    expect(page.locator(".question.flash")).to_contain_text("ad ve soyad")


def sees_what_is_done(page: Page, application: Application) -> None:
    """What was decided is in the history of the case, and no more in the queue of the day."""
    page.goto(application.case("no_link", "/history"))
    expect(page.locator("main")).to_contain_text("İade · Ayla Tekin")
    page.goto("/queue")
    for done in ("no_link", "declaration_not_foreseen", "not_started"):
        expect(page.get_by_role("link", name=application.numbers[done])).to_have_count(0)
