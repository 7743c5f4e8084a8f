"""How a run tells Prefect's server what it does: keeping it for later, and ending, while the server does not answer.

Prefect's own client tries anew for each event, seven seconds and more. A run whose server is gone would so take hours
to end, for the events of some thousand tasks. And at its end it drops what the server has not confirmed.
"""

import asyncio
import time
from contextlib import suppress
from types import TracebackType

from prefect.events import Event, utilities
from prefect.events.clients import RETRYABLE_EXCEPTIONS, PrefectEventsClient
from prefect.events.worker import EventsWorker
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL

REST_SECONDS = 10.0
"""How long a server that did not answer is not asked again: well below the time after which a run whose heartbeats it
does not hear counts as dead."""
FAREWELL_SECONDS = 30.0
"""How long the end of a run is put off so that the server gets what it has not confirmed: a server that is started
anew answers by then, and a run whose server stays away still ends soon."""
_AGAIN_SECONDS = 2.0


class PatientEvents(PrefectEventsClient):
    """Prefect's client; events are sent with the first one that reaches the server again."""

    patience = FAREWELL_SECONDS
    """0 where no server will ever answer again."""
    _asked_again = 0.0

    async def _emit(self, event: Event) -> None:
        if time.monotonic() < self._asked_again:
            self._unconfirmed_events.append(event)
            return
        try:
            await super()._emit(event)
        except RETRYABLE_EXCEPTIONS:
            self._asked_again = time.monotonic() + REST_SECONDS
            raise

    async def _reconnect(self) -> None:
        self._asked_again = 0.0  # or what it sends anew would be kept again, and taken for confirmed later
        await super()._reconnect()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                await self._confirm_all()
        await super().__aexit__(kind, error, trace)

    async def _confirm_all(self) -> None:
        connected = self._websocket is not None
        while self._unconfirmed_events:
            try:
                if not connected:
                    await self._reconnect()  # which sends what is not confirmed
                await self._force_checkpoint()
            except RETRYABLE_EXCEPTIONS:
                connected = False
                await asyncio.sleep(_AGAIN_SECONDS)


def deliver_patiently() -> None:
    """Let the events of this process go by `PatientEvents`; to be called before the first of them."""
    api_url = PREFECT_API_URL.value() or SubprocessASGIServer().api_url
    EventsWorker.set_client_override(PatientEvents, api_url=api_url)
    # `emit_event` drops heartbeats, and all else, when the client is none of those that its module names.
    vars(utilities)[PrefectEventsClient.__name__] = PatientEvents
