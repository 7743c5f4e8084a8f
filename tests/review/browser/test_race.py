"""Two officers and one case: one decides it, the other is told so and loses nothing."""

import re

import pytest
from playwright.sync_api import expect

from tests.review.browser.application import Application
from tests.review.browser.chromium import Heard
from tests.review.browser.conftest import Visit

pytestmark = pytest.mark.slow


def test_whoever_claims_first_has_the_case_and_the_other_is_told(
    visit: Visit, application: Application
) -> None:
    first, second = visit("ayla"), visit("baris")
    for page in (first, second):
        page.goto(application.case("employment_ended"))
    first.get_by_role("button", name="Üzerime al").click()
    expect(first.get_by_text("Başvuru sizde")).to_be_visible()
    second.get_by_role("button", name="Üzerime al").click()
    expect(second.get_by_text("Bu başvuruya Ayla Tekin bakıyor")).to_be_visible()
    expect(second.get_by_role("link", name=re.compile("^Onayla"))).to_have_count(0)
    expect(first.get_by_role("link", name=re.compile("^Onayla"))).to_be_visible()


def test_whoever_decides_second_is_told_what_the_first_decided(
    visit: Visit, application: Application, heard: Heard
) -> None:
    first, second = visit("ayla"), visit("baris")
    path = application.case("start_date_too_old")
    first.goto(f"{path}/decide/return")
    second.goto(path)
    expect(second.get_by_text("Bu başvuru Ayla Tekin adlı görevlide")).to_be_visible()
    second.goto(f"{path}/decide/return")
    expect(second.get_by_role("alert")).to_be_visible()
    assert len(heard.complaints) == 1  # the browser's own line on the answer 409
    heard.complaints.clear()
    first.get_by_role("button", name="İade et").click()
    first.wait_for_url("**/decisions/*")
    second.goto(path)
    expect(second.get_by_text("Bu başvuru hakkında karar verilmiş: iade edildi")).to_be_visible()


def test_a_block_is_approved_by_two_people_only(visit: Visit, application: Application) -> None:
    reviewer, supervisor = visit("ayla"), visit("selin")
    reviewer.goto(f"{application.case('employer_different')}/decide/approve")
    reviewer.get_by_label("Engele rağmen neden onaylanmalı?").fill("Unvan değişikliği sicilde yayımlanmış.")
    reviewer.get_by_role("button", name="İkinci onaya gönder").click()
    reviewer.wait_for_url("**/decisions/*")
    reviewer.goto("/proposals")
    reviewer.get_by_role("link", name=re.compile(application.numbers["employer_different"])).first.click()
    expect(reviewer.get_by_role("radio")).to_have_count(0)
    supervisor.goto(reviewer.url)
    supervisor.get_by_role("radio").first.check()
    supervisor.get_by_role("button", name=re.compile("Kaydet|Yanıt|Gönder")).click()
    supervisor.goto(application.case("employer_different"))
    expect(supervisor.locator(".case-head")).to_contain_text("Onaylandı")
