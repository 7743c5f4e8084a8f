"""When a night that is killed again and again is no longer begun by itself."""

from datetime import timedelta

from prefect.runtime import deployment

from storage.columns import now
from storage.database import Database
from storage.runs import interrupted_lately

MOST_CRASHES = 5
"""Nights one after the other that may be killed before nobody starts the next one by itself."""
CRASHES_WITHIN = timedelta(hours=6)
"""Time in which they count: the schedule's next night is tried again."""


class NightKeepsCrashing(Exception):
    """`MOST_CRASHES` nights in a row were killed: something on this machine needs a human."""


def refuse_endless_crashes(database: Database, inbox: str) -> None:
    """End a deployed run whose forerunners were killed again and again; one started by hand goes on.

    A crashed night is begun anew by an automation, which counts nothing. Raises NightKeepsCrashing.
    """
    if deployment.id is None:
        return
    crashes = interrupted_lately(database, inbox, now() - CRASHES_WITHIN)
    if crashes >= MOST_CRASHES:
        raise NightKeepsCrashing(f"{crashes} nights in a row were killed")
