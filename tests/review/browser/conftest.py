"""One application and one browser for the tests of this folder, as long as a worker runs them one after the other.

No longer than for this folder: while Playwright runs, nothing else of its thread can have an event loop.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.review.browser.application import Application, review_application
from tests.review.browser.chromium import Heard, chromium, log_in, visiting

Visit = Callable[..., Page]
CASES = (
    "no_link",
    "declaration_not_foreseen",
    "not_started",
    "person_name_differs",
    "employment_ended",
    "start_date_too_old",
    "employer_different",
    "person_no_evidence",
)
"""What is in the queue. Each test that decides takes cases of its own: nothing hangs on the order of tests."""
SECONDS = 20_000


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def application(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The running application; not started where no browser could visit it."""
    assert browser.is_connected()
    with review_application(tmp_path_factory.mktemp("office"), CASES) as served:
        yield served


@pytest.fixture
def heard(application: Application) -> Iterator[Heard]:
    """What the pages of a test asked for and complained of: nothing, or the test fails."""
    found = Heard(application.url)
    yield found
    assert found.outside == []
    assert found.complaints == []


@pytest.fixture
def visit(browser: Browser, application: Application, heard: Heard) -> Iterator[Visit]:
    """Open a browser profile: `visit()` as a guest, `visit("ayla")` logged in; options are those of a context."""
    with ExitStack() as stack:

        def open_one(name: str = "", **options: Any) -> Page:
            page = stack.enter_context(visiting(browser, application.url, heard, **options))
            page.set_default_timeout(SECONDS)
            if name:
                log_in(page, name)
            return page

        yield open_one
