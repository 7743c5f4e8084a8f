"""What holds until a moment, and does not outlast a clock that was wrong.

Whatever is held for a time is written down with the moment of its end. Where that moment is farther away than anything
is ever held for, it was written by a clock that was ahead: it has ended, or it would hold until that wrong day.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_

SLACK = timedelta(minutes=1)
"""How far the clocks of several machines may be apart."""


def holds(until: Any, moment: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Return the condition that something which is held for so long at most is held at a moment.

    `until` is the column with the moment of its end; the condition is null where that is null.
    """
    return and_(until > moment, until <= moment + longest + SLACK)


def is_held(until: datetime | None, moment: datetime, longest: timedelta) -> bool:
    """Return whether something which is held for so long at most is held at a moment."""
    return until is not None and moment < until <= moment + longest + SLACK
