"""Retention: what is kept no longer than it is needed (KVKK m.4(2)(d), m.7), destroyed in small steps.

Every class of data has a period in the settings, none of them endless. Nothing of an open case is destroyed, nor what a
running employment or the certificates in force rest on. Rows go first, each step in a transaction of its own with its
entry in the destruction log; files go when no row needs them any more. A run that was killed at any moment is continued
by the next one.
"""

from storage.retention.periods import DataClass, Periods, periods_of
from storage.retention.running import Report, destroy_due, preview, run_retention

__all__ = ["DataClass", "Periods", "Report", "destroy_due", "periods_of", "preview", "run_retention"]
