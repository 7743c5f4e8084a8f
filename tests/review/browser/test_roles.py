"""Each role is refused where it must be, and is offered no way there."""

import pytest
from playwright.sync_api import expect

from storage.desk.accounts import Role
from tests.review.access_table import TABLE
from tests.review.browser.application import STAFF, Application
from tests.review.browser.chromium import Heard
from tests.review.browser.conftest import Visit

pytestmark = pytest.mark.slow
BY_ROLE = {role: name for name, (_, role) in STAFF.items()}


def pages_of(application: Application) -> dict[str, tuple[Role, ...]]:
    """Every page that somebody may open by its address, with those who may."""
    number = application.numbers["person_no_evidence"]
    places = {"{application_id}": number, "{document:int}": "0", "{page:int}": "1", "{number:int}": "1"}
    found = {}
    for (method, path), roles in TABLE.items():
        for place, value in places.items():
            path = path.replace(place, value)  # noqa: PLW2901 - filled place by place
        if method == "GET" and "{" not in path:
            found[path] = roles
    return found


@pytest.mark.parametrize("role", Role)
def test_role_opens_its_pages_and_no_others(
    visit: Visit, application: Application, heard: Heard, role: Role
) -> None:
    page = visit(BY_ROLE[role])
    pages = pages_of(application)
    assert len(pages) > 10
    refused = [path for path in pages if page.request.get(path, max_redirects=0).status == 403]
    assert refused == [path for path, roles in pages.items() if role not in roles]
    offered = [str(link.get_attribute("href")) for link in page.locator("nav.places a").all()]
    assert all(role in pages[path] for path in offered)
    page.goto(refused[0])
    expect(page.get_by_role("heading", name="Buna yetkiniz yok")).to_be_visible()
    assert len(heard.complaints) == 1  # the browser's own line on the answer 403
    heard.complaints.clear()


def test_health_service_provider_is_offered_the_query_and_nothing_else(visit: Visit) -> None:
    page = visit("hastane")
    assert page.url.endswith("/query")
    assert [link.get_attribute("href") for link in page.locator("nav.places a").all()] == ["/query"]


def test_auditor_sees_a_case_without_its_numbers_and_decides_nothing(
    visit: Visit, application: Application
) -> None:
    page = visit("denetci")
    page.goto(application.case("person_no_evidence"))
    expect(page.locator(".number").nth(1)).to_contain_text("*********")
    for name in ("Üzerime al", "Göster"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_text("Rolünüz karar vermeye yetmiyor")).to_be_visible()
