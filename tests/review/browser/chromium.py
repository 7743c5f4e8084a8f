"""A browser as an officer's: opened, told who logs in, and listened to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    ViewportSize,
    sync_playwright,
)

from tests.papers.with_html import browser as program
from tests.review.browser.application import PASSWORD

OPTIONS: Final = (
    "--no-sandbox",  # the sandbox cannot start as root in a container; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK: Final = ViewportSize(width=1280, height=900)
TELEPHONE: Final = ViewportSize(width=390, height=844)
MISSING: Final = "no Chromium is installed (Debian: apt-get install chromium)"


def launch(playwright: Playwright) -> Browser | None:
    """Start the Chromium of this machine; return None where there is none."""
    found = program()
    return playwright.chromium.launch(executable_path=found, args=list(OPTIONS)) if found else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine; skip the test where there is none."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        if found is None:
            pytest.skip(MISSING)
        yield found
        found.close()


@dataclass
class Heard:
    """What pages asked for outside their origin, and what their consoles complained of."""

    url: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hear everything of a page from now on."""
        page.on("request", self._asked)
        page.on("console", self._printed)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.outside.append(request.url)

    def _printed(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.location.get('url')}: {message.text}")


@contextmanager
def visiting(browser: Browser, url: str, heard: Heard | None = None, **options: Any) -> Iterator[Page]:
    """Open a page in a browser profile of its own."""
    given = {"viewport": DESK, "locale": "tr-TR", "timezone_id": "Europe/Istanbul", **options}
    context = browser.new_context(base_url=url, **given)
    try:
        page = context.new_page()
        if heard:
            heard.listen(page)
        yield page
    finally:
        context.close()


def log_in(page: Page, name: str) -> None:
    """Log in by the page for it."""
    page.goto("/login")
    page.get_by_label("Kullanıcı adı").fill(name)
    page.get_by_label("Parola").fill(PASSWORD)
    page.get_by_role("button", name="Giriş yap").click()
    page.wait_for_url(lambda address: not address.endswith("/login"))
