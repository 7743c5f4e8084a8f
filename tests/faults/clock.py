"""A clock that can be put to any moment, for all that asks kanit's own or Python's time of day."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from unittest.mock import patch

from storage import columns


class Clock:
    """Shows the real time, moved by `ahead`. What measures how long something takes is not moved, as on any machine."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self.ahead = ahead

    def jump(self, by: timedelta) -> None:
        """Put the clock forwards or back."""
        self.ahead += by

    def put(self, moment: datetime) -> None:
        """Let it be that moment now."""
        self.ahead = moment - datetime.now(moment.tzinfo)

    @contextmanager
    def in_place(self) -> Iterator["Clock"]:
        """Stand in for the machine's clock while the block runs."""
        clock, seconds = self, time.time

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # plain datetimes, as all others
                return datetime.now(tz) + clock.ahead

        with (
            patch.object(columns, "datetime", Moved),
            patch.object(time, "time", lambda: seconds() + clock.ahead.total_seconds()),
        ):
            yield self
