"""Until when, and how much, a batch may read: what it does not get to waits for the next one, in its order."""

import threading
from datetime import datetime, time, timedelta

from storage.columns import now
from validators.application import ISTANBUL


class Bounds:
    """The bounds of one batch; threads may take at the same time.

    `until` is the moment after which nothing more is claimed, `limit` how many readings may be begun; None: no bound.
    """

    def __init__(self, until: datetime | None = None, limit: int | None = None) -> None:
        self.until = until
        self._left = limit
        self._lock = threading.Lock()

    @property
    def reached(self) -> bool:
        """Whether nothing more may be claimed."""
        return self.room(1) == 0

    def room(self, wanted: int) -> int:
        """Return how many of the wanted readings may still be begun."""
        if self.until is not None and now() >= self.until:
            return 0
        return wanted if self._left is None else min(wanted, self._left)

    def take(self, wanted: int) -> int:
        """Return how many of the wanted readings may be begun, and count them as begun."""
        with self._lock:
            taken = self.room(wanted)
            if self._left is not None:
                self._left -= taken
        return taken

    def give_back(self, count: int) -> None:
        """Count readings that were taken and not begun as not taken."""
        with self._lock:
            if self._left is not None:
                self._left += count


def next_moment(clock: str, after: datetime) -> datetime | None:
    """Return when the clocks of Istanbul show this time (`06:30`) next after a moment; None for an empty one."""
    if not clock:
        return None
    here = after.astimezone(ISTANBUL)
    today = datetime.combine(here.date(), time.fromisoformat(clock), ISTANBUL)
    return today if today > here else today + timedelta(days=1)
