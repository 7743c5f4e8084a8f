"""When a night rings an alarm. Pure comparisons; `flows.night_events` tells Prefect, whose automations tell people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from storage.nights import LookBack, Night, flagged_share
from storage.settings import Settings

Payload: TypeAlias = Mapping[str, str | int | float]

ENOUGH = 20
"""Applications judged in a night, and in those before it, from which on shares are compared: one of three is chance."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm by its name, with the figure that rang it and the limit that it passed."""

    name: str
    payload: Payload


def alarms(back: LookBack, settings: Settings) -> Iterator[Alarm]:
    """Yield the alarms of a night."""
    rung = (
        flagged_jump(back.night, back.earlier, settings.alarm_flagged_jump),
        too_many_failures(back.night.counts.failed, settings.alarm_failures),
        queue_too_old(back.queue_days, settings.alarm_queue_days),
    )
    yield from (alarm for alarm in rung if alarm is not None)


def flagged_jump(night: Night, earlier: Sequence[Night], limit: float) -> Alarm | None:
    """Ring when the flagged share is above that of the nights before, all together, by more than `limit` (0 to 1).

    A fall rings nothing: it is seen in the summary. Too few applications (`ENOUGH`) tell nothing.
    """
    share, usual = flagged_share([night]), flagged_share(earlier)
    if share is None or usual is None or min(night.judged, sum(each.judged for each in earlier)) < ENOUGH:
        return None
    # Rounded, so that a jump by exactly the limit rings on no machine.
    if round(share - usual, 9) <= limit:
        return None
    return Alarm("flagged-share", {"share": round(share, 3), "usual": round(usual, 3), "limit": limit})


def too_many_failures(failed: int, limit: int) -> Alarm | None:
    """Ring when more applications than the limit are left behind that failed technically, parked ones too."""
    return Alarm("failures", {"failed": failed, "limit": limit}) if failed > limit else None


def queue_too_old(days: float | None, limit: int) -> Alarm | None:
    """Ring when the oldest application that waits after the night is older than so many days."""
    if days is None or days <= limit:
        return None
    return Alarm("queue-age", {"days": round(days, 1), "limit": limit})
