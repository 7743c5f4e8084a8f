"""The case page in a browser: findings and boxes, the view of a paper, another paper, numbers, keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from storage.desk.accounts import Role
from tests.review.browser.chromium import chromium
from tests.review.case_samples import served_samples
from tests.review.visiting import Served, Visitor

pytestmark = pytest.mark.slow

NAME, SEVERAL = "/cases/TS-2026-000001", "/cases/TS-2026-000002"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An application with a case whose name differs, and one of two people, a paper each."""
    with served_samples(tmp_path_factory.mktemp("cases"), ("person_name_differs", "mixed")) as found:
        yield found


@pytest.fixture(scope="module")
def page(served: Served) -> Iterator[Page]:
    """A wide page of an officer who has logged in; nothing may go wrong on its console."""
    visitor = Visitor(served.desk, served.url).log_in(Role.REVIEWER, "ayse.ornek")
    cookies = [{"name": c.name, "value": c.value or "", "url": served.url} for c in visitor.http.cookies.jar]
    told: list[str] = []
    with chromium() as browser:
        found = browser.new_page(base_url=served.url, viewport={"width": 1280, "height": 850})
        found.context.add_cookies(cookies)  # type: ignore[arg-type]  # the type of a cookie
        found.on("console", lambda message: told.append(message.text))
        found.on("pageerror", lambda error: told.append(str(error)))
        found.set_default_timeout(15_000)
        yield found
    visitor.close()
    assert told == []


def test_finding_leads_to_its_box_and_the_box_to_its_question(page: Page) -> None:
    page.goto(NAME)
    page.get_by_role("button", name="Sonraki sayfa").click()
    expect(page.locator("[data-page-now]")).to_have_text("2")
    page.keyboard.press("f")
    box = page.locator(".mark.review.pointed")
    expect(box).to_be_in_viewport()
    expect(page.locator("[data-told-here]")).to_contain_text("Ad, soyad")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    box.locator("rect").click()
    expect(page.locator(".question.review").first).to_be_in_viewport()


def test_box_of_a_field_tells_what_was_read(page: Page) -> None:
    page.goto(NAME)
    page.locator('.mark[data-place="issued_on"] rect').click()
    expect(page.locator("[data-told-here]")).to_contain_text("Belge tarihi: ")


def test_row_of_the_comparison_leads_to_its_place(page: Page) -> None:
    page.goto(NAME)
    page.get_by_role("link", name="Son dönem: belgede göster").click()
    expect(page.locator('.mark.pointed[data-place^="records."]')).to_be_in_viewport()


def test_boxes_stay_on_their_words_when_the_page_is_zoomed_and_turned(page: Page) -> None:
    page.goto(NAME)
    parts = """() => {
        const turn = document.querySelector(".turn").getBoundingClientRect();
        const box = document.querySelector(".mark.pointed rect").getBoundingClientRect();
        return [(box.x - turn.x) / turn.width, (box.y - turn.y) / turn.height, turn.width, turn.height];
    }"""
    x, y, width, height = page.evaluate(parts)
    page.keyboard.press("+")
    zoomed = page.evaluate(parts)
    assert zoomed == pytest.approx([x, y, width * 1.25, height * 1.25], rel=0.03)
    page.keyboard.press("0")
    page.keyboard.press("r")
    turned_x, turned_y, turned_width, turned_height = page.evaluate(parts)
    assert turned_width == pytest.approx(
        page.evaluate("document.querySelector('.leaves').clientWidth"), rel=0.01
    )
    assert turned_width / turned_height == pytest.approx(height / width, rel=0.01)
    assert turned_y == pytest.approx(x, abs=0.02)  # what was at the left is on top
    assert turned_x > 1 - y - 0.05


def test_next_paper_takes_the_place_of_the_open_one_and_can_be_viewed_as_well(page: Page) -> None:
    page.goto(SEVERAL)
    expect(page.locator("#paper")).to_have_attribute("data-open", "0")
    page.keyboard.press("d")
    expect(page.locator("#paper")).to_have_attribute("data-open", "1")
    page.keyboard.press("+")
    zoom = "document.querySelector('.leaves').style.getPropertyValue('--zoom')"
    assert float(page.evaluate(zoom)) > 1
    page.get_by_role("link", name="Ad soyad: belgede göster").first.click()
    expect(page.locator("#paper")).to_have_attribute("data-open", "0")
    expect(page.locator(".mark.pointed")).to_be_in_viewport()


def test_number_is_shown_in_place(page: Page) -> None:
    page.goto(NAME)
    masked = page.locator("#number-0").inner_text()
    page.get_by_role("button", name="T.C. kimlik numarasını göster").click()
    expect(page.locator("#number-0")).not_to_contain_text("*")
    assert page.locator("#number-0").inner_text()[:2] == masked[:2]
    assert page.locator("#read-0-0").inner_text() == page.locator("#number-0").inner_text()
    page.reload()
    expect(page.locator("#number-0")).to_have_text(masked)


def test_claim_is_taken_by_a_key_and_renewed_when_somebody_works_on(page: Page) -> None:
    page.clock.install()
    page.goto(NAME)
    page.keyboard.press("c")
    expect(page.locator("#claim")).to_contain_text("Başvuru sizde")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    with page.expect_response("**/claim") as renewed:
        page.clock.fast_forward("05:00")
        page.mouse.move(400, 400)
        page.mouse.move(410, 400)
    assert "Başvuru sizde" in renewed.value.text()
    page.get_by_role("button", name="Bırak").click()
    expect(page.locator("#claim")).to_contain_text("şu anda kimse bakmıyor")


def test_history_comes_when_it_is_opened(page: Page) -> None:
    page.goto(NAME)
    page.get_by_role("heading", name="Geçmiş").click()
    expect(page.locator(".history")).to_contain_text("Kayıt tarihi")


def test_nothing_is_wider_than_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (NAME, SEVERAL):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 850})
