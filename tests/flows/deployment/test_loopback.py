"""Nothing leaves the machine: neither server, worker and batch, nor the dashboard in a browser."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.flows.deployment.conftest import Served
from tests.flows.helpers import TIMEOUT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = shutil.which("chromium")


def _can_have_a_network_of_ones_own() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.timeout(600)
@pytest.mark.skipif(not _can_have_a_network_of_ones_own(), reason="network namespaces are not allowed here")
def test_server_worker_and_batch_never_try_to_leave_the_machine(small_inbox: Path, tmp_path: Path) -> None:
    module = [sys.executable, "-m", "tests.flows.deployment.offline"]
    command = ["unshare", "-rn", *module, str(small_inbox), str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=2 * TIMEOUT
    )
    found = json.loads(done.stdout)
    assert found["state"] == "COMPLETED", found["log"]
    assert found["attempts"] == 0, found["log"]
    assert found["seen"] >= 3, "attempts would have been counted"
    busy = found["log"].count("to retry, 0 dropped)")  # SQLite was locked for a moment; Prefect tries again
    assert found["log"].count("ERROR") == busy, found["log"]
    assert busy or "Traceback" not in found["log"], found["log"]


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_dashboard_asks_nobody_but_its_own_server(served: Served) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        for path in ("/", "/deployments", "/automations", "/runs"):
            page.goto(f"{served.base}{path}")
            page.wait_for_load_state("networkidle")
            assert "/v2" not in page.url
        page.goto(f"{served.base}/deployments")
        page.get_by_text("recheck").first.wait_for()
        browser.close()
    assert any("/api/deployments" in url for url in asked)
    foreign = {url for url in asked if urlsplit(url).netloc not in ("", f"127.0.0.1:{served.port}")}
    assert foreign == set()
