"""Events of a run whose server is gone: they are kept, and its end does not wait for each of them."""

import subprocess
import sys
from pathlib import Path

from tests.flows.helpers import TIMEOUT

_EMIT = """
import sys, time
from pathlib import Path
from flows.prefect_settings import prepare_prefect
prepare_prefect(Path(sys.argv[1]))
from prefect.events import emit_event
from prefect.events.clients import PrefectEventsClient
from flows.event_delivery import deliver_patiently
asked = []
reconnect = PrefectEventsClient._reconnect
async def counted(self):
    asked.append(1)
    await reconnect(self)
PrefectEventsClient._reconnect = counted
deliver_patiently()
for number in range(200):
    assert emit_event(event="kanit.test", resource={"prefect.resource.id": f"kanit.test.{number}"}) is not None
from prefect.events.worker import EventsWorker
EventsWorker.drain_all()
print(len(asked))
"""


def test_a_server_that_does_not_answer_is_not_asked_for_every_event(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _EMIT, str(tmp_path)],
        env={"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # The client asks some times when it is made, and as often for the first event.
    assert 0 < int(done.stdout) < 30
